"""Tables that give each sequence a label: a truth, or the bins of any binner. Specified in README.md."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import FormatError, InputError
from vaebin.formats import bins, table

Kind = Literal["bins", "biobox", "sequences", "table"]

_BIOBOX = re.compile(r"@@|@(version|sampleid)\s*:", re.IGNORECASE)
_CHROMOSOME = re.compile(r"(?:^|[;\s])chromosome=([^;]*)")


class Columns(NamedTuple):
    """Names of the columns of a table that hold the id, the label and, where there is one, the length in bases."""

    id: str
    label: str
    length: str = "length"


_BIOBOX_COLUMNS = Columns("SEQUENCEID", "BINID", "LENGTH")


@dataclass(frozen=True)
class Labels:
    """Labels of n sequences, in the file's order; an empty one says unbinned, or of unknown origin.

    lengths: (n,) int64 bases, or None where the file does not give them for each.
    """

    ids: list[str]
    labels: list[str]
    lengths: NDArray[np.int64] | None


class _Row(NamedTuple):
    where: str  # "line 7" or "record 7"
    id: str
    label: str
    length: str | None


def kind(path: Path) -> Kind:
    """What a file holds by its first line that says something: our bins, a biobox, sequences, or another table."""
    for line in _lines(path):
        if line.split()[:2] == ["#", bins.FORMAT]:
            return "bins"
        if line and not line.startswith("#"):
            if _BIOBOX.match(line):
                return "biobox"
            return "sequences" if line[0] in ">@" else "table"
    return "table"


def read(path: Path, columns: Columns) -> Labels:
    """Read our bin table, a biobox binning, or a tab-separated table, plain or gzipped.

    A table has a line of column names that `columns` picks from, or just two columns, id and label, and no names.
    Lines that start with # are passed over; the label `unbinned` is none. An id may stand twice only with one label.
    Raises FormatError where the file is not such a table, InputError where an id has two labels.
    """
    found = kind(path)
    if found == "bins":
        rows = _our_rows(path, columns)
    elif found == "biobox":
        rows = _biobox_rows(path)
    else:
        rows = _table_rows(path, columns)
    return collect(path, rows)


def collect(path: Path, rows: Iterable[_Row]) -> Labels:
    """Rows as one table, each id once; see `read`."""
    labels: dict[str, str] = {}
    lengths: list[int] = []
    for row in rows:
        if (before := labels.setdefault(row.id, row.label)) != row.label:
            raise InputError(
                f"{path}: {row.where}: {row.id!r} has the label {row.label!r}, and before {before!r}; "
                "give each sequence one"
            )
        if len(labels) > len(lengths):
            lengths.append(_bases(path, row))
    known = bool(lengths) and min(lengths) >= 0
    return Labels(list(labels), list(labels.values()), np.array(lengths, np.int64) if known else None)


def simlord_row(path: Path, number: int, name: str, header: str, length: int) -> _Row:
    """The row of a read simulated by SimLoRD, whose header says `...;chromosome=NAME;...` (Stöcker et al. 2016).

    Raises InputError where the header does not say it.
    """
    found = _CHROMOSOME.search(header)
    if not found:
        raise InputError(
            f"{path}: record {number} ({name!r}) does not say chromosome=NAME; "
            "expected reads with SimLoRD's headers, or a table of labels"
        )
    return _Row(f"record {number}", name, found[1].strip(), str(length))


def _bases(path: Path, row: _Row) -> int:
    if not row.length:
        return -1
    if not row.length.isdecimal():
        raise FormatError(f"{path}: {row.where}: length {row.length!r} is not a number of bases")
    return int(row.length)


def _lines(path: Path) -> Iterator[str]:
    return table.lines(path, "a table of labels")


def _our_rows(path: Path, columns: Columns) -> Iterator[_Row]:
    for number, row in enumerate(table.read(path, bins.FORMAT, bins.VERSION[0], columns[:2]), 3):
        yield _row(path, number, row, columns)


def _biobox_rows(path: Path) -> Iterator[_Row]:
    names: list[str] = []
    for number, line in enumerate(_lines(path), 1):
        if line.startswith("@@"):
            names = [name.strip().upper().removeprefix("_") for name in line[2:].split("\t")]
            for name in ("SEQUENCEID", "BINID"):
                if name not in names:
                    raise FormatError(f"{path}: line {number} has no column {name}; it has {', '.join(names)}")
        elif line and line[0] not in "#@":
            if not names:
                raise FormatError(f"{path}: line {number}: a row before the line @@SEQUENCEID BINID; expected it first")
            yield _row(path, number, table.paired(path, number, line.split("\t"), names), _BIOBOX_COLUMNS)


def _table_rows(path: Path, columns: Columns) -> Iterator[_Row]:
    names: list[str] = []
    for number, line in enumerate(_lines(path), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if names:
            yield _row(path, number, table.paired(path, number, cells, names), columns)
        elif columns.id in cells and columns.label in cells:
            names = cells
        elif len(cells) == 2 and columns.id not in cells and columns.label not in cells:
            names = list(columns[:2])
            yield _row(path, number, table.paired(path, number, cells, names), columns)
        else:
            missing = columns.id if columns.id not in cells else columns.label
            raise FormatError(f"{path}: line {number} has no column {missing!r}; it has {', '.join(map(repr, cells))}")


def _row(path: Path, number: int, row: dict[str, str], columns: Columns) -> _Row:
    where = f"line {number}"
    if not row[columns.id]:
        raise FormatError(f"{path}: {where}: the id is empty")
    label = row[columns.label]
    return _Row(where, row[columns.id], "" if label == bins.UNBINNED else label, row.get(columns.length))
