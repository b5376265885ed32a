"""From means and overlaps to bins: guards on links, communities as points, cores and propagation, order of size."""

import dataclasses

import numpy as np
import pytest

import simulated
from vaebin import binning
from vaebin.agreement import Agreement
from vaebin.binning import LEAST_AGREEMENT, LEAST_SHARED, bin_reads, bin_sequences, find_links, find_points
from vaebin.config import ClusterConfig
from vaebin.density import cluster_size
from vaebin.formats.overlaps import Overlaps

CONFIG = ClusterConfig(seed=3, selection="eom")


def pairs(i, j, shared):
    zeros = {name: np.zeros(len(i), np.int32) for name in Overlaps.__dataclass_fields__}
    return Overlaps(**{**zeros, "i": np.array(i), "j": np.array(j), "shared": np.array(shared)})


class TestLinks:
    def test_few_shared_kmers_and_weak_agreement_make_no_edge(self):
        overlaps = pairs([0, 0, 0], [1, 2, 3], [LEAST_SHARED - 1, LEAST_SHARED, LEAST_SHARED + 6])
        weak = np.log(LEAST_AGREEMENT) - 0.01
        strong = np.log(LEAST_AGREEMENT) + 0.01
        kept = find_links(overlaps, Agreement(np.full(3, strong), 1.0), np.full(4, 9000))
        assert kept.edges.toarray()[0].tolist() == [0, 0, 1, 7]
        assert kept.dropped == {"chimera": 0, "weak": 0}
        none = find_links(overlaps, Agreement(np.full(3, weak), 1.0), np.full(4, 9000))
        assert none.edges.nnz == 0
        assert none.dropped == {"chimera": 0, "weak": 2}

    @pytest.fixture
    def ribosomal(self):
        """Two genomes that share 1,500 bases, as those of an rRNA."""
        rng = np.random.default_rng(81)
        genomes = [simulated.random_genome(rng, 30_000) for _ in range(2)]
        genomes[1][10_000:11_500] = genomes[0][20_000:21_500]
        reads = simulated.shotgun(rng, genomes, [20, 20], 8000, identity=0.97)
        _, overlaps, agreement = simulated.compare(reads.sequences, fraction=8)
        return reads, overlaps, agreement

    def test_a_gene_that_genomes_share_makes_hardly_an_edge(self, ribosomal):
        """Left are reads that end within the gene, which look like any overlap of two ends."""
        reads, overlaps, agreement = ribosomal
        unguarded = self.across(reads, overlaps, Agreement(np.zeros(len(overlaps)), agreement.intact))
        assert unguarded > 0.05
        assert self.across(reads, overlaps, agreement) < 0.15 * unguarded

    @staticmethod
    def across(reads, overlaps, agreement):
        edges = find_links(overlaps, agreement, reads.lengths).edges.tocoo()
        return (reads.genome[edges.row] != reads.genome[edges.col]).mean()


@pytest.fixture(scope="module")
def sample():
    """Three genomes of 60, 40 and 20 kb at 12x, 6x and 9x, with means that their reads' noise of 1 scatters."""
    rng = np.random.default_rng(82)
    genomes = [simulated.random_genome(rng, size) for size in (60_000, 40_000, 20_000)]
    reads = simulated.shotgun(rng, genomes, [12, 6, 9], 4000, identity=0.97)
    holders, overlaps, agreement = simulated.compare(reads.sequences)
    means = rng.normal(scale=5, size=(3, 4))[reads.genome] + rng.normal(size=(len(reads), 4))
    links = find_links(overlaps, agreement, reads.lengths)
    return reads, means, holders.multiplicity / agreement.intact, links


class TestPoints:
    @pytest.fixture(scope="class")
    @classmethod
    def points(cls, sample):
        return find_points(*sample[1:], size=8, seed=1)

    def test_every_sequence_has_one_point(self, sample, points):
        reads, _, _, _ = sample
        assert points.owner.shape == (len(reads),)
        assert np.bincount(points.owner).tolist() == points.weights.tolist()
        assert points.members.toarray()[points.owner, np.arange(len(reads))].tolist() == [1] * len(reads)
        assert points.weights.max() <= 8

    def test_points_are_means_and_depth_turned_and_scaled(self, sample, points):
        """Whitening is linear: the pooled means are a linear map of the places."""
        pooled = points.members @ sample[1] / points.weights[:, None]
        assert points.places.shape == (len(points.weights), 5)
        map_, *_ = np.linalg.lstsq(points.places, pooled, rcond=None)
        assert points.places @ map_ == pytest.approx(pooled, abs=1e-6)

    def test_links_lie_within_genomes(self, sample, points):
        genome = np.array([sample[0].genome[points.owner == p][0] for p in range(len(points.weights))])
        between = points.between.tocoo()
        assert len(between.data) > len(genome)
        assert (genome[between.row] == genome[between.col]).all()


