"""The guards table: what was kept from misleading the bins. Specified in README.md."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from vaebin.formats import table

FORMAT = "vaebin-guards"
VERSION = (1, 0)


class Guard(NamedTuple):
    """What one guard concerned: reads, their bases, and edges between reads."""

    guard: str
    reads: int
    bases: int
    edges: int


def write(path: Path, guards: Iterable[Guard]) -> None:
    """Write a guards table."""
    table.write(path, FORMAT, VERSION, Guard._fields, guards)


def read(path: Path) -> list[Guard]:
    """Read a guards table."""
    return list(table.parsed(path, FORMAT, VERSION[0], Guard._fields, _parse))


def _parse(row: Mapping[str, str]) -> Guard:
    return Guard(row["guard"], int(row["reads"]), int(row["bases"]), int(row["edges"]))
