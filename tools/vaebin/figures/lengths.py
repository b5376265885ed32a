"""How long the sequences are, all of them and those of each bin: histograms over steps that grow by one factor."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.figures.axes import axis

STEPS = 32


class Histograms(NamedTuple):
    """edges: (s + 1,) bases. counts: (b + 1, s) sequences of a length, of the unbinned and of each bin in order."""

    edges: NDArray[np.int64]
    counts: NDArray[np.int64]


def histograms(lengths: NDArray[np.int64], bins: NDArray[np.int64], numbers: Sequence[int]) -> Histograms:
    """Count n sequences by length and bin.

    lengths, bins: (n,), bin 0 for the unbinned. numbers: of the bins. The last step holds its upper edge, too.
    """
    known = np.maximum(lengths, 1)
    low, high = (int(known.min()), int(known.max())) if len(known) else (1, 1)
    edges = np.unique(np.round(np.geomspace(low, high + 1, STEPS + 1)).astype(np.int64))
    edges = edges if len(edges) > 1 else np.array([low, low + 1])
    place = {number: row for row, number in enumerate([0, *numbers])}
    counts = np.zeros((len(place), len(edges) - 1), np.int64)
    steps = np.minimum(np.searchsorted(edges, known, "right") - 1, len(edges) - 2)
    np.add.at(counts, (np.array([place[b] for b in bins.tolist()], np.int64), steps), 1)
    return Histograms(edges, counts)


def chart(found: Histograms) -> Mapping[str, Any]:
    """All sequences in ECharts; the page adds those of a bin."""
    labels = [_label(int(edge)) for edge in found.edges[:-1]]
    all_shares = shares(found.counts.sum(axis=0))
    return {
        "grid": {"left": 60, "right": 24, "top": 34, "bottom": 48},
        "legend": {"top": 0, "left": 56, "selectedMode": False},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": axis("category", "length in bases, from", 28, data=labels),
        "yAxis": axis("value", "share (%)", 38),
        "series": [{"type": "line", "step": "middle", "symbol": "none", "name": "all", "data": all_shares}],
    }  # fmt: skip


def shares(counts: NDArray[np.int64]) -> list[float]:
    """Counts as percent of their sum."""
    return [round(100 * count / max(1, int(counts.sum())), 2) for count in counts.tolist()]


def spark(counts: NDArray[np.int64]) -> str:
    """Counts as the outline of a small histogram (SVG path), one unit a step wide and 16 high."""
    heights = 16 * (1 - counts / max(1, int(counts.max(initial=0))))
    return "M0 16" + "".join(f"V{h:.3g}h1" for h in heights) + "V16Z"


def _label(edge: int) -> str:
    return f"{edge / 1000:.3g} kb" if edge >= 1000 else str(edge)
