"""The assemblies table: what became of each bin when it was assembled alone. Specified in README.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from vaebin.errors import FormatError
from vaebin.formats import table

FORMAT = "vaebin-assemblies"
VERSION = (1, 0)


class Assembly(NamedTuple):
    """One bin. status: `assembled`, or why not. n50, length: bases. ratio: length / estimated size; None: not known.

    completeness, contamination: shares, by single-copy genes.
    """

    bin: str
    status: str
    contigs: int | None
    n50: int | None
    length: int | None
    ratio: float | None
    depth: float | None
    completeness: float | None
    contamination: float | None


_OF_MARKERS = ("completeness", "contamination")


def read(path: Path) -> list[Assembly]:
    """Read an assemblies table; one without counts of marker genes, too."""
    columns = [name for name in Assembly._fields if name not in _OF_MARKERS]
    return [_parsed(path, n, row) for n, row in enumerate(table.read(path, FORMAT, VERSION[0], columns), 3)]


def _parsed(path: Path, line: int, row: Mapping[str, str]) -> Assembly:
    def whole(column: str) -> int | None:
        return int(row[column]) if row[column] else None

    def known(column: str) -> float | None:
        return float(row[column]) if row.get(column) else None

    try:
        return Assembly(
            row["bin"], row["status"], whole("contigs"), whole("n50"), whole("length"), known("ratio"),
            known("depth"), *map(known, _OF_MARKERS),
        )  # fmt: skip
    except ValueError:
        raise FormatError(f"{path}: line {line}: not a row of a {FORMAT} table; make it again") from None
