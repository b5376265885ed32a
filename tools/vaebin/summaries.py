"""What is told of each bin."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from vaebin import coverage
from vaebin.formats.summary import Row
from vaebin.points import Points

GENOME = 1e6  # bases from which a bin can be a whole genome
SMALL = 3e5  # bases up to which a deep bin looks like a plasmid
CLOSED = 0.75  # share of links inside a bin that a genome with no relative near reaches


def summarize(
    points: Points,
    best: NDArray[np.int64],
    assigned: NDArray[np.int64],
    probability: NDArray[np.float64],
    lengths: NDArray[np.int64],
    depths: NDArray[np.float64] | None,
    gc: NDArray[np.float64],
    *,
    of_contigs: bool = False,
) -> list[Row]:
    """Rows of all bins that have sequences assigned.

    best: (n,) likeliest bin from 1, 0 for none. assigned: (n,) the same, 0 for unbinned. depths: (n,) other reads over
    a base; of contigs, reads over a base in all samples together. gc: (n,) share of G and C, nan where unknown.
    """
    place_best, bins = points.majority(best), int(best.max(initial=0))
    closed = closure(points.between, place_best, bins)
    nearest = _nearest(points.places, place_best, bins)
    rows = []
    for number in np.unique(assigned[assigned > 0]).tolist():
        own = assigned == number
        weights = np.maximum(lengths[own], 1)
        deep, size = (None, None) if depths is None else _measured(depths[own], lengths[own], of_contigs)
        shut = None if depths is None or np.isnan(closed[number - 1]) else float(closed[number - 1])
        known = ~np.isnan(gc[own])
        content = float(np.average(gc[own][known], weights=weights[known])) if known.any() else None
        near = int(nearest[number - 1])
        kind = _kind(deep, size, shut, of_contigs)
        bases, mean = int(lengths[own].sum()), float(probability[own].mean())
        rows.append(Row(number, int(own.sum()), bases, deep, size, content, shut, mean, near, kind))
    return rows


def _measured(
    depths: NDArray[np.float64], lengths: NDArray[np.int64], of_contigs: bool
) -> tuple[float | None, int | None]:
    """Depth and genome size of one bin: reads lie over each base of the genome several times, contigs once."""
    bases, weights = int(lengths.sum()), np.maximum(lengths, 1)
    if of_contigs:
        return float(np.average(depths, weights=weights)), bases
    deep = coverage.median_depth(depths, weights)
    size = coverage.genome_size(bases, deep)
    return deep, None if np.isnan(size) else round(size)


def closure(between: sp.csr_matrix, best: NDArray[np.int64], bins: int) -> NDArray[np.float64]:
    """Share (bins,) of a bin's links that stay inside it; nan without links."""
    links = between.tocoo()
    rows, columns = best[links.row], best[links.col]
    total = np.bincount(rows, minlength=bins + 1)[1:].astype(float)
    inside = np.bincount(rows[rows == columns], minlength=bins + 1)[1:]
    return np.asarray(np.divide(inside, total, out=np.full(bins, np.nan), where=total > 0))


def _nearest(places: NDArray[np.float64], best: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    """(bins,) the bin whose centre is nearest in the points' space, by their bins (m,); 0 for an only bin."""
    if bins < 2:
        return np.zeros(bins, np.int64)
    centres = np.stack(
        [np.median(places[best == b], axis=0) if (best == b).any() else places[0] for b in range(1, bins + 1)]
    )
    distances = cdist(centres, centres, "sqeuclidean")
    np.fill_diagonal(distances, np.inf)
    return np.asarray(distances.argmin(1) + 1)


def _kind(depth: float | None, size: int | None, closed: float | None, of_contigs: bool) -> str:
    """A plain word: what the numbers make most likely, not a proof."""
    if depth is None:
        return "unknown"
    if size is None:
        return "thin"
    if closed is not None and closed < CLOSED:
        return "mixed?"
    if size >= GENOME:
        return "genome"
    return "plasmid-like" if size <= SMALL and depth >= 10 and not of_contigs else "fragment"
