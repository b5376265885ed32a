"""The bin summary: one row a bin, for a biologist to read. Specified in README.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaebin.formats import table
from vaebin.formats.bins import name, number

FORMAT = "vaebin-bin-summary"
VERSION = (1, 0)
COLUMNS = (
    "bin", "sequences", "bases", "depth", "genome_size", "gc", "closure", "probability", "nearest_bin", "kind"
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What is told of one bin: sizes in bases, depth in reads over a base, shares from 0 to 1; None where unknown."""

    number: int
    sequences: int
    bases: int
    depth: float | None
    genome_size: int | None
    gc: float | None
    closure: float | None
    probability: float
    nearest: int
    kind: str


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write a summary."""
    table.write(path, FORMAT, VERSION, COLUMNS, map(cells, rows))


def cells(row: Row) -> tuple[object, ...]:
    """A row as the table has it: rounded, empty where unknown."""

    def rounded(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    return (
        name(row.number), row.sequences, row.bases, rounded(row.depth, 2), row.genome_size, rounded(row.gc, 3),
        rounded(row.closure, 3), rounded(row.probability, 3), name(row.nearest) if row.nearest else None, row.kind,
    )  # fmt: skip


def read(path: Path) -> list[Row]:
    """Read a summary."""
    return list(table.parsed(path, FORMAT, VERSION[0], COLUMNS, _parse))


def _parse(row: Mapping[str, str]) -> Row:
    def known(column: str) -> float | None:
        return float(row[column]) if row[column] else None

    return Row(
        number(row["bin"]), int(row["sequences"]), int(row["bases"]), known("depth"),
        int(row["genome_size"]) if row["genome_size"] else None, known("gc"), known("closure"),
        float(row["probability"]), number(row["nearest_bin"] or "unbinned"), row["kind"],
    )  # fmt: skip