class TestReads:
    config = dataclasses.replace(CONFIG, community_size=6, min_cluster_size=6)

    def test_genomes_are_bins_in_order_of_size(self, sample):
        found = bin_reads(*sample[1:], sample[0].lengths, self.config)
        assert (found.best == sample[0].genome + 1).mean() > 0.98
        assert found.bins == 3

    def test_probabilities_are_of_atoms(self, sample):
        found = bin_reads(*sample[1:], sample[0].lengths, self.config)
        assert found.probabilities.shape == (found.owner.max() + 1, found.bins)
        assert found.probabilities.sum(1) == pytest.approx(np.ones(len(found.probabilities)))
        assert found.certain == pytest.approx(found.probabilities.max(1)[found.owner])

    def test_a_points_bin_is_that_of_most_of_its_reads(self, sample):
        found = bin_reads(*sample[1:], sample[0].lengths, self.config)
        for point, best in enumerate(found.points_best):
            assert best == np.bincount(found.best[found.points.owner == point]).argmax()

    def test_the_same_every_time(self, sample):
        first, second = (bin_reads(*sample[1:], sample[0].lengths, self.config) for _ in range(2))
        assert np.array_equal(first.probabilities, second.probabilities)
        assert np.array_equal(first.owner, second.owner)


def blobs(*sizes):
    """Means (n, 2) far apart, shuffled, and the blob of each."""
    rng = np.random.default_rng(83)
    owner = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    centres = np.array([[0, 0], [30, 0], [0, 40], [50, 50]])
    return centres[owner] + rng.normal(size=(len(owner), 2)), owner


class TestSequences:
    def test_bins_are_numbered_by_size(self):
        means, owner = blobs(40, 90, 60)
        found = bin_sequences(means, CONFIG)
        assert found.best.tolist() == np.array([3, 1, 2])[owner].tolist()
        assert np.bincount(found.best).tolist() == [0, 90, 60, 40]

    @pytest.mark.parametrize(
        ("least", "sizes"),
        [(1, [90, 60, 40]), (40, [90, 60, 40]), (41, [90, 60]), (80, [90]), (200, [])],
        ids=["all", "just enough", "one too small", "one left", "none left"],
    )
    def test_bins_smaller_than_min_bin_size_are_left_out(self, least, sizes):
        """Their sequences are in no bin."""
        found = bin_sequences(blobs(40, 90, 60)[0], dataclasses.replace(CONFIG, min_bin_size=least))
        assert found.bins == len(sizes)
        assert np.bincount(found.best, minlength=1)[1:].tolist() == sizes
        assert (found.certain[found.best == 0] == 0).all()

    @pytest.mark.parametrize(
        ("n", "bins"), [(0, 0), (1, 0), (4, 0), (5, 1), (8, 1)], ids=["none", "one", "four", "five", "eight"]
    )
    def test_few_sequences_are_one_bin_or_none(self, n, bins):
        found = bin_sequences(blobs(n)[0], CONFIG)
        assert found.bins == bins
        assert found.best.tolist() == [bins] * n
        assert found.certain.tolist() == [bins] * n

    def test_one_bin_too_has_a_least_size(self):
        assert bin_sequences(blobs(8)[0], dataclasses.replace(CONFIG, min_bin_size=9)).bins == 0

    def test_of_many_points_hdbscan_sees_a_sample(self, monkeypatch):
        """The others join their nearest."""
        seen = []
        find = binning.density.find_clusters
        monkeypatch.setattr(
            binning.density, "find_clusters", lambda points, *a: seen.append(len(points)) or find(points, *a)
        )
        means, owner = blobs(80, 160, 120)
        found = bin_sequences(means, dataclasses.replace(CONFIG, sample=100, min_cluster_size=10))
        assert seen == [100]
        assert found.best.tolist() == np.array([3, 1, 2])[owner].tolist()


@pytest.mark.parametrize(
    ("given", "points", "size"), [(0, 400, cluster_size(400)), (7, 400, 7)], ids=["by number", "as given"]
)
def test_min_cluster_size(given, points, size):
    assert binning.config_size(dataclasses.replace(CONFIG, min_cluster_size=given), points) == size
