"""The coordinates table: where each sequence of a plot was drawn. Specified in README.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vaebin.formats import table

FORMAT = "vaebin-coordinates"
VERSION = (1, 0)
COLUMNS = ("sequence_id", "x", "y", "length", "bin", "probability")


@dataclass(frozen=True)
class Coordinates:
    """n sequences drawn, in input order.

    places: (n, 2). lengths: (n,) int64, bases. bins: their names; probabilities: (n,) float64; None without bins.
    """

    ids: Sequence[str]
    places: NDArray[np.float64]
    lengths: NDArray[np.int64]
    bins: Sequence[str] | None
    probabilities: NDArray[np.float64] | None


def write(path: Path, drawn: Coordinates) -> None:
    """Write a coordinates table."""
    n = len(drawn.ids)
    bins = drawn.bins or [""] * n
    certain = [""] * n if drawn.probabilities is None else [f"{p:.4f}" for p in drawn.probabilities]
    places = ((f"{x:.4f}", f"{y:.4f}") for x, y in drawn.places)
    rows = zip(drawn.ids, places, drawn.lengths, bins, certain, strict=True)
    table.write(path, FORMAT, VERSION, COLUMNS, ((i, *place, length, b, p) for i, place, length, b, p in rows))


def read(path: Path) -> Coordinates:
    """Read a coordinates table."""
    rows = list(table.parsed(path, FORMAT, VERSION[0], COLUMNS, _parse))
    binned = bool(rows) and all(row[4] for row in rows)
    return Coordinates(
        [row[0] for row in rows],
        np.array([row[1:3] for row in rows], np.float64).reshape(-1, 2),
        np.array([row[3] for row in rows], np.int64),
        [row[4] for row in rows] if binned else None,
        np.array([row[5] for row in rows], np.float64) if binned else None,
    )


def _parse(row: Mapping[str, str]) -> tuple[str, float, float, int, str, float]:
    certain = float(row["probability"]) if row["probability"] else 0.0
    return row["sequence_id"], float(row["x"]), float(row["y"]), int(row["length"]), row["bin"], certain
