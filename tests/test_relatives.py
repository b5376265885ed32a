"""Two relatives in a bin are parted; a genome alone stays whole, whatever one of the guards would say."""

import numpy as np
import pytest
import scipy.sparse as sp

from vaebin import relatives
from vaebin.consensus import atoms
from vaebin.points import Points
from vaebin.relatives import KNOWN, LEAST_GENOME, Halves, are_two, find_halves, part

DIMENSIONS, READS, DEPTH = 6, 5, 4.0
POINTS = 400


def chain(order, n):
    """Links of points that follow each other on a circular genome."""
    ends = np.roll(order, -1)
    matrix = sp.coo_matrix((np.full(len(order), 5.0), (order, ends)), (n, n)).tocsr()
    return matrix + matrix.T


def run(places, between, weights=None):
    """One run, in which a point is READS sequences."""
    n = len(places)
    owner = np.repeat(np.arange(n), READS)
    weights = np.full(n, float(READS)) if weights is None else weights
    members = sp.csr_matrix((np.ones(len(owner)), (owner, np.arange(len(owner)))))
    return Points(places, weights, members, owner, between.tocsr(), np.full(places.shape[1], 0.5))


def genomes(*centres, seed=1):
    """A run of one genome a centre, on the first two axes, POINTS each; and the genome of each point."""
    rng = np.random.default_rng(seed)
    genome = rng.permutation(np.repeat(np.arange(len(centres)), POINTS))
    places = rng.normal(size=(len(genome), DIMENSIONS))
    places[:, :2] += np.array(centres, float)[genome]
    n = len(genome)
    links = [chain(rng.permutation(np.flatnonzero(genome == g)), n) for g in range(len(centres))]
    return run(places, sum(links[1:], links[0])), genome


def parted(*runs, size=2 * LEAST_GENOME, shares=None):
    """The bin of each point in runs of the same points, of one bin whose genomes have so many bases each."""
    found = atoms([points.owner for points in runs])
    length = round(size * DEPTH / POINTS / READS)
    n = len(found.owner)
    one = np.ones((len(found.weights), 1)) if shares is None else shares
    return part(one, runs, found, np.full(n, DEPTH), np.full(n, length))


def agreement(shares, genome):
    """Share of points whose bin is the one that most of their genome are in."""
    best = shares.argmax(1)
    table = np.zeros((genome.max() + 1, shares.shape[1]))
    np.add.at(table, (genome, best), 1)
    return table.max(1).sum() / len(best)


class TestParting:
    @pytest.mark.parametrize("runs", [1, 5])
    def test_two_genomes_that_overlap(self, runs):
        points, genome = genomes((0, 0), (4, 0))
        found = parted(*[points] * runs)
        assert found.shape[1] == 2
        assert agreement(found, genome) > 0.97

    def test_halves_are_looked_at_again(self):
        points, genome = genomes((0, 0), (6, 0), (3, 5))
        found = parted(points)
        assert found.shape[1] == 3
        assert agreement(found, genome) > 0.95

    def test_probabilities_of_the_halves_are_the_bins_own(self):
        """Others' shares stay, also where a point has a little of the bin that is parted."""
        points, _ = genomes((0, 0), (4, 0))
        n = len(points.weights)
        before = np.column_stack([np.full(n, 0.9), np.full(n, 0.1)])
        found = parted(points, shares=before)
        assert found.shape[1] == 3
        assert found[:, 1].tolist() == before[:, 1].tolist()
        assert found[:, 0] + found[:, 2] == pytest.approx(before[:, 0])

    def test_links_correct_the_border(self):
        """A third of the points in the middle would be anybody's by their places alone."""
        points, genome = genomes((0, 0), (4, 0))
        alone = run(points.places, chain(np.arange(0), len(genome)))
        unlinked = find_halves(alone, np.ones(len(genome), bool)).second
        assert agreement(parted(points), genome) > agreement(np.column_stack([1 - unlinked, unlinked]), genome)

    def test_sequences_without_a_bin_stay_so(self):
        points, _ = genomes((0, 0), (4, 0))
        before = np.ones((len(points.weights), 1))
        before[:5] = 0
        assert not parted(points, shares=before)[:5].any()

    def test_the_same_every_time(self):
        points, _ = genomes((0, 0), (4, 0))
        assert np.array_equal(parted(points), parted(points))


class TestGuards:
    def test_one_genome(self):
        assert parted(genomes((0, 0))[0]).shape[1] == 1

    def test_links_that_cross_everywhere(self):
        points, genome = genomes((0, 0), (4, 0))
        one = run(points.places, chain(np.random.default_rng(2).permutation(len(genome)), len(genome)))
        assert parted(one).shape[1] == 1

    def test_too_few_links_to_tell(self):
        points, genome = genomes((0, 0), (4, 0))
        assert parted(run(points.places, chain(np.flatnonzero(genome == 0)[:6], len(genome)))).shape[1] == 1

    def test_halves_too_small_for_genomes(self):
        points, _ = genomes((0, 0), (4, 0))
        assert parted(points, size=0.8 * LEAST_GENOME).shape[1] == 1
        assert parted(points, size=1.2 * LEAST_GENOME).shape[1] == 2

    def test_depth_too_low_to_tell_sizes(self):
        points, _ = genomes((0, 0), (4, 0))
        found, n = atoms([points.owner]), len(points.owner)
        assert part(np.ones((len(found.weights), 1)), [points], found, np.full(n, 0.3), np.full(n, 9000)).shape[1] == 1

    def test_an_island(self):
        """A tenth of one genome far off, as a prophage or a chromid is."""
        rng = np.random.default_rng(3)
        places = rng.normal(size=(800, DIMENSIONS))
        places[:80, 0] += 8
        assert parted(run(places, chain(np.arange(800), 800))).shape[1] == 1

    def test_too_few_points(self):
        points, genome = genomes((0, 0), (4, 0))
        few = np.arange(len(genome)) < 2 * relatives.POINTS_A_DIRECTION - 1
        assert find_halves(points, few) is None
        assert find_halves(points, np.arange(len(genome)) < 2 * relatives.POINTS_A_DIRECTION) is not None

    def test_points_of_one_sequence_are_not_known(self):
        points, genome = genomes((0, 0), (4, 0))
        lone = run(points.places, points.between, np.full(len(genome), KNOWN - 1.0))
        assert find_halves(lone, np.ones(len(genome), bool)) is None


class TestRuns:
    """The median of the runs decides."""

    yes, no = Halves(4, 0.4, 0.1, np.zeros(1)), Halves(2, 0.4, 0.1, np.zeros(1))

    @pytest.mark.parametrize(
        ("looks", "expected"),
        [([yes], True), ([no], False), ([yes, yes, no], True), ([yes, no, no], False), ([], False)],
        ids=["one for", "one against", "most for", "most against", "none to ask"],
    )
    def test_are_two(self, looks, expected):
        assert are_two(looks) == expected

    @pytest.mark.parametrize("odd", [{"apart": 3.2}, {"share": 0.1}, {"crossing": 0.4}])
    def test_each_has_a_veto(self, odd):
        assert not are_two([self.yes._replace(**odd)])

    def test_halves_are_called_alike(self):
        """A run in which the second is the other half, as its direction may as well point back."""
        points, genome = genomes((0, 0), (4, 0))
        mirrored = run(-points.places, points.between)
        shares = parted(points, mirrored, points)
        assert agreement(shares, genome) > 0.97
        assert shares.max(1).mean() > 0.9
