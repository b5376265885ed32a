"""The stage `extract`: the sequences of each bin as a file of their own."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vaebin import sequences
from vaebin.config import ExtractConfig
from vaebin.contiguity import n50
from vaebin.errors import InputError, MismatchError
from vaebin.formats import bins as bin_table
from vaebin.formats import fastx, table
from vaebin.formats.atomic import require_places
from vaebin.formats.bins import Bins
from vaebin.formats.fastx import Files
from vaebin.progress import log, progress
from vaebin.sequences import Record

FORMAT, VERSION = bin_table.SEQUENCES
COLUMNS = ("bin", "file", "sequences", "bases", "n50", "longest", "gc", "mean_probability")


def extract(
    inputs: Sequence[Path],
    bins: Path,
    folder: Path,
    config: ExtractConfig | None = None,
    *,
    summary: Path | None = None,
) -> None:
    """Write the sequences of each bin to a file in `folder`, headers, order and qualities as they were.

    `bins` is the table that `cluster` made of `inputs`. `summary` gets one row a file. Raises MismatchError, and
    leaves no file, where the two hold other sequences; InputError where there is no such bin, and where a sequence
    has no qualities for FASTQ.
    """
    config = config or ExtractConfig()
    known = bin_table.read(bins)
    wanted = _wanted(bins, known, config)
    tallies = {number: _Tally() for number in wanted}
    assigned = known.assigned
    with Files(folder, config.gzip) as files:
        require_places(summary)  # which may lie in the folder that is only made now
        ending = _Ending(config)
        for record, row in _matched(inputs, bins, known, config.ignore_missing):
            number = int(assigned[row])
            if number in tallies:
                name = bin_table.name(number) + ending.of(record)
                files.append(name, ending.text(record))
                tallies[number].add(name, record, float(known.probability[row]))
    _report(folder, tallies)
    if summary:
        numbers = sorted((n for n in tallies if tallies[n].lengths), key=lambda n: n or np.inf)
        table.write(summary, FORMAT, VERSION, COLUMNS, ((bin_table.name(n), *tallies[n].row()) for n in numbers))


def _wanted(path: Path, known: Bins, config: ExtractConfig) -> Collection[int]:
    """Numbers of the bins to write, 0 for the unbinned sequences."""
    sizes = np.zeros(int(known.assigned.max(initial=0)) + 1, np.int64)
    np.add.at(sizes, known.assigned, known.lengths)
    numbers = np.unique(known.assigned[known.assigned > 0]).tolist()
    names = {bin_table.name(number) for number in numbers}
    for name in config.bins:
        if name not in names:
            held = f"bin_1 to {bin_table.name(numbers[-1])}" if numbers else "none"
            raise InputError(f"{path}: there is no bin {name!r}; its bins are {held}")
    chosen = [n for n in numbers if not config.bins or bin_table.name(n) in config.bins]
    large = {n for n in chosen if sizes[n] >= config.min_bin_bases}
    if len(large) < len(chosen):
        few = f"{config.min_bin_bases:,} bases"
        log.info("%s of %s bins have fewer than %s: left out", f"{len(chosen) - len(large):,}", f"{len(chosen):,}", few)
    return large | ({0} if config.unbinned else set())


def _matched(inputs: Sequence[Path], bins: Path, known: Bins, ignore_missing: bool) -> Iterator[tuple[Record, int]]:
    """Each sequence and its row in the bin table; all rows must come."""
    row_of = {name: row for row, name in enumerate(known.ids)}
    seen = np.zeros(len(known.ids), bool)
    passed = 0
    with progress("extract") as advance:
        for record in sequences.read(inputs):
            advance(1)
            row = row_of.get(record.id)
            if row is None:
                if not ignore_missing:
                    raise MismatchError(
                        f"{bins}: does not hold {record.id!r} of the sequences; give the table made of them, "
                        "or --ignore-missing where vectorize left some out"
                    )
                passed += 1
                continue
            _check(record, bins, int(known.lengths[row]), bool(seen[row]))
            seen[row] = True
            yield record, row
    if not seen.all():
        missing = known.ids[int(np.argmin(seen))]
        raise MismatchError(
            f"{bins}: holds {missing!r}, which the sequences do not; give all files that it was made of"
        )
    if passed:
        log.warning("%s sequences are not in the bin table and were passed over", f"{passed:,}")


def _check(record: Record, bins: Path, length: int, seen: bool) -> None:
    if seen:
        raise InputError(f"{record.id!r} stands twice in the sequences; give each an id of its own, and each file once")
    if len(record.sequence) != length:
        raise MismatchError(
            f"{bins}: {record.id!r} has {length} bases, but {len(record.sequence)} in the sequences; "
            "give the sequences that the table was made of"
        )


class _Ending:
    """How a file's name ends and its records read, settled by the first record where the user leaves it open."""

    def __init__(self, config: ExtractConfig) -> None:
        self._format: fastx.Format | None = None if config.format == "auto" else config.format
        self._gzip = ".gz" if config.gzip else ""

    def of(self, record: Record) -> str:
        if self._format is None:
            self._format = "fasta" if record.qualities is None else "fastq"
        return f".{self._format}{self._gzip}"

    def text(self, record: Record) -> bytes:
        if self._format == "fastq" and record.qualities is None:
            raise InputError(f"{record.id!r} has no qualities, which FASTQ needs; write FASTA with --format fasta")
        qualities = record.qualities if self._format == "fastq" else None
        return fastx.record(record.header, record.sequence, qualities)


@dataclass
class _Tally:
    """What one file holds."""

    file: str = ""
    lengths: list[int] = field(default_factory=list)
    gc: int = 0
    acgt: int = 0
    probability: float = 0.0

    def add(self, file: str, record: Record, probability: float) -> None:
        self.file = file
        length = len(record.sequence)
        self.lengths.append(length)
        self.gc += length - len(record.sequence.translate(None, b"GCgc"))  # faster than counting letter by letter
        self.acgt += length - len(record.sequence.translate(None, b"ACGTUacgtu"))
        self.probability += probability

    def row(self) -> tuple[str | int | None, ...]:
        count, bases = len(self.lengths), sum(self.lengths)
        gc = f"{self.gc / self.acgt:.4f}" if self.acgt else None
        mean = f"{self.probability / count:.4f}"
        return self.file, count, bases, n50(np.array(self.lengths)), max(self.lengths), gc, mean


def _report(folder: Path, tallies: dict[int, _Tally]) -> None:
    written = {tally.file for tally in tallies.values() if tally.lengths}
    if not written:
        log.warning("no bin to write")
    total = sum(len(tally.lengths) for tally in tallies.values())
    log.info("%s sequences in %s files in %s", f"{total:,}", f"{len(written):,}", folder)
    others = [p.name for what in ("bin_*", "unbinned") for p in sorted(folder.glob(f"{what}.fast[aq]*"))]
    if others := [name for name in others if name not in written]:
        log.warning("%s: still holds %s of an earlier run", folder, ", ".join(others[:3]) + ", ..." * (len(others) > 3))
