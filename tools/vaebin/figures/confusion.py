"""Which labels each bin holds: a heat map of bins by labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin.config import PictureFormat
from vaebin.figures import still
from vaebin.metrics import Contingency

MOST_BINS, MOST_LABELS = 120, 60  # what is beyond shares one row, one column
NUMBERED_CELLS = 500  # more cells are too small for figures


def draw(
    picture: Path, picture_format: PictureFormat, table: Contingency, bins: Sequence[str],
    labels: Sequence[str],
) -> None:  # fmt: skip
    """Draw the share of each bin's sequences that has each label; every row adds up to 1.

    Rows stand in the order of `bins`, columns in that of the bins that they mostly lie in, so a good binning is a
    diagonal. Of many bins and labels the largest are shown, the others together.
    """
    counts, rows, columns = _pooled(table, bins, labels)
    order = _diagonal(counts[:MOST_BINS], len(labels) > MOST_LABELS)
    sizes = counts.sum(1)
    shares = counts[:, order] / np.maximum(sizes, 1)[:, None]
    with still.styled():
        figure = _figure(
            shares, [f"{r} ({n:,})" for r, n in zip(rows, sizes.tolist(), strict=True)], [columns[i] for i in order]
        )
        still.save(figure, picture, picture_format, dpi=150, bbox_inches="tight")


def _diagonal(counts: NDArray[np.int64], with_others: bool) -> NDArray[np.int64]:
    """The order of columns by the row that each has most of, labels in none of them next, other labels last."""
    binned = counts.sum(0)
    row = np.where(binned > 0, np.append(counts, [np.zeros_like(binned)], 0).argmax(0), len(counts))
    others = np.arange(len(binned)) == (len(binned) - 1 if with_others else -1)
    return np.lexsort((-binned, row, others))


def _pooled(
    table: Contingency, bins: Sequence[str], labels: Sequence[str]
) -> tuple[NDArray[np.int64], list[str], list[str]]:
    row_of, rows = _largest(table.bin_sequences, bins, MOST_BINS, "bins")
    column_of, columns = _largest(table.label_sequences, labels, MOST_LABELS, "labels")
    counts = np.zeros((len(rows), len(columns)), np.int64)
    np.add.at(counts, (row_of[table.bins], column_of[table.labels]), table.sequences)
    return counts, rows, columns


def _largest(
    sizes: NDArray[np.int64], names: Sequence[str], most: int, what: str
) -> tuple[NDArray[np.int64], list[str]]:
    """Where each of the names goes, and the names left: the `most` largest in their order, then one for the others."""
    kept = np.sort(np.argsort(-sizes, kind="stable")[:most])
    place = np.full(len(names), len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    shown = [names[i] for i in kept]
    return place, shown + [f"{len(names) - most:,} smaller {what}"] * (len(names) > most)


def _figure(shares: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]) -> Any:
    from matplotlib.figure import Figure

    cell = 0.42 if shares.size <= NUMBERED_CELLS else 0.2
    figure = Figure(figsize=(max(1.5, cell * len(columns)) + 0.6, max(0.8, cell * len(rows))))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    _name(axes, rows, columns)
    if not rows:
        axes.text(0.5, 0.5, "no bins", transform=axes.transAxes, ha="center", va="center")
        return figure
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    if shares.size <= NUMBERED_CELLS:
        _number(axes, shares)
    width, height = figure.get_size_inches()
    scale = figure.add_axes((1 + 0.15 / width, 1 - min(2.5, height) / height, 0.15 / width, min(2.5, height) / height))
    figure.colorbar(image, cax=scale, label="share of the bin")
    return figure


def _name(axes: Any, rows: Sequence[str], columns: Sequence[str]) -> None:
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("label")
    axes.set_ylabel("bin (sequences)")
    axes.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(rows)) - 0.5, minor=True)
    axes.grid(which="minor", color="0.9", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _number(axes: Any, shares: NDArray[np.float64]) -> None:
    for row, column in np.argwhere(shares >= 0.005).tolist():
        share = shares[row, column]
        text = f"{share:.2f}".removeprefix("0")
        axes.text(column, row, text, ha="center", va="center", size=7, color="white" if share > 0.5 else "black")
