"""Depth is in reads over a base, whatever the errors; log depth is in units of one read's noise."""

import numpy as np
import pytest

import simulated
from vaebin.communities import membership
from vaebin.coverage import FLOOR, LARGE, depth, log_depth, median_depth

SIZE = 100_000


class TestDepth:
    def test_is_corrected_for_kmers_that_errors_take(self):
        assert depth(np.array([0.0, 1.0, 5.0]), 0.25).tolist() == [0, 4, 20]

    def test_of_reads_that_share_nothing(self):
        assert np.isfinite(depth(np.zeros(2), 0.0)).all()

    @pytest.mark.parametrize("identity", [1.0, 0.93])
    @pytest.mark.parametrize("truth", [3, 10, 30])
    def test_depth_and_genome_size_of_simulated_reads(self, truth, identity):
        """Genome size as the summary has it: bases over the depth of the mean base."""
        rng = np.random.default_rng(truth)
        reads = simulated.shotgun(rng, [simulated.random_genome(rng, SIZE)], [truth], 6000, identity)
        holders, _, agreement = simulated.compare(reads.sequences)
        depths = depth(holders.multiplicity, agreement.intact)
        mean = np.average(depths, weights=reads.lengths)
        assert mean == pytest.approx(reads.span.sum() / SIZE, rel=0.2)
        assert reads.lengths.sum() / mean == pytest.approx(SIZE, rel=0.2)

    def test_genomes_of_one_sample_are_told_apart(self):
        rng = np.random.default_rng(41)
        genomes = [simulated.random_genome(rng, SIZE) for _ in range(2)]
        reads = simulated.shotgun(rng, genomes, [4, 16], 6000, 0.95)
        holders, _, agreement = simulated.compare(reads.sequences)
        depths = depth(holders.multiplicity, agreement.intact)
        assert [depths[reads.genome == g].mean() for g in (0, 1)] == pytest.approx([4, 16], rel=0.2)


class TestLogDepth:
    def test_reads_of_one_community_scatter_by_one(self):
        rng = np.random.default_rng(42)
        owner = np.repeat(np.arange(50), 20)
        depths = np.repeat(rng.uniform(1, 50, 50), 20) * rng.lognormal(0, 0.3, 1000)
        x = log_depth(depths, membership(owner), owner)
        variances = [x[owner == c].var(ddof=1) for c in range(50)]
        assert np.mean(variances) == pytest.approx(1)

    def test_is_the_logarithm_in_another_unit(self):
        owner = np.repeat([0, 1], LARGE)
        depths = np.arange(2.0 * LARGE)
        assert np.corrcoef(log_depth(depths, membership(owner), owner), np.log(depths + FLOOR))[0, 1] == pytest.approx(
            1
        )

    @pytest.mark.parametrize(
        ("owner", "depths"),
        [(np.arange(6), np.arange(6.0)), (np.zeros(6, int), np.full(6, 3.0)), (np.empty(0, int), np.empty(0))],
        ids=["no large community", "no scatter", "no reads"],
    )
    def test_says_nothing_where_the_noise_is_unknown(self, owner, depths):
        assert log_depth(depths, membership(owner), owner).tolist() == [0.0] * len(owner)


@pytest.mark.parametrize(
    ("depths", "lengths", "median"),
    [
        ([3.0], [1000], 3),
        ([1.0, 2, 9], [1000, 1000, 1000], 2),
        ([9.0, 1, 2], [5000, 1000, 1000], 9),
        ([1.0, 2, 3, 4, 90], [1000] * 5, 3),
    ],
    ids=["one read", "middle", "by bases", "a repeat counts little"],
)
def test_median_depth(depths, lengths, median):
    assert median_depth(np.array(depths), np.array(lengths)) == median
