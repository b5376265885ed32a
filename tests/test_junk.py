"""Random reads belong to no genome: together they overlap too little, alone they lie too far out."""

import numpy as np
import pytest
import scipy.sparse as sp

import simulated
from vaebin.binning import Binning, find_links
from vaebin.junk import EXPECTED, LARGEST_GENOME, lonely_bins, outliers
from vaebin.points import Points


def binning(best, places=None, weights=None, within=None):
    """Every sequence by itself, in the bins given (0: none)."""
    best = np.asarray(best)
    n = len(best)
    probabilities = np.eye(best.max() + 1)[best][:, 1:]
    places = np.zeros((n, 2)) if places is None else places
    weights = np.ones(n) if weights is None else np.asarray(weights, float)
    within = np.zeros(places.shape[1]) if within is None else within
    points = Points(places, weights, sp.identity(n, format="csr"), np.arange(n), sp.csr_matrix((n, n)), within)
    return Binning(np.arange(n), probabilities, points)


class TestLonelyBins:
    lengths = np.full(1000, 6000)

    @pytest.mark.parametrize(
        ("overlaps", "lonely"),
        [(0.0, True), (0.09, True), (0.11, False), (1.0, False)],
        ids=["none", "few", "some", "all"],
    )
    def test_against_the_overlaps_of_the_largest_genome(self, overlaps, lonely):
        """1,000 reads of 6,000 bases on LARGEST_GENOME make n^2 L / G overlaps, half of them long."""
        expected = 0.5 * 1000 * 6_000_000 / LARGEST_GENOME
        degree = np.zeros(1000, np.int64)
        degree[0] = round(2 * overlaps * expected)
        assert lonely_bins(binning(np.ones(1000, int)), self.lengths, degree).tolist() == [lonely]

    @pytest.mark.parametrize(("factor", "lonely"), [(0.99, False), (1.01, True)], ids=["too few", "enough"])
    def test_few_reads_prove_nothing(self, factor, lonely):
        n = int(factor * (EXPECTED * LARGEST_GENOME / 6000 / 0.5) ** 0.5)
        found = lonely_bins(binning(np.ones(n, int)), np.full(n, 6000), np.zeros(n, np.int64))
        assert found.tolist() == [lonely]

    def test_each_bin_by_itself_and_unbinned_reads_in_none(self):
        best = np.repeat([0, 1, 2], [100, 500, 400])
        degree = np.where(best == 2, 10, 0)
        assert lonely_bins(binning(best), self.lengths, degree).tolist() == [True, False]

    def test_random_reads_are_told_from_a_genomes(self):
        rng = np.random.default_rng(91)
        reads = simulated.shotgun(rng, [simulated.random_genome(rng, 300_000)], [2], 6000, identity=0.95)
        reads = reads.with_more(simulated.junk(rng, 300, 8000))
        _, overlaps, agreement = simulated.compare(reads.sequences)
        degree = np.diff(find_links(overlaps, agreement, reads.lengths).edges.indptr)
        best = np.where(reads.genome == 0, 1, 2)
        assert lonely_bins(binning(best), reads.lengths, degree).tolist() == [False, True]


class TestOutliers:
    @pytest.fixture
    def places(self):
        """Two bins of points that scatter by one unit, and one point of bin 2 far out."""
        rng = np.random.default_rng(92)
        places = rng.normal(size=(400, 3)) + np.repeat([[0, 0, 0], [30, 0, 0]], 200, axis=0)
        places[-1] = [60, 0, 0]
        return places

    best = np.repeat([1, 2], 200)

    def test_are_far_from_their_bin(self, places):
        found = outliers(binning(self.best, places), np.zeros(400, np.int64))
        assert found[-1]
        assert found[:-1].sum() <= 2

    def test_none_that_overlap(self, places):
        assert not outliers(binning(self.best, places), np.ones(400, np.int64)).any()

    def test_none_without_a_bin(self, places):
        assert not outliers(binning(np.zeros(400, int), places), np.zeros(400, np.int64)).any()

    @pytest.mark.parametrize("within", [0.0, 0.5, 0.95], ids=["all noise", "half and half", "nearly all scatter"])
    def test_single_reads_among_communities_may_lie_further_out(self, within):
        """300 communities of 40 reads and 60 reads alone, of one genome: noise goes as 1 / reads."""
        rng = np.random.default_rng(93)
        weights = np.repeat([40.0, 1.0], [300, 60])
        share = np.full(13, within)
        points = binning(np.ones(360, int), np.zeros((360, 13)), weights, share).points
        places = rng.normal(size=(360, 13)) * np.sqrt(points.variances())
        found = outliers(binning(np.ones(360, int), places, weights, share), np.zeros(360, np.int64))
        assert found.sum() <= 1
