"""From latent means and overlaps to bins: communities, whitening, cores, propagation, seams."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vaebin import chimeras, communities, consensus, coverage, density, propagation, relatives, seams, whitening
from vaebin.agreement import Agreement
from vaebin.config import ClusterConfig
from vaebin.formats.overlaps import Overlaps
from vaebin.points import Points

Matrix = NDArray[np.float64]

LEAST_SHARED = 4  # k-mers of a pair that count as a link
LEAST_AGREEMENT = 0.7  # of the density expected of the pair
LEAST_LINKED = 0.1  # share of sequences with a link from which they are reads of a sample, not contigs
LARGE = 5  # reads in a community whose place within its genome is known well


@dataclass(frozen=True)
class Links:
    """What is left of the overlaps after the guards.

    edges: (n, n) weighted. joints: (n,) place of a chimera's joint, -1 without. dropped: edges each guard took.
    """

    edges: sp.csr_matrix
    joints: NDArray[np.int64]
    dropped: dict[str, int]

    @property
    def linked(self) -> float:
        """Share of sequences that have a link."""
        degree = np.diff(self.edges.indptr)
        return float((degree > 0).mean()) if len(degree) else 0.0


@dataclass(frozen=True)
class Binning:
    """Bins of n sequences, numbered from 1 in order of size.

    owner: (n,) atom of each sequence. probabilities: (atoms, bins). points: those of the first run.
    """

    owner: NDArray[np.int64]
    probabilities: Matrix
    points: Points

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return int(self.probabilities.shape[1])

    @property
    def best(self) -> NDArray[np.int64]:
        """(n,) the likeliest bin of each sequence; 0 where there is none."""
        if not self.bins:
            return np.zeros(len(self.owner), np.int64)
        return np.where(self.probabilities.max(1) > 0, self.probabilities.argmax(1) + 1, 0)[self.owner]

    @property
    def certain(self) -> NDArray[np.float64]:
        """(n,) the probability of the likeliest bin."""
        return np.asarray(self.probabilities.max(1, initial=0.0)[self.owner])

    @property
    def points_best(self) -> NDArray[np.int64]:
        """(m,) the bin that most of a point's sequences are in; 0 for none."""
        return self.points.majority(self.best)


def find_links(overlaps: Overlaps, agreement: Agreement, lengths: NDArray[np.int64]) -> Links:
    """Take out weak pairs and those on the smaller side of a chimera's joint."""
    n = len(lengths)
    enough = overlaps.shared >= LEAST_SHARED
    joints = chimeras.find_joints(overlaps, enough, n)
    chimeric = enough & chimeras.crossing(overlaps, joints, lengths)
    weak = enough & ~chimeric & (agreement.log_ratio <= np.log(LEAST_AGREEMENT))
    kept = enough & ~chimeric & ~weak
    weight = (overlaps.shared[kept] - (LEAST_SHARED - 1)).astype(np.float32)
    dropped = {"chimera": int(chimeric.sum()), "weak": int(weak.sum())}
    return Links(communities.graph(overlaps.i[kept], overlaps.j[kept], weight, n), joints, dropped)


def bin_reads(
    means: Matrix,
    depths: NDArray[np.float64],
    links: Links,
    lengths: NDArray[np.int64],
    config: ClusterConfig,
    threads: int = 1,
) -> Binning:
    """Bin reads by their communities, several times over, take what the runs agree on, and part relatives.

    means: (n, d), one sequence's noise 1 in every direction. depths: (n,) other reads over a base. lengths: (n,).
    """
    size = config.community_size or communities.largest(len(means))
    with ThreadPoolExecutor(threads) as pool:  # tasks of half a run: an odd number of runs still fills two threads
        found = [pool.submit(find_points, means, depths, links, size, config.seed + n) for n in range(config.runs)]
        spread = [pool.submit(lambda points: _probabilities(points.result(), config), points) for points in found]
    runs, probabilities = [task.result() for task in found], [task.result() for task in spread]
    atoms = consensus.atoms([points.owner for points in runs])
    agreed = consensus.combine(probabilities, atoms.owners, atoms.weights)
    parted = relatives.part(agreed, runs, atoms, depths, lengths)
    least = config.min_bin_size or config_size(config, len(runs[0].weights))
    return Binning(atoms.owner, by_size(parted, atoms.weights, least), runs[0])


