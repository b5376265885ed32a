"""From latent means that hold depth to bins of contigs: a first look says what differs within a genome, a second bins.

Contigs do not overlap, so nothing tells beforehand which of them are of one genome. What the first look takes for one
does: how far these lie apart is the unit of distance in the second. The contigs that bins are seen by then tell what
is typical of each, in 4-mers and depths themselves, so that the others do not go by their latents alone.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vaebin import abundance, density, propagation, scaling, whitening
from vaebin.binning import Binning, Matrix, by_size, config_size, single_points
from vaebin.config import ClusterConfig
from vaebin.formats.container import release
from vaebin.formats.features import Features

CORE_BASES = 2000  # of a contig at least whose place tells where bins are; the composition of shorter ones is noise
STRETCH = 20_000  # bases of a contig for which it counts as one point, so that a genome in a few contigs is seen
LEAST_SAMPLES = 5  # HDBSCAN's min_samples; with fewer a small set falls apart
UNSURENESS = 6.0  # what divides the logarithms of two opinions: probabilities then come true, and keep their order
RIDGE = 0.1  # variance added in every direction, in units of one contig's noise
_ROWS = 1024  # of counts in memory at once


@dataclass(frozen=True)
class Profiles:
    """What n contigs are told apart by, beside their latents.

    values: (n, 136 + depths) square roots of 4-mer frequencies, then log depths. depth: (n,) in all samples together.
    """

    values: NDArray[np.float32]
    depth: NDArray[np.float64]


def read_profiles(shards: Sequence[Features]) -> Profiles | None:
    """The profiles of the contigs of all shards; None of sequences without depth."""
    values, depths = [], []
    for shard in shards:
        if shard.depth is None:
            return None
        logs = abundance.columns(shard.depth)
        rows = np.empty((len(shard), shard.parts.shape[2] + logs.shape[1]), np.float32)
        for start in range(0, len(rows), _ROWS):
            block = slice(start, start + _ROWS)
            kmers = scaling.composition(shard.parts[block].sum(1, dtype=np.float32), "hellinger")
            rows[block] = np.hstack([kmers, logs[block]])
        release(shard.parts)
        values.append(rows)
        depths.append(shard.depth.sum(1, dtype=np.float64))
    return Profiles(np.concatenate(values), np.concatenate(depths)) if values else None


def bin_contigs(
    means: Matrix, lengths: NDArray[np.int64], config: ClusterConfig, profiles: NDArray[np.floating] | None = None
) -> Binning:
    """Bin contigs; means: (n, d), one contig's noise 1 in every direction. lengths: (n,) bases.

    profiles: (n, columns) as in `Profiles`; without them contigs go by the latent alone. Bins are numbered by their
    bases, and may be of a single contig.
    """
    cores, strength = _find_cores(means, np.ones(len(means), np.int64), lengths, config)
    places = means
    if cores.max(initial=-1) >= 0:
        places = _in_units_within(means, strength * np.clip(lengths, 1, STRETCH), cores)
    cores, _ = _find_cores(places, np.maximum(1, lengths // STRETCH), lengths, config)
    parted = cores.max(initial=-1) >= 0
    spread = propagation.nearest_cores(places, cores) if parted else np.ones((len(places), 1))
    if profiles is not None:
        spread = discriminate(spread, profiles, cores)
    points = single_points(places)
    return Binning(points.owner, by_size(spread, points.weights, config.min_bin_size, lengths), points)


def discriminate(spread: Matrix, profiles: NDArray[np.floating], cores: NDArray[np.int64]) -> Matrix:
    """Probabilities (n, bins) of contigs by those of the latent and a linear discriminant that the cores teach.

    spread: (n, bins) by the latent. profiles: (n, columns). cores: (n,) bin of each core, which keeps its own
    probabilities; -1 for the others. The two are multiplied and made less sure of, for both go by the same 4-mers.
    Covariances are shrunk (Ledoit & Wolf 2004). Too few cores to know them by teach nothing.
    """
    core, bins = cores >= 0, spread.shape[1]
    if bins < 2 or core.all() or core.sum() - bins < profiles.shape[1]:
        return spread
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Only one sample available")  # of a bin with one core, which adds no scatter
        discriminant = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(profiles[core], cores[core])
    both = np.log(np.maximum(spread[~core], np.finfo(float).tiny)) + discriminant.predict_log_proba(profiles[~core])
    chances = np.exp((both - both.max(1, keepdims=True)) / UNSURENESS)
    found = spread.copy()
    found[~core] = chances / chances.sum(1, keepdims=True)
    return found


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
        points, size, config.min_samples or max(LEAST_SAMPLES, size // 5), config.selection
    )
    votes = np.zeros((len(places), labels.max(initial=-1) + 2), np.int64)
    np.add.at(votes, (owner, labels + 1), 1)
    strength = np.zeros(len(places))
    np.maximum.at(strength, owner, strengths)
    won = votes.argmax(1) - 1
    won[won >= 0] = np.unique(won[won >= 0], return_inverse=True)[1]  # a cluster may have lost all of its contigs
    return won, strength
