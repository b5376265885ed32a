"""Relatives in one bin: no valley of density parts them in all directions together, but along one they are two.

The direction is that of least kurtosis: two clouds of like size make it small, islands and outliers large. A genome
alone has such a direction too. But its overlaps cross the border everywhere, and its halves are small for genomes.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from vaebin import bimodality, coverage, propagation, seams
from vaebin.consensus import Atoms
from vaebin.points import Points

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LEAST_APART = 3.3  # deviations between the means. Of two Staphylococcus 3.5, of a genome alone seldom over 3.2
MOST_CROSSING = 0.34  # of the links that chance would have there. Of genomes alone 0.35 and more, but for archaea
FAR = 0.5  # below that, from which one run decides for all: they differ by 0.2
LEAST_GENOME = 1.4e6  # bases of a half: two domains of composition part some archaea as clearly as relatives
LEAST_SHARE = 0.15  # of the smaller half: fewer are an island
PRIOR = 4  # links across that chance would have, before any is seen: few links prove nothing
KNOWN = 2  # sequences in a point whose place tells something
POINTS_A_DIRECTION = 40  # in directions that fewer points fill, chance makes two clouds of one
MOST_DIRECTIONS = 12
MOST_POINTS = 1000  # that the direction is looked for with
SURE = 0.95  # of a half from which a point is its core


class Halves(NamedTuple):
    """Two normal distributions of one width along the direction that parts a bin best.

    apart: distance of their means, in deviations. share: of the smaller one. crossing: links between the two, over
    those that chance would have. second: (m,) probability of every point to be of the second, by its place.
    """

    apart: float
    share: float
    crossing: float
    second: Vector


def part(shares: Matrix, runs: Sequence[Points], atoms: Atoms, depths: Vector, lengths: NDArray[np.int64]) -> Matrix:
    """Probabilities (atoms, bins) with bins of two relatives parted, and their halves if these are two again.

    shares: (atoms, bins). depths, lengths: (n,) of the sequences.
    """
    waiting = list(range(shares.shape[1]))
    while waiting:
        number = waiting.pop()
        inside = atoms.weights * ((shares.argmax(1) == number) & shares.any(1))
        looks = _ask(runs, atoms.owners, inside)
        if not are_two(looks):
            continue
        linked = [_linked(look, points) for look, points in zip(looks, runs, strict=True)]
        second = _agreed([chance[owner] for chance, owner in zip(linked, atoms.owners, strict=True)], inside)
        halves = [(inside > 0) & (second <= 0.5), (inside > 0) & (second > 0.5)]
        if all(_size(half[atoms.owner], depths, lengths) >= LEAST_GENOME for half in halves):
            shares = np.column_stack([shares, shares[:, number] * second])
            shares[:, number] *= 1 - second
            waiting += [number, shares.shape[1] - 1]
    return shares


def find_halves(points: Points, inside: NDArray[np.bool_]) -> Halves | None:
    """The halves of a bin, whose points are (m,) `inside`; None where too few of them are known."""
    known = np.flatnonzero(inside & (points.weights >= KNOWN))
    directions = min(MOST_DIRECTIONS, len(known) // POINTS_A_DIRECTION)
    if directions < 2:
        return None
    trust = np.sqrt(points.weights)
    used = known[:: -(-len(known) // MOST_POINTS)]
    direction = bimodality.least_kurtosis(points.places[used], trust[used], directions)
    way = points.places @ direction
    means, deviation, shares = bimodality.two_normals(way[known], trust[known])
    variance = points.variances() @ direction**2
    width = deviation * np.sqrt(np.maximum(variance / variance[known].mean(), 1))
    second = expit(np.log(shares[1] / shares[0]) + (way - means.mean()) * (means[1] - means[0]) / width**2)
    sides = np.full(len(way), 2)
    sides[known] = second[known] > 0.5
    crossing = seams.count_crossing(points.between, sides, 3, PRIOR)[1][0, 1]
    return Halves(float((means[1] - means[0]) / deviation), float(shares.min()), float(crossing), second)


def are_two(looks: Sequence[Halves]) -> bool:
    """Whether halves are two genomes, by the median of what the runs say; their sizes have a say, too."""
    if not looks:
        return False
    apart, share, crossing = np.median([look[:3] for look in looks], axis=0)
    return bool(apart >= LEAST_APART and share >= LEAST_SHARE and crossing <= MOST_CROSSING)


def _ask(runs: Sequence[Points], owners: Sequence[NDArray[np.int64]], inside: Vector) -> list[Halves]:
    """The halves of a bin in each run; none where one finds it too small or its halves far too close."""
    looks = []
    for points, owner in zip(runs, owners, strict=True):
        look = find_halves(points, np.bincount(owner, inside) > points.weights / 2)
        if look is None or look.apart < LEAST_APART - FAR:
            return []
        looks.append(look)
    return looks


def _linked(look: Halves, points: Points) -> Vector:
    """The probability (m,) of a point to be of the second half, by its links as well."""
    both = np.column_stack([1 - look.second, look.second])
    cores = np.where(both.max(1) > SURE, both.argmax(1), -1)
    return propagation.propagate(both, cores, points.between)[:, 1]


def _agreed(seconds: Sequence[Vector], weights: Vector) -> Vector:
    """The mean (atoms,) of what the runs say, each turned to call the halves as the first does."""
    turned = [s if weights @ ((s - 0.5) * (seconds[0] - 0.5)) >= 0 else 1 - s for s in seconds]
    return np.asarray(np.mean(turned, axis=0))


def _size(own: NDArray[np.bool_], depths: Vector, lengths: NDArray[np.int64]) -> float:
    if not own.any():
        return 0.0
    deep = coverage.median_depth(depths[own], np.maximum(lengths[own], 1))
    return coverage.genome_size(int(lengths[own].sum()), deep)
