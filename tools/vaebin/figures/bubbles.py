"""Depth against GC, a bubble a bin, as ECharts draws it."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from vaebin.figures.axes import axis
from vaebin.figures.palette import colour, outline
from vaebin.formats.bins import name
from vaebin.formats.summary import Row

_LEAST, _MOST, _OF_MANY = 9, 56, 30  # pixels across: at least, at most, and at most of many bins
_MANY = 60


def depth_against_gc(rows: Sequence[Row]) -> Mapping[str, Any] | None:
    """The chart of all bins whose depth and GC are known, None where there is none; areas go by genome size."""
    known = [(code, row) for code, row in enumerate(rows) if row.gc is not None and row.depth]
    if not known:
        return None
    shares = [row.gc or 0 for _, row in known]
    return {
        "grid": {"left": 60, "right": 24, "top": 16, "bottom": 48},
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "xAxis": axis(
            "value", "GC (%)", 28, min=5 * floor(20 * min(shares) - 0.4), max=5 * ceil(20 * max(shares) + 0.4)
        ),
        "yAxis": axis("log", "depth (×)", 38, min=_power(min(r.depth or 1 for _, r in known))),
        "series": [{"type": "scatter", "data": _bubbles(known)}],
    }


def _power(depth: float) -> float:
    """The power of ten at or below a depth."""
    power = 1.0
    while power > depth:
        power /= 10
    return power


def _bubbles(known: Sequence[tuple[int, Row]]) -> list[Mapping[str, Any]]:
    """The largest first, so that it hides none."""
    falling = sorted(known, key=lambda one: -(one[1].genome_size or 0))
    largest, most = falling[0][1].genome_size or 1, _MOST if len(known) <= _MANY else _OF_MANY
    return [_bubble(code, row, max(_LEAST, most * ((row.genome_size or 0) / largest) ** 0.5)) for code, row in falling]


def _bubble(code: int, row: Row, across: float) -> Mapping[str, Any]:
    size = row.genome_size
    told = [f"GC {100 * (row.gc or 0):.1f} %", f"depth {row.depth:,.1f} ×", f"{row.sequences:,} sequences", row.kind]
    told.insert(2, "size not known" if size is None else f"about {size / 1e6:,.2f} Mb")
    return {
        "code": code,
        "name": "\n".join([name(row.number), *told]),
        "short": str(row.number),
        "value": [round(100 * (row.gc or 0), 2), row.depth],
        "symbol": outline(code),
        "symbolSize": round(across, 1),
        "itemStyle": {"color": colour(code), "opacity": 0.75},
    }
