"""The points as one page that needs nothing else, and as the data of a map within a page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin.figures import page
from vaebin.figures.labels import reach
from vaebin.figures.palette import colour, number_colours, outline
from vaebin.figures.points import Groups, Points, Values, medians

_SIDE = 10_000  # coordinates are whole numbers in a square of this side


def write(path: Path, points: Points) -> None:
    """Write the page: hovering a point tells what it is, its legend switches groups on and off."""
    title = points.title()
    heading = f"{points.method} of {title}" if points.method == "UMAP" else title
    page.write(path, "interactive.html", mapped(points), {}, title=title, heading=heading)


def mapped(points: Points) -> Mapping[str, Any]:
    """The points as map.js takes them."""
    square = _square(points.coordinates)
    data: dict[str, Any] = {
        "colour": colour(0),
        "x": square[:, 0].tolist(),
        "y": square[:, 1].tolist(),
        "id": list(points.ids),
        "length": points.lengths.tolist(),
        "code": [0] * len(points.ids),
    }
    if points.bins is not None and points.probabilities is not None:
        names = sorted(set(points.bins), key=lambda name: (len(name), name))
        number = {name: i for i, name in enumerate(names)}
        data["bins"] = names
        data["bin"] = [number[name] for name in points.bins]
        data["probability"] = np.round(points.probabilities, 4).tolist()
    if isinstance(points.colouring, Groups):
        data |= _grouped(points.colouring, square)
    elif isinstance(points.colouring, Values):
        data |= _shaded(points.colouring)
    return data


def _square(coordinates: NDArray[np.float64]) -> NDArray[np.int64]:
    if not len(coordinates):
        return np.zeros((0, 2), np.int64)
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    side = float((high - low).max()) or 1.0
    square: NDArray[np.float64] = np.round(((coordinates - (low + high) / 2) / side + 0.5) * _SIDE)
    return square.astype(np.int64)


def _grouped(groups: Groups, square: NDArray[np.int64]) -> Mapping[str, Any]:
    codes = range(len(groups.names))
    places = medians(square, groups)
    return {
        "code": groups.codes.tolist(),
        "groups": {
            "title": groups.title,
            "extra": groups.title != "bin",
            "names": list(groups.names),
            "short": [name.removeprefix("bin_") for name in groups.names],
            "sizes": list(groups.sizes),
            "colours": [colour(code) for code in codes],
            "marks": [outline(code) for code in codes],
            "nothing": groups.nothing,
            "nothings": groups.nothings,
            "places": [
                [code, x, y, int(reach(square[groups.codes == code], (x, y)))]
                for code, (x, y) in sorted(places.items())
            ],
        },
    }


def _shaded(values: Values) -> Mapping[str, Any]:
    colours = number_colours()
    low, high = values.limits()
    known = np.isfinite(values.numbers)
    steps = (np.where(known, values.numbers, low) - low) / (high - low) * len(colours)
    return {
        "code": np.where(known, np.clip(steps, 0, len(colours) - 1), -1).astype(np.int64).tolist(),
        "value": [float(f"{v:.6g}") if k else None for v, k in zip(values.numbers.tolist(), known, strict=True)],
        "shades": {
            "title": values.title,
            "nothing": values.nothing,
            "colours": colours,
            "low": f"{low:,.4g}",
            "high": f"{high:,.4g}",
        },
    }
