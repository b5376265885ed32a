"""Seams: borders of bins that run through one genome.

Density clustering now and then parts a genome that varies more than others do. Two things together give such a border
away: no valley of density lies along it, and overlaps cross it everywhere. Relatives share some overlaps but have a
valley between them; strangers may lie close but share no overlaps.
"""

from itertools import combinations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

LEAST_SEAM = (
    0.16  # crossing times filled. Of dev-pb's genomes in two parts 0.22 and more, of its relatives 0.11 at most
)
LEAST_LINKS = 4  # across a border; fewer happen by chance
PRIOR = 2  # points at the centres and in the middle before any is seen: of small bins the links decide
LEAST_POINTS = 15  # of a bin, to tell its shape
LEAST_WEIGHT = 3  # sequences in a point whose place is known well
STRETCH = 0.15  # of the way between two centres: what counts as a centre's place, and as the middle


def mend(spread: Matrix, places: Matrix, weights: NDArray[np.float64], between: sp.csr_matrix) -> Matrix:
    """Join bins that a seam parts, the clearest first.

    spread: (m, bins) probabilities of points. places: (m, d). weights: (m,) sequences of a point. between: (m, m) links
    of points. Returns probabilities (m, bins left).
    """
    while spread.shape[1] > 1:
        best, bins = spread.argmax(1), spread.shape[1]
        links, crossing = count_crossing(between, best, bins)
        seams = {
            (a, b): crossing[a, b] * filled(*(_shape(places, weights, best == x) for x in (a, b)))
            for a, b in combinations(range(bins), 2)
            if links[a, b] >= LEAST_LINKS
        }
        (a, b), clearest = max(seams.items(), key=lambda seam: seam[1], default=((0, 0), 0.0))
        if clearest < LEAST_SEAM:
            break
        joined = spread[:, a] + spread[:, b]
        spread = np.delete(spread, b, 1)
        spread[:, a] = joined
    return spread


def count_crossing(
    between: sp.csr_matrix, best: NDArray[np.int64], bins: int, prior: int = 0
) -> tuple[NDArray[np.int64], Matrix]:
    """Links (bins, bins) of points in two bins, and their ratio to what there would be if bins were drawn by lot.

    prior: links added to both sides of the ratio, where few are to prove nothing.
    """
    pairs = between.tocoo()
    links = np.zeros((bins, bins), np.int64)
    np.add.at(links, (best[pairs.row], best[pairs.col]), 1)
    ends = links.sum(1).astype(float)
    both = ends[:, None] + ends
    by_lot = np.divide(np.outer(ends, ends), both, out=np.zeros_like(both), where=both > 0) + prior
    return links, np.divide(links + prior, by_lot, out=np.zeros_like(both), where=by_lot > 0)


def filled(first: Matrix, second: Matrix) -> float:
    """Points in the middle between two clouds, over those at the centre that has fewer; both (points, d).

    Counted along Fisher's linear discriminant (Fisher 1936), and PRIOR added to both: a dozen points show no valley.
    Near 0 with a valley between them, 1 and more where they are one cloud cut in two.
    """
    centres = np.median(first, axis=0), np.median(second, axis=0)
    rest = np.concatenate([first - centres[0], second - centres[1]])
    scatter = rest.T @ rest / len(rest)
    ridge = 0.1 * np.eye(len(scatter))  # in units of what differs within genomes
    direction = np.linalg.solve(scatter + ridge, centres[1] - centres[0])
    length = float((centres[1] - centres[0]) @ direction)
    if length <= 0:
        return 1.0
    way = (np.concatenate([first, second]) - centres[0]) @ direction / length
    start, middle, end = (int(np.count_nonzero(np.abs(way - at) < STRETCH)) for at in (0.0, 0.5, 1.0))
    return (middle + PRIOR) / (min(start, end) + PRIOR)


def _shape(places: Matrix, weights: NDArray[np.float64], inside: NDArray[np.bool_]) -> Matrix:
    """The places (points, d) that tell the shape of a bin: those known well, or all where these are few."""
    known = inside & (weights >= LEAST_WEIGHT)
    return places[known if known.sum() >= LEAST_POINTS else inside]