def bin_sequences(means: Matrix, config: ClusterConfig) -> Binning:
    """Bin sequences one by one, where there are no overlaps; means as in `bin_reads`."""
    points = single_points(means)
    least = config.min_bin_size or config_size(config, len(means))
    return Binning(points.owner, by_size(_probabilities(points, config), points.weights, least), points)


def find_points(means: Matrix, depths: NDArray[np.float64], links: Links, size: int, seed: int) -> Points:
    """Communities as points: pooled latents and log depth, whitened by scatter within genomes plus noise.

    means and depths as in `bin_reads`. size: reads in a community at most.
    """
    owner = communities.find_communities(links.edges, size, seed)
    members = communities.membership(owner)
    between = communities.links(links.edges, members, owner)
    features = np.column_stack([means, coverage.log_depth(depths, members, owner)])
    weights = np.asarray(members.sum(1)).ravel()
    pooled = members @ features / weights[:, None]
    large = weights >= LARGE
    groups = communities.join_by_mutual_links(between, 2)[large]
    scatter = whitening.scatter_within(pooled[large], weights[large], np.unique(groups, return_inverse=True)[1])
    places, within = whitening.leading(*whitening.whiten(pooled, weights, scatter))
    return Points(places, weights, members, owner, between, within)


def single_points(means: Matrix) -> Points:
    """Every sequence is a point; means as in `bin_reads`."""
    n = len(means)
    alone, unlinked = sp.identity(n, format="csr"), sp.csr_matrix((n, n))
    return Points(np.asarray(means, np.float64), np.ones(n), alone, np.arange(n), unlinked, np.zeros(means.shape[1]))


def _probabilities(points: Points, config: ClusterConfig) -> Matrix:
    """(m, clusters): HDBSCAN's cores, the rest by nearest cores and links, seams mended; one where nothing parts."""
    m = len(points.weights)
    cores = _find_cores(points.places, config)
    if cores.max(initial=-1) < 0:
        whole = points.weights.sum() >= max(2, config_size(config, m))
        return np.ones((m, 1)) if whole else np.zeros((m, 0))
    prior = propagation.nearest_cores(points.places, cores)
    spread = propagation.propagate(prior, cores, points.between)
    return seams.mend(spread, points.places, points.weights, points.between)


def config_size(config: ClusterConfig, m: int) -> int:
    """min_cluster_size for m points."""
    return config.min_cluster_size or density.cluster_size(m)


def _find_cores(places: Matrix, config: ClusterConfig) -> NDArray[np.int64]:
    """Cluster (m,) of the points that HDBSCAN is sure of, -1 for others; of a sample when there are many."""
    m = len(places)
    chosen = np.arange(m)
    if m > config.sample:
        chosen = np.sort(np.random.default_rng(config.seed).choice(m, config.sample, replace=False))
    size = config_size(config, len(chosen))
    samples = config.min_samples or max(2, size // 5)
    cores = np.full(m, -1)
    cores[chosen] = density.find_clusters(places[chosen], size, samples, config.selection)[0]
    return cores


def by_size(spread: Matrix, weights: NDArray[np.float64], least: int, bases: NDArray[np.int64] | None = None) -> Matrix:
    """Columns in order of the sequences they win, largest first; those that win fewer than `least` are left out.

    weights: (n,) sequences a row. bases: (n,) of these, if the order is by them.
    """
    while spread.shape[1]:
        best, any_bin = spread.argmax(1), spread.any(1)
        won = np.bincount(best, weights * any_bin, minlength=spread.shape[1])
        rank = won if bases is None else np.bincount(best, bases * any_bin, minlength=spread.shape[1])
        order = np.argsort(-rank, kind="stable")
        keep = order[won[order] >= max(1, least)]
        spread = spread[:, keep]
        total = spread.sum(1, keepdims=True)
        spread = np.divide(spread, total, out=np.zeros_like(spread), where=total > 0)
        if len(keep) == len(order):
            break
    return spread
