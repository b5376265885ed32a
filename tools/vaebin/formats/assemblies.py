"""The assemblies table: what became of each bin when it was assembled alone. Specified in README.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from vaebin.formats import table

FORMAT = "vaebin-assemblies"
VERSION = (1, 0)
OF_MARKERS = ("completeness", "contamination")
COLUMNS = ("bin", "status", "contigs", "n50", "longest", "length", "genome_size", "ratio", "depth",
           *OF_MARKERS)  # fmt: skip
MARKERS = ("vaebin-markers", (1, 0))  # the table of marker genes of one bin


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


def read(path: Path) -> list[Assembly]:
    """Read an assemblies table; one without counts of marker genes, too."""
    columns = [name for name in Assembly._fields if name not in OF_MARKERS]
    return list(table.parsed(path, FORMAT, VERSION[0], columns, _parse))


def _parse(row: Mapping[str, str]) -> Assembly:
    def whole(column: str) -> int | None:
        return int(row[column]) if row[column] else None

    def known(column: str) -> float | None:
        return float(row[column]) if row.get(column) else None

    return Assembly(
        row["bin"], row["status"], whole("contigs"), whole("n50"), whole("length"), known("ratio"), known("depth"),
        *map(known, OF_MARKERS),
    )  # fmt: skip
