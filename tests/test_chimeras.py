"""Reads joined from two places are found where nothing spans the joint, and do not join two genomes."""

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

import simulated
from vaebin import binning, chimeras
from vaebin.chimeras import WINDOW, crossing
from vaebin.formats.overlaps import Overlaps

HALF = 4000  # bases of a chimera from either genome
AT = [40, 60, 80]  # where chimeras stand among the reads


@pytest.fixture(scope="module")
def genomes():
    rng = np.random.default_rng(11)
    return [simulated.random_genome(rng, 40_000) for _ in range(2)]


@pytest.fixture(scope="module")
def clean(genomes):
    return simulated.shotgun(np.random.default_rng(12), genomes, [12, 12], 8000)


def chimera(genomes, a, b, major=HALF, minor=HALF, reverse=False):
    """`major` bases of the first genome from a, then `minor` of the second from b."""
    return simulated.text(
        np.concatenate([simulated.piece(genomes[0], a, major), simulated.piece(genomes[1], b, minor, reverse)])
    )


@pytest.fixture(scope="module")
def mixed(genomes, clean):
    """Three chimeras of different places among the others, of no one genome; the third is joined nearer to its end."""
    more = [chimera(genomes, 5000, 9000), chimera(genomes, 30_000, 22_000, reverse=True)]
    reads = clean.with_more([*more, chimera(genomes, 18_000, 33_000, major=6000, minor=3000)])
    order = np.random.default_rng(14).permutation(len(clean))
    return reads.in_order(np.insert(order, np.array(AT) - np.arange(3), len(clean) + np.arange(3)))


def find_joints(overlaps, n):
    return chimeras.find_joints(overlaps, np.ones(len(overlaps), bool), n)


class TestFinding:
    def test_chimeras_and_no_others(self, mixed):
        joints = find_joints(simulated.overlap(mixed.sequences)[1], len(mixed))
        assert joints[AT] == pytest.approx([HALF, HALF, 6000], abs=WINDOW)
        assert (np.delete(joints, AT) == -1).all()

    def test_errors_hide_nothing(self, genomes):
        rng = np.random.default_rng(13)
        reads = simulated.shotgun(rng, genomes, [12, 12], 8000, identity=0.95)
        spoiled = simulated.with_errors(
            rng, np.concatenate([simulated.piece(g, 5000, HALF) for g in genomes]), identity=0.95
        )
        sequences = [*reads.sequences, simulated.text(spoiled)]
        joints = find_joints(simulated.overlap(sequences)[1], len(sequences))
        assert joints[-1] == pytest.approx(HALF, abs=2 * WINDOW)
        assert (joints[:-1] >= 0).mean() < 0.02

    def test_a_joint_that_another_read_spans_is_no_chimera(self, genomes, clean):
        """Two molecules with one joint: the genome itself is so."""
        twice = [chimera(genomes, 5000, 9000), chimera(genomes, 6000, 9000, HALF - 1000, HALF + 500)]
        sequences = clean.sequences + twice
        assert (find_joints(simulated.overlap(sequences)[1], len(sequences)) == -1).all()

    def test_without_depth_nothing_is_cut(self, genomes):
        sequences = [chimera(genomes, 5000, 9000), simulated.text(simulated.piece(genomes[0], 4000, 8000))]
        assert find_joints(simulated.overlap(sequences)[1], 2).tolist() == [-1, -1]

    def test_pairs_that_are_not_used_say_nothing(self, mixed):
        found = simulated.overlap(mixed.sequences)[1]
        assert (chimeras.find_joints(found, np.zeros(len(found), bool), len(mixed)) == -1).all()

    def test_no_overlaps(self):
        assert find_joints(pairs(), 3).tolist() == [-1, -1, -1]


def pairs(*rows):
    """Overlaps from rows of i, j, i_start, i_end, j_start, j_end."""
    table = np.array(rows, np.int32).reshape(-1, 6)
    filler = np.zeros(len(table), np.int32)
    i, j, i_start, i_end, j_start, j_end = (np.ascontiguousarray(c) for c in table.T)
    return Overlaps(i, j, filler, filler, filler, filler, filler, i_start, i_end, j_start, j_end)


@pytest.mark.parametrize(
    ("joints", "expected"),
    [
        ([-1, -1], [False, False]),
        ([3000, -1], [True, False]),
        ([7000, -1], [False, True]),
        ([-1, 3000], [False, False]),
        ([-1, 7000], [True, True]),
    ],
    ids=["no joint", "i's left is minor", "i's right is minor", "j's left is minor", "j's right is minor"],
)
def test_pairs_on_the_smaller_side_cross(joints, expected):
    """The first lies on the left of read 0, the second on its right; both on the right of read 1."""
    found = pairs((0, 1, 0, 2500, 7500, 10_000), (0, 1, 7500, 10_000, 7500, 10_000))
    assert crossing(found, np.array(joints), np.array([10_000, 10_000])).tolist() == expected


class TestLinks:
    """Chimeras whose pieces are of one size link both genomes, unless the links of the smaller piece are dropped."""

    @staticmethod
    def pieces(reads):
        """The links, and how many of their connected pieces hold reads of both genomes."""
        _, overlaps, agreement = simulated.compare(reads.sequences)
        links = binning.find_links(overlaps, agreement, reads.lengths)
        labels = connected_components(links.edges, directed=False)[1]
        both = set(labels[reads.genome == 0]) & set(labels[reads.genome == 1])
        return links, len(both)

    def test_the_two_genomes_stay_apart(self, mixed):
        links, both = self.pieces(mixed)
        assert both == 0
        assert links.dropped["chimera"] > 0
        assert np.flatnonzero(links.joints >= 0).tolist() == AT

    def test_they_join_without_the_guard(self, mixed, monkeypatch):
        monkeypatch.setattr(chimeras, "find_joints", lambda overlaps, used, n: np.full(n, -1))
        assert self.pieces(mixed)[1] == 1
