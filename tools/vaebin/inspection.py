"""What a file is and holds: any of our formats, tables of others, or sequences, told by content."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vaebin import contents, identity, sequences
from vaebin.errors import FormatError, InputError, VaebinError
from vaebin.formats import container, depths, tensors, truth
from vaebin.formats import table as tables
from vaebin.progress import log, progress

_SHOWN = 10  # items of a list that are printed
_LABELS = {"n50": "N50", "kmers_in_sketches": "k-mers in sketches"}  # of figures that do not go by their name
_TRUTH_COLUMNS = truth.Columns("read_id", "species")


@dataclass(frozen=True)
class Inspection:
    """A file: what it is in words, format and version and writer where it says them, parameters, and plain figures."""

    what: str
    figures: Mapping[str, Any]
    format: str | None = None
    version: list[int] | None = None
    writer: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


def inspect(path: Path) -> Inspection:
    """What the file is and holds.

    Raises InputError where there is no such file or it is none that we know, FormatError where it is damaged or of a
    later version.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory; expected a file")
    if not path.exists():
        raise InputError(f"{path}: no such file")
    header = container.header(path) or tensors.header(path) or contents.read_json(path)
    if header.get("format") in contents.OURS:
        what, figures = contents.OURS[header["format"]]
        return Inspection(
            what, figures(path), header["format"], header["version"], header.get("writer"), header.get("parameters", {})
        )
    if title := tables.title(path):
        what, figures = contents.OURS.get(title[0], ("table", contents.of_table(*title)))
        return Inspection(what, figures(path), *title)
    return _of_others(path)


def inspect_all(paths: Sequence[Path]) -> list[tuple[Path, Inspection]]:
    """Each file that can be told, and what it is; of others among several files a warning says why they cannot."""
    found = []
    for path in paths:
        try:
            found.append((path, inspect(path)))
        except VaebinError as error:
            if len(paths) == 1:
                raise
            log.warning("%s", error)
    return found


def text(path: Path, found: Inspection) -> str:
    """An inspection as aligned lines under the file's name."""
    rows = [("what", found.what)]
    if found.format and found.version:
        by = f", written by {found.writer}" if found.writer else ""
        rows.append(("format", f"{found.format} {'.'.join(map(str, found.version))}{by}"))
    rows += [
        (_LABELS.get(name, name.replace("_", " ")), _shown(value))
        for name, value in found.figures.items()
        if value is not None
    ]
    if found.parameters:
        rows.append(("parameters", _shown(found.parameters)))
    indent = 4 + max(len(name) for name, _ in rows)
    width = shutil.get_terminal_size().columns
    lines = [
        textwrap.fill(value, width, initial_indent=f"  {name}".ljust(indent), subsequent_indent=" " * indent)
        for name, value in rows
    ]
    return "\n".join([str(path), *lines])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key.replace('_', ' ')} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        more = f" and {len(value) - _SHOWN:,} more" if len(value) > _SHOWN else ""
        return ", ".join(map(_shown, value[:_SHOWN])) + more or "none"
    return "none" if value is None else str(value)


def _of_others(path: Path) -> Inspection:
    kind = sequences.kind(path)
    if kind == "FASTQ" and _is_biobox(path):
        return Inspection("biobox: bins or a truth in CAMI's format", _labels(path))
    if kind:
        return Inspection(f"sequences in {kind}", _sequences(path))
    try:
        cells = next(tables.lines(path, "a table"), "").split("\t")
    except FormatError:
        cells = []
    if depths.is_first_line(cells):
        found = depths.read(path)
        means = dict(zip(found.samples, found.values.mean(0).tolist(), strict=True)) if len(found.values) else {}
        return Inspection("table of the depth of contigs", {"contigs": len(found.values), "mean_depths": means})
    if len(cells) > 1:
        return _table(path, cells)
    raise InputError(f"{path}: neither a file of vaebin's nor sequences nor a table; see the formats in the README")


def _is_biobox(path: Path) -> bool:
    try:
        return truth.kind(path) == "biobox"
    except FormatError:  # compressed otherwise than in gzip
        return False


def _table(path: Path, cells: list[str]) -> Inspection:
    if len(cells) == 2 or {*_TRUTH_COLUMNS[:2]} <= {*cells}:
        return Inspection("table of labels, such as a truth", _labels(path))
    return Inspection("table", {"columns": cells})


def _labels(path: Path) -> dict[str, Any]:
    found = truth.read(path, _TRUTH_COLUMNS)
    bases = None if found.lengths is None else int(found.lengths.sum())
    return {"sequences": len(found.ids), "bases": bases, "labels": len({*found.labels} - {""})}


def _sequences(path: Path) -> dict[str, Any]:
    lengths: list[int] = []
    errors: list[float] = []
    with progress("inspect") as advance:
        for record in sequences.read([path]):
            advance(1)
            lengths.append(len(record.sequence))
            if record.qualities:
                errors.append(identity.mean_error(record.qualities))
    quality = round(float(-10 * np.log10(np.median(errors))), 2) if errors else None
    return {**contents.sizes(np.array(lengths, np.int64)), "median_quality": quality}
