"""The course of a training as a still picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vaebin.config import PictureFormat
from vaebin.figures import still
from vaebin.formats.history import Epoch

_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#777777"  # Okabe and Ito's: told apart by colour-blind readers too


def draw(path: Path, epochs: Sequence[Epoch], picture_format: PictureFormat = "png") -> None:
    """Draw loss, terms, learning rate and active latent dimensions against epochs, one panel each."""
    with still.styled():
        still.save(_figure(epochs), path, picture_format, dpi=160)


def _figure(epochs: Sequence[Epoch]) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True).ravel()
    number = [e.epoch for e in epochs]
    _panel(panels[0], "Loss", number, [e.loss for e in epochs], [e.validation for e in epochs])
    _panel(panels[1], "Reconstruction (nats)", number, [e.reconstruction for e in epochs])
    contrasts = [e.validation_contrast for e in epochs]
    _panel(panels[2], "Contrast of two views (nats)", number, [e.contrast for e in epochs], contrasts)
    _panel(panels[3], "KL divergence (nats)", number, [e.kl for e in epochs])
    _panel(panels[4], "Learning rate", number, [e.learning_rate for e in epochs])
    _panel(panels[5], "Active latent dimensions", number, [e.active for e in epochs])
    panels[5].set_ylim(bottom=0)
    panels[5].yaxis.get_major_locator().set_params(integer=True)
    for panel in panels[3:]:
        panel.set_xlabel("Epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _panel(
    axes: Any, title: str, number: Sequence[int], values: Sequence[float], held_out: Sequence[float | None] = ()
) -> None:
    axes.set_title(title, loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.ticklabel_format(useOffset=False, axis="y")
    mark = "o" if len(number) < 3 else ""
    axes.plot(number, values, color=_BLUE, marker=mark, label="training")
    if any(value is not None for value in held_out):
        axes.plot(number, held_out, color=_ORANGE, linestyle="--", marker=mark, label="held out")
        axes.legend(frameon=False)
    if not number:
        axes.text(0.5, 0.5, "no epochs", transform=axes.transAxes, ha="center", color=_GREY)
