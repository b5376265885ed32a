"""From latent means that hold depth to bins of contigs: a first look says what differs within a genome, a second bins.

Contigs do not overlap, so nothing tells beforehand which of them are of one genome. What the first look takes for one
does: how far these lie apart is the unit of distance in the second.
"""

import numpy as np
from numpy.typing import NDArray

from vaebin import density, propagation, whitening
from vaebin.binning import Binning, Matrix, by_size, config_size, single_points
from vaebin.config import ClusterConfig

CORE_BASES = 2000  # of a contig at least whose place tells where bins are; the composition of shorter ones is noise
STRETCH = 20_000  # bases of a contig for which it counts as one point, so that a genome in a few contigs is seen
LEAST_SAMPLES = 5  # HDBSCAN's min_samples; with fewer a small set falls apart
RIDGE = 0.1  # variance added in every direction, in units of one contig's noise


def bin_contigs(means: Matrix, lengths: NDArray[np.int64], config: ClusterConfig) -> Binning:
    """Bin contigs; means: (n, d), one contig's noise 1 in every direction. lengths: (n,) bases.

    Bins are numbered by their bases, and may be of a single contig.
    """
    cores, strength = _find_cores(means, np.ones(len(means), np.int64), lengths, config)
    places = means
    if cores.max(initial=-1) >= 0:
        places = _in_units_within(means, strength * np.clip(lengths, 1, STRETCH), cores)
    cores, _ = _find_cores(places, np.maximum(1, lengths // STRETCH), lengths, config)
    parted = cores.max(initial=-1) >= 0
    spread = propagation.nearest_cores(places, cores) if parted else np.ones((len(places), 1))
    points = single_points(places)
    return Binning(points.owner, by_size(spread, points.weights, config.min_bin_size, lengths), points)


def _in_units_within(means: Matrix, weights: NDArray[np.float64], cores: NDArray[np.int64]) -> Matrix:
    """Means in units of the scatter of cores about the centres of their clusters (n,), by weights (n,)."""
    inside = cores >= 0
    scatter = whitening.scatter_about_centres(means[inside], weights[inside], cores[inside])
    return whitening.scale_by_noise(means, scatter + RIDGE * np.eye(means.shape[1]))


def _find_cores(
    places: Matrix, copies: NDArray[np.int64], lengths: NDArray[np.int64], config: ClusterConfig
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cluster (n,) of the contigs that HDBSCAN is sure of, -1 for others, and how firmly (n,) they are in it.

    copies: (n,) points that a contig stands for; where there are several, they lie about its place as contigs of one
    genome do. Of more than `config.sample` points some are drawn.
    """
    rng = np.random.default_rng(config.seed)
    long = np.flatnonzero(lengths >= CORE_BASES)
    long = long if len(long) else np.arange(len(lengths))
    owner = np.repeat(long, copies[long])
    if len(owner) > config.sample:
        owner = np.sort(rng.choice(owner, config.sample, replace=False))
    points = places[owner]
    several = copies[owner] > 1
    points[several] += rng.normal(size=(int(several.sum()), places.shape[1]))
    size = config_size(config, len(points))
    labels, strengths = density.find_clusters(
        points, size, config.min_samples or max(LEAST_SAMPLES, size // 4), config.selection
    )
    votes = np.zeros((len(places), labels.max(initial=-1) + 2), np.int64)
    np.add.at(votes, (owner, labels + 1), 1)
    strength = np.zeros(len(places))
    np.maximum.at(strength, owner, strengths)
    return votes.argmax(1) - 1, strength
