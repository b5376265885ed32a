"""Tables of the depth of contigs in samples, as MetaBAT, VAMB and CoverM write them. Specified in README.md."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.formats import table

_EXPECTED = "a table of depths"
_METABAT = ["contigName", "contigLen", "totalAvgDepth"]
_VARIANCE = "-var"
_COVERM_MEANS = (" Mean", " Trimmed Mean")


@dataclass(frozen=True)
class Depths:
    """Depths of contigs: values (contigs, samples) float32, and the row of each contig's id."""

    path: Path
    samples: list[str]
    rows: dict[str, int]
    values: NDArray[np.float32]

    def of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """(ids, samples) in the order of the ids. Raises MismatchError for the first id that the table lacks."""
        for name in ids:
            if name not in self.rows:
                raise MismatchError(
                    f"{self.path}: no row for {name!r} of the sequences; give the depths of all of them, "
                    "under the first words of their headers"
                )
        return self.values[[self.rows[name] for name in ids]]


class _Layout(NamedTuple):
    """The columns that hold depths, and the samples they are of."""

    columns: list[int]
    samples: list[str]


def is_first_line(names: Sequence[str]) -> bool:
    """Whether these are the columns of such a table."""
    return list(names[:3]) == _METABAT or names[:1] in (["contigname"], ["Contig"])


def read(path: Path) -> Depths:
    """Read a table of depths, plain or gzipped; what kind it is, its first line tells.

    Raises FormatError where it is no such table or a depth is no number from 0 up, InputError where a contig or a
    sample stands twice.
    """
    lines = table.lines(path, _EXPECTED)
    names = next(lines, "").split("\t")
    columns, samples = _layout(path, names)
    rows: dict[str, int] = {}
    numbers: list[int] = []
    values: list[list[float]] = []
    for number, line in enumerate(lines, 2):
        cells = line.split("\t")
        if len(cells) != len(names):
            raise FormatError(f"{path}: line {number}: {len(cells)} columns, expected {len(names)} as in line 1")
        if (row := rows.setdefault(cells[0], len(rows))) < len(numbers):
            raise InputError(f"{path}: lines {numbers[row]} and {number}: both for {cells[0]!r}; keep one")
        numbers.append(number)
        values.append([_depth(path, number, names[c], cells[c]) for c in columns])
    return Depths(path, samples, rows, np.array(values, np.float32).reshape(len(rows), len(samples)))


def _layout(path: Path, names: list[str]) -> _Layout:
    """Where the depths are, by the line of column names."""
    if names[:3] == _METABAT:
        found = _picked(names, 3, lambda name: None if name.endswith(_VARIANCE) else name)
    elif names[0] == "contigname":
        found = _picked(names, 1, lambda name: name)
    elif names[0] == "Contig":
        found = next((f for end in _COVERM_MEANS if (f := _picked(names, 1, _before(end))).samples), _Layout([], []))
    else:
        raise FormatError(
            f"{path}: line 1 begins with {names[0]!r}; {_EXPECTED} begins with contigName, contigLen, totalAvgDepth "
            "(MetaBAT), contigname (VAMB) or Contig (CoverM)"
        )
    if not found.samples:
        raise FormatError(f"{path}: line 1 names no column of mean depths; it has {', '.join(names)}")
    for number, sample in enumerate(found.samples):
        if sample in found.samples[:number]:
            raise InputError(f"{path}: line 1: two columns are named {sample!r}; give each sample a name of its own")
    return found


def _picked(names: Sequence[str], first: int, sample: Callable[[str], str | None]) -> _Layout:
    """The columns from `first` on for which `sample` gives the name of a sample."""
    found = [(c, s) for c, name in enumerate(names[first:], first) if (s := sample(name)) is not None]
    return _Layout([c for c, _ in found], [s for _, s in found])


def _before(end: str) -> Callable[[str], str | None]:
    others = [e for e in _COVERM_MEANS if e != end and e.endswith(end)]

    def sample(name: str) -> str | None:
        matches = name.endswith(end) and not any(name.endswith(other) for other in others)
        return name.removesuffix(end) if matches else None

    return sample


def _depth(path: Path, number: int, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise FormatError(
            f"{path}: line {number}, column {column}: {cell!r} is not a depth; expected a number from 0 up"
        )
    return value
