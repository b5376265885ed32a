"""Axes of ECharts."""

from collections.abc import Mapping
from typing import Any


def axis(kind: str, name: str, gap: int, **more: Any) -> Mapping[str, Any]:
    """An axis whose name stands along it, `gap` pixels away. kind: value, log or category."""
    return {"type": kind, "name": name, "nameLocation": "middle", "nameGap": gap, **more}
