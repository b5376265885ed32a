"""The course of a training, as ECharts draws it."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaebin.figures.axes import axis
from vaebin.formats.history import Epoch


def training(epochs: Sequence[Epoch]) -> Mapping[str, Mapping[str, Any]]:
    """Charts by name: the loss, and the contrast of two views; of the training sequences and of those held out."""
    if not epochs:
        return {}
    number = [e.epoch for e in epochs]
    loss = _chart("Loss (nats)", number, [e.loss for e in epochs], [e.validation for e in epochs])
    contrasts = [e.validation_contrast for e in epochs]
    contrast = _chart("Telling halves apart: contrast (nats)", number, [e.contrast for e in epochs], contrasts)
    return {"loss": loss, "contrast": contrast} if any(e.contrast for e in epochs) else {"loss": loss}


def _chart(
    title: str, number: Sequence[int], values: Sequence[float], held_out: Sequence[float | None]
) -> Mapping[str, Any]:
    lines = [_line("training", values, "solid")]
    if any(value is not None for value in held_out):
        lines.append(_line("held out", held_out, "dashed"))
    return {
        "title": {"text": title, "left": 0, "top": 0},
        "grid": {"left": 56, "right": 16, "top": 58, "bottom": 44},
        "legend": {"top": 24, "left": 48, "selectedMode": False},
        "tooltip": {"trigger": "axis"},
        "xAxis": axis("category", "epoch", 26, data=list(number)),
        "yAxis": {"type": "value", "scale": True},
        "series": lines,
    }  # fmt: skip


def _line(name: str, values: Sequence[float | None], kind: str) -> Mapping[str, Any]:
    """A line whose ends show as points where there are few."""
    rounded = [None if value is None else float(f"{value:.5g}") for value in values]
    few = len(rounded) < 3
    return {"type": "line", "name": name, "data": rounded, "showSymbol": few, "lineStyle": {"type": kind}}
