"""From latent means and bins to a picture, a page and a table of the points drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.config import PictureFormat, PlotConfig
from vaebin.errors import InputError, MismatchError
from vaebin.figures import interactive, scatter
from vaebin.figures.points import Groups, Points, Values, group
from vaebin.formats import bins as bin_table
from vaebin.formats import coordinates as coordinate_table
from vaebin.formats import latent, truth
from vaebin.formats.atomic import require_places
from vaebin.formats.coordinates import Coordinates
from vaebin.formats.ids import Ids, require_same
from vaebin.formats.latent import Latent
from vaebin.progress import log
from vaebin.projection import project, sample
from vaebin.whitening import scale_by_noise

_CATEGORIES = 20  # whole numbers with more different values than this are shades, not groups


class _Binned(NamedTuple):
    names: list[str]  # "" for unbinned sequences
    probabilities: NDArray[np.float64]


def plot(
    latents: Sequence[Path],
    config: PlotConfig,
    *,
    bins: Path | None = None,
    picture: Path | None = None,
    picture_format: PictureFormat = "png",
    html: Path | None = None,
    coordinates: Path | None = None,
    color_table: Path | None = None,
    id_column: str = "read_id",
    column: str | None = None,
) -> None:
    """Project a sample of the sequences to two dimensions, and draw them by bin or by a table's column.

    Sampling keeps points of every bin, or without bins of every group (`projection.sample`). A column of numbers is
    drawn in shades, unless they are whole and at most 20 different ones.
    Raises InputError when no output or half a table is asked for, MismatchError when files do not belong together.
    """
    if not (picture or html or coordinates):
        raise InputError("nothing to write: give a picture, an HTML page or a table of coordinates")
    if (color_table is None) != (column is None):
        raise InputError("to colour by a table, give both the table and the name of its column")
    require_places(picture, html, coordinates)
    space = latent.read(*latents)
    binned = _binned(bins, space, latents) if bins else None
    by_bin = group("bin", binned.names, bin_table.UNBINNED) if binned else None
    colouring = _colouring(color_table, id_column, column, space) if color_table and column else by_bin
    guarded = by_bin or (colouring if isinstance(colouring, Groups) else None)
    rows = sample(guarded.codes if guarded else np.zeros(len(space), np.int64), config.sample, config.seed)
    points = _points(space, rows, config, binned, colouring)
    if picture:
        scatter.draw(picture, picture_format, points)
    if html:
        interactive.write(html, points)
    if coordinates:
        drawn = Coordinates(points.ids, points.coordinates, points.lengths, points.bins, points.probabilities)
        coordinate_table.write(coordinates, drawn)


def _binned(path: Path, space: Latent, latents: Sequence[Path]) -> _Binned:
    found = bin_table.read(path)
    require_same(space.ids, " + ".join(map(str, latents)), Ids.of(found.ids), str(path))
    return _Binned([bin_table.name(b) if b else "" for b in found.assigned.tolist()], found.probability)


def _points(
    space: Latent,
    rows: NDArray[np.int64],
    config: PlotConfig,
    binned: _Binned | None,
    colouring: Groups | Values | None,
) -> Points:
    scaled = scale_by_noise(space.finite_means(rows), space.noise)
    log.info("projecting %s of %s sequences", f"{len(rows):,}", f"{len(space):,}")
    places, method = project(scaled, config)
    if method != "UMAP":
        log.info("too few sequences, or too alike, for UMAP: drawing their principal components")
    return Points(
        [space.ids[i] for i in rows.tolist()], space.lengths[rows], places, method, len(space),
        [binned.names[i] or bin_table.UNBINNED for i in rows.tolist()] if binned else None,
        binned.probabilities[rows] if binned else None,
        colouring.take(rows) if colouring else None,
    )  # fmt: skip


def _colouring(path: Path, id_column: str, column: str, space: Latent) -> Groups | Values:
    found = truth.read(path, truth.Columns(id_column, column, ""))
    label_of = dict(zip(found.ids, found.labels, strict=True))
    missing = sum(i not in label_of for i in space.ids)
    if missing and missing == len(space):
        raise MismatchError(
            f"{path}: column {id_column!r} holds none of the {len(space):,} sequences (the first is "
            f"{space.ids[0]!r}); give the table and the column that hold them"
        )
    if missing:
        log.info("%s: %s sequences are not in it and are drawn in grey", path, f"{missing:,}")
    labels = [label_of.get(i, "") for i in space.ids]
    numbers, nothing = _numbers(labels), f"no {column}"
    return group(column, labels, nothing) if numbers is None else Values(column, numbers, nothing)


def _numbers(labels: Sequence[str]) -> NDArray[np.float64] | None:
    """The labels as numbers, NaN where there is none, or None where they name groups."""
    try:
        numbers = np.array([float(label) if label else np.nan for label in labels])
    except ValueError:
        return None
    known = numbers[np.isfinite(numbers)]
    names = len(np.unique(known)) <= _CATEGORIES and bool((known == np.floor(known)).all())
    return None if names else numbers
