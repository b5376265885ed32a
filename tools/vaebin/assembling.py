"""The stage `assemble`: the sequences of each bin alone, to contigs, by an assembler of others."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vaebin import assemblers, markers, sequences
from vaebin.assemblers import AssemblyError
from vaebin.config import AssembleConfig
from vaebin.contiguity import n50
from vaebin.errors import InputError, MismatchError
from vaebin.formats import bins as bin_table
from vaebin.formats import summary as summaries
from vaebin.formats import table
from vaebin.formats.assemblies import COLUMNS, FORMAT, MARKERS, OF_MARKERS, VERSION
from vaebin.processors import processors
from vaebin.progress import log
from vaebin.resuming import Stage, alone_in, perform

TABLE = "summary.tsv"
ASSEMBLED, SPARED, FAILED = "assembled", "not assembled", "failed"
_LEFTOVERS = (f".{TABLE}.*.part", ".bin_*.part", ".vaebin.*.part")


@dataclass(frozen=True)
class Bin:
    """A bin: the file of its sequences, its depth in other reads over a base, its estimated size in bases; or None."""

    name: str
    reads: Path
    depth: float | None
    size: int | None

    def spared(self, config: AssembleConfig) -> str:
        """Why it is not worth assembling; nothing where it is."""
        if config.min_depth and self.depth is None:
            return "depth unknown"
        if self.depth is not None and self.depth < config.min_depth:
            return f"depth {self.depth:g} < {config.min_depth:g}"
        if self.size is not None and self.size < config.min_size:
            return f"size {self.size} < {config.min_size}"
        return ""


def assemble(
    files: Path,
    summary: Path,
    folder: Path,
    config: AssembleConfig | None = None,
    *,
    profiles: Path | None = None,
    table_only: bool = False,
    force: bool = False,
    threads: int = 0,
) -> None:
    """Assemble bins one after the other into `folder`: one FASTA file each, and a table of all of them.

    `files` is the table that `extract` wrote beside the bins' sequences, `summary` the one of `cluster`. A bin that is
    assembled already, from the same sequences in the same way, is kept, unless `force`. One that cannot be assembled
    is told in the table, with its log beside. With `profiles` of marker genes (see `markers`) they are counted in each
    assembly. With `table_only` the table tells of what is in the folder.
    Raises InputError where the assembler is not on PATH, or `folder` is that of the sequences, MismatchError where the
    tables are of other bins.
    """
    config = config or AssembleConfig()
    if folder.resolve() == files.resolve().parent:
        raise InputError(f"{folder}: holds the bins' sequences, which contigs could overwrite; give another folder")
    if not table_only:
        assemblers.require(config)
    searched = markers.read(profiles) if profiles else []
    bins, threads = read_bins(files, summary), threads or processors()
    with alone_in(folder, _LEFTOVERS):
        if not table_only:
            _assemble_all([b for b in bins if not b.spared(config)], folder, config, force, threads)
        if profiles:
            done = [one.name for one in bins if _status(one, folder, config) == ASSEMBLED]
            perform([_counting(name, folder, profiles, searched, threads) for name in done], folder)
        table.write(
            folder / TABLE, FORMAT, VERSION, COLUMNS, (_row(one, folder, config, bool(profiles)) for one in bins)
        )
    log.info("%s in %s", tally(folder), folder)


def read_bins(files: Path, summary: Path) -> list[Bin]:
    """The bins that have a file of sequences, in the order of `files`."""
    known = {bin_table.name(row.number): row for row in summaries.read(summary)}
    found = []
    for row in _rows(files, bin_table.SEQUENCES, "bin", "file"):
        if row["bin"] == bin_table.UNBINNED:
            continue
        if row["bin"] not in known:
            raise MismatchError(f"{summary}: has no row for {row['bin']} of {files}; give the tables of the same bins")
        told = known[row["bin"]]
        found.append(Bin(row["bin"], files.parent / row["file"], told.depth, told.genome_size))
    return found


def _rows(path: Path, kind: tuple[str, tuple[int, int]], *columns: str) -> Iterator[dict[str, str]]:
    return table.read(path, kind[0], kind[1][0], columns)


def _assemble_all(bins: Sequence[Bin], folder: Path, config: AssembleConfig, force: bool, threads: int) -> None:
    """One bin at a time with all threads, so that memory is that of the largest bin."""
    how = {k: v for k, v in asdict(config).items() if k not in ("min_depth", "min_size")}
    how["programs"] = assemblers.versions(config)
    for one in bins:
        try:
            perform([_stage(one, folder, config, how, threads)], folder, force=force)
        except AssemblyError as error:
            log.warning("%s: %s; its log is %s", one.name, error, _log(folder, one.name))


def _stage(one: Bin, folder: Path, config: AssembleConfig, how: dict[str, object], threads: int) -> Stage:
    contigs = _contigs(folder, one.name)

    def work() -> None:
        contigs.unlink(missing_ok=True)  # of another way to assemble, which a failure must not leave
        assemblers.assemble(one.reads, contigs, _log(folder, one.name), config, threads)

    return Stage(f"assemble {one.name}", how, {one.reads.name: one.reads}, lambda: [contigs], work)


def _counting(name: str, folder: Path, profiles: Path, searched: Sequence[Any], threads: int) -> Stage:
    contigs, output = _contigs(folder, name), _marked(folder, name)

    def work() -> None:
        copies = markers.count([bytes(record.sequence) for record in sequences.read([contigs])], searched, threads)
        table.write(output, *MARKERS, ("marker", "copies"), copies.items())

    return Stage(f"markers of {name}", {}, {contigs.name: contigs, "markers": profiles}, lambda: [output], work)


def _marked(folder: Path, name: str) -> Path:
    return folder / f"{name}.markers.tsv"


def _contigs(folder: Path, name: str) -> Path:
    return folder / f"{name}.fasta"


def _log(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def _row(one: Bin, folder: Path, config: AssembleConfig, marked: bool) -> tuple[object, ...]:
    status = _status(one, folder, config)
    depth = None if one.depth is None else f"{one.depth:.2f}"
    if status != ASSEMBLED:
        return one.name, status, *[None] * 4, one.size, None, depth, None, None
    lengths = np.array([len(record.sequence) for record in sequences.read([_contigs(folder, one.name)])], np.int64)
    length = int(lengths.sum())
    ratio = f"{length / one.size:.3f}" if one.size else None
    quality = _quality(_marked(folder, one.name)) if marked else (None, None)
    return one.name, status, len(lengths), n50(lengths), lengths.max(), length, one.size, ratio, depth, *quality


def _quality(path: Path) -> tuple[str, str]:
    copies = {row["marker"]: int(row["copies"]) for row in _rows(path, MARKERS, "marker", "copies")}
    return f"{markers.completeness(copies):.3f}", f"{markers.contamination(copies):.3f}"


def _status(one: Bin, folder: Path, config: AssembleConfig) -> str:
    if why := one.spared(config):
        return f"{SPARED}: {why}"
    if _contigs(folder, one.name).exists():
        return ASSEMBLED
    log_file = _log(folder, one.name)
    return f"{FAILED}: {assemblers.reason(log_file) if log_file.exists() else 'no contigs and no log'}"


def written(folder: Path) -> list[Path]:
    """The table in `folder`, and the contigs and counted markers that it tells of."""
    rows = table.read(folder / TABLE, FORMAT, VERSION[0], ("bin", "status", "completeness"))
    done = [row for row in rows if row["status"] == ASSEMBLED]
    marked = [_marked(folder, row["bin"]) for row in done if row["completeness"]]
    return [folder / TABLE, *(_contigs(folder, row["bin"]) for row in done), *marked]


def text(folder: Path) -> str:
    """The table in `folder` as aligned lines, without columns of which nothing is known."""
    rows = list(table.read(folder / TABLE, FORMAT, VERSION[0], COLUMNS))
    names = [name for name in COLUMNS if name not in OF_MARKERS or any(row[name] for row in rows)]
    return "\n".join(table.aligned([names, *([row[name] or "-" for name in names] for row in rows)], 2))


def tally(folder: Path) -> str:
    """What is in `folder` in one line."""
    rows = list(table.read(folder / TABLE, FORMAT, VERSION[0], COLUMNS))
    done = [row for row in rows if row["status"] == ASSEMBLED]
    contigs, bases = (sum(int(row[name]) for row in done) for name in ("contigs", "length"))
    failed = sum(row["status"].startswith(FAILED) for row in rows)
    return f"{len(done):,} of {len(rows):,} bins, {contigs:,} contigs, {bases:,} bases" + (
        f"; {failed:,} failed" if failed else ""
    )
