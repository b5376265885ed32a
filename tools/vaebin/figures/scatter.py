"""The points as a still picture."""

from pathlib import Path
from typing import Any

import numpy as np

from vaebin.config import PictureFormat
from vaebin.figures import still
from vaebin.figures.labels import Placement
from vaebin.figures.palette import NOTHING, colour, number_colours, shape
from vaebin.figures.points import Groups, Points, Values, medians

LEGEND_ENTRIES = 30
LABELS = 120
_LABEL_LENGTH = 28
_SIDE = 6.6  # inches, of the square of points
_VECTORS = 20_000  # more points are drawn as an image inside SVG and PDF


def draw(path: Path, picture_format: PictureFormat, points: Points) -> None:
    """Draw the points: groups with their names at their medians and a legend of the largest, numbers with a scale.

    Points of no group come first, in light grey; then the groups, the smallest last and so on top.
    """
    with still.styled():
        still.save(_figure(points), path, picture_format, dpi=160, bbox_inches="tight", pad_inches=0.15)


def _figure(points: Points) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_SIDE, _SIDE))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_title(points.title(), loc="left", fontsize=10)
    _frame(axes, points)
    if isinstance(points.colouring, Groups):
        _draw_groups(axes, points, points.colouring)
        _draw_legend(axes, points.colouring)
        _draw_names(figure, axes, points, points.colouring)
    elif isinstance(points.colouring, Values):
        _draw_values(figure, axes, points, points.colouring)
    else:
        _scatter(axes, points, slice(None), colour(0), "o")
    return figure


def _frame(axes: Any, points: Points) -> None:
    """Fixed, equal scales with room around; no numbers, for distances between groups in UMAP mean little."""
    xy = points.coordinates
    low, high = (xy.min(axis=0), xy.max(axis=0)) if len(xy) else (np.zeros(2), np.zeros(2))
    half = max(0.54 * float((high - low).max()), 0.5)
    centre = (low + high) / 2
    axes.set(xlim=(centre[0] - half, centre[0] + half), ylim=(centre[1] - half, centre[1] + half))
    axes.set(xticks=[], yticks=[])
    name = "UMAP" if points.method == "UMAP" else "principal component"
    axes.set_xlabel(f"{name} 1", color="0.35")
    axes.set_ylabel(f"{name} 2", color="0.35")
    for spine in axes.spines.values():
        spine.set_color("0.8")


def _scatter(axes: Any, points: Points, rows: Any, colours: Any, marker: str, **more: Any) -> Any:
    xy = points.coordinates[rows]
    area = float(np.clip(60_000 / max(1, len(points.ids)), 7, 40)) * (1.25 if marker != "o" else 1)
    many = len(points.ids) > _VECTORS
    return axes.scatter(
        xy[:, 0], xy[:, 1], s=area, c=colours, marker=marker, linewidths=0, alpha=0.8, rasterized=many, **more
    )


def _draw_groups(axes: Any, points: Points, groups: Groups) -> None:
    _scatter(axes, points, groups.codes < 0, NOTHING, "o")
    for code in range(len(groups.names)):
        _scatter(axes, points, groups.codes == code, colour(code), shape(code))


def _draw_values(figure: Any, axes: Any, points: Points, values: Values) -> None:
    from matplotlib.colors import ListedColormap, Normalize

    known = np.isfinite(values.numbers)
    _scatter(axes, points, ~known, NOTHING, "o")
    low, high = values.limits()
    drawn = _scatter(
        axes, points, known, values.numbers[known], "o", cmap=ListedColormap(number_colours(256)),
        norm=Normalize(low, high),
    )  # fmt: skip
    scale = figure.add_axes((1.03, 0.55, 0.03, 0.45))
    figure.colorbar(drawn, cax=scale, extend="both").set_label(values.title)
    if not known.all():
        axes.legend(handles=[_handle(NOTHING, "o", values.nothing)], loc="lower left", bbox_to_anchor=(1.0, 0.0),
                    frameon=False, fontsize=8, handletextpad=0.2)  # fmt: skip


def _draw_legend(axes: Any, groups: Groups) -> None:
    shown = min(len(groups.names), LEGEND_ENTRIES)
    handles = [_handle(colour(i), shape(i), f"{_short(groups.names[i])} ({groups.sizes[i]:,})") for i in range(shown)]
    if rest := groups.sizes[shown:]:
        handles.append(_handle("none", "o", f"{len(rest):,} smaller ({sum(rest):,})"))
    if groups.nothings:
        handles.append(_handle(NOTHING, "o", f"{groups.nothing} ({groups.nothings:,})"))
    if handles:
        legend = axes.legend(
            handles=handles, title=f"{groups.title} (sequences)", loc="upper left", bbox_to_anchor=(1.0, 1.01),
            frameon=False, fontsize=8, handletextpad=0.2, alignment="left", title_fontsize=9,
        )  # fmt: skip
        legend.get_title().set_fontweight("bold")


def _handle(face: str, marker: str, label: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", marker=marker, markersize=6, color=face, markeredgewidth=0, label=label)


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…"


def _draw_names(figure: Any, axes: Any, points: Points, groups: Groups) -> None:
    """Each group's name on it where it is large, else beside it; of bins, the number alone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    bare = all(name.startswith("bin_") for name in groups.names)
    size = 9 if len(groups.names) <= LEGEND_ENTRIES else 7.5
    pixels = axes.transData.transform(points.coordinates)
    placed = Placement(pixels, groups.codes, axes.get_window_extent(renderer).get_points())
    for code, place in sorted(medians(points.coordinates, groups).items())[:LABELS]:
        name = groups.names[code].removeprefix("bin_") if bare else _short(groups.names[code])
        text = axes.text(*place, name, ha="center", va="center", fontsize=size, zorder=5)
        text.set_path_effects([withStroke(linewidth=2.2, foreground="white", alpha=0.9)])
        box = text.get_window_extent(renderer)
        centre = placed.place(code, axes.transData.transform(place), (box.width, box.height))
        text.set_position(axes.transData.inverted().transform(centre))
