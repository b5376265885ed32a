"""A pair of one place shares what its two reads' errors leave; a pair of relatives or of a repeat shares less."""

import numpy as np
import pytest

import simulated
from vaebin.agreement import measure
from vaebin.formats.overlaps import Overlaps

K = simulated.K


def pairs(i, j, shared, span=8000, overhang=0):
    m = len(shared)
    full = {"span": span, "left": overhang, "right": 0}
    rest = {name: np.full(m, full.get(name, 0), np.int32) for name in Overlaps.__dataclass_fields__}
    return Overlaps(
        **{**rest, "i": np.array(i, np.int32), "j": np.array(j, np.int32), "shared": np.array(shared, np.int32)}
    )


class TestByHand:
    def test_equal_pairs_agree(self):
        """16 kept k-mers of 8,000 bases at 1/16 are one in 31: both reads keep 1/31 of their k-mers."""
        found = measure(pairs([0, 0, 1], [1, 2, 2], [16, 16, 16]), 3, 16)
        assert found.log_ratio == pytest.approx([0, 0, 0])
        assert found.intact == pytest.approx(16 * 16 / 8000)

    def test_a_pair_that_overlaps_in_part_only_is_compared_with_the_others(self):
        """Half of the k-mers on twice the stretch; such a pair takes no part in the fit."""
        found = measure(
            Overlaps(**{
                name: np.concatenate([a, b])
                for (name, a), b in zip(
                    vars(pairs([0, 0, 1], [1, 2, 2], [16] * 3)).items(),
                    vars(pairs([0], [3], [8], span=4000, overhang=12_000)).values(),
                    strict=True,
                )
            }),
            4,
            16,
        )  # fmt: skip
        assert found.log_ratio == pytest.approx([0, 0, 0, np.log(1 / 4)])

    def test_a_bad_read_is_no_bad_pair(self):
        """Read 0 has half of the k-mers in each of many overlaps."""
        i, j = np.triu_indices(20, 1)
        found = measure(pairs(i, j, np.where(i == 0, 50, 100)), 20, 16)
        assert np.abs(found.log_ratio).max() < 0.1

    def test_nothing_overlaps_in_full(self):
        found = measure(pairs([0], [1], [3]), 2, 16)
        assert found.log_ratio.tolist() == [0]
        assert found.intact == 1

    def test_no_pairs(self):
        assert len(measure(pairs([], [], []), 0, 16).log_ratio) == 0


@pytest.mark.parametrize("identity", [1.0, 0.96, 0.93])
def test_intact_is_the_chance_that_errors_spare_a_kmer_on_both_reads(identity):
    rng = np.random.default_rng(21)
    reads = simulated.shotgun(rng, [simulated.random_genome(rng, 50_000)], [10], 10_000, identity)
    assert simulated.compare(reads.sequences)[2].intact == pytest.approx(identity ** (2 * K), rel=0.15)


def test_a_relative_disagrees():
    """Reads of two genomes that differ in 4 % of their bases share 0.96^19 of the k-mers of reads of one."""
    rng = np.random.default_rng(22)
    genome = simulated.random_genome(rng, 50_000)
    relative = np.where(rng.random(50_000) < 0.04, (genome + 1) % 4, genome)
    reads = simulated.shotgun(rng, [genome, relative], [8, 8], 8000)
    _, overlaps, agreement = simulated.compare(reads.sequences)
    across = reads.genome[overlaps.i] != reads.genome[overlaps.j]
    within, between = np.median(agreement.log_ratio[~across]), np.median(agreement.log_ratio[across])
    assert between - within == pytest.approx(K * np.log(0.96), rel=0.2)
