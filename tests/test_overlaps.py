"""Overlaps are those of the genome: found from both strands, linear in depth."""

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest

import simulated
from vaebin.formats.overlaps import Overlaps
from vaebin.overlaps import MIN_SHARED, MIN_SPAN, NEXT_HOLDERS, NEXT_HUBS, find_rows, in_columns


@pytest.fixture(scope="module")
def reads():
    rng = np.random.default_rng(1)
    genomes = [simulated.random_genome(rng, 60_000) for _ in range(2)]
    return simulated.shotgun(rng, genomes, [6, 3], 5000)


@pytest.fixture(scope="module")
def found(reads):
    return simulated.overlap(reads.sequences)


def kept_kmers(sequences):
    """Of each sequence, the start of every kept k-mer by its hash."""
    sketch = simulated.sketch(sequences)
    starts = (sketch.places >> 1).tolist()
    return [
        dict(zip(sketch.hashes[a:b].tolist(), starts[a:b], strict=True)) for a, b in itertools.pairwise(sketch.offsets)
    ]


def span(shared, starts):
    """Bases from the first to the last shared k-mer of a read."""
    places = [starts[h] for h in shared]
    return max(places) - min(places) + simulated.K


class TestAgainstSets:
    """The oracle: k-mers as sets; reads of one random genome share k-mers nowhere but where they overlap."""

    @staticmethod
    def following(held, i, chosen):
        """The holders of a k-mer that read i is linked to."""
        if chosen[i]:
            return [j for j in held if j > i and chosen[j]][:NEXT_HOLDERS]
        others = [j for j in held if chosen[j]]
        later = [j for j in others if j > i]
        return later[:NEXT_HUBS] if len(later) >= NEXT_HUBS else others[-NEXT_HUBS:]

    @pytest.mark.parametrize("every", [1, 3], ids=["all are hubs", "every third is one"])
    def test_pairs_and_shared_kmers(self, reads, monkeypatch, every):
        chosen = np.arange(len(reads)) % every == 0
        monkeypatch.setattr("vaebin.hubs.choose", lambda *_: chosen)
        starts = kept_kmers(reads.sequences)
        sets = [set(s) for s in starts]
        holders = defaultdict(list)
        for read, hashes in enumerate(sets):
            for h in hashes:
                holders[h].append(read)
        linked = Counter(
            (min(i, j), max(i, j))
            for held in holders.values()
            if len(held) > 1
            for i in held
            for j in self.following(held, i, chosen)
        )
        common = {(i, j): sets[i] & sets[j] for (i, j), times in linked.items() if times >= MIN_SHARED}
        expected = [
            (i, j, len(c)) for (i, j), c in common.items() if len(c) >= MIN_SHARED and span(c, starts[i]) >= MIN_SPAN
        ]
        pairs = simulated.overlap(reads.sequences)[1]
        assert len(expected) > len(reads)
        assert list(zip(pairs.i, pairs.j, pairs.shared, strict=True)) == sorted(expected)

    def test_no_short_piece_joins_reads(self, reads, found):
        assert (found[1].span >= MIN_SPAN).all()

    def test_no_pair_joins_two_genomes(self, reads, found):
        pairs = found[1]
        assert (reads.genome[pairs.i] == reads.genome[pairs.j]).all()


@pytest.mark.parametrize("reverse_j", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("reverse_i", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize(
    ("i", "j"),
    [
        ((1000, 9000), (4000, 12000)),
        ((4000, 12000), (1000, 9000)),
        ((1000, 9000), (1000, 9000)),
        ((1000, 12000), (4000, 8000)),
        ((4000, 8000), (1000, 12000)),
    ],
    ids=["i before j", "j before i", "the same", "j inside i", "i inside j"],
)
class TestPlaces:
    """Two reads from [start, end) of one genome; without errors every place is exact."""

    @pytest.fixture(params=[[True, True], [True, False], [False, True]], ids=["both are hubs", "i is one", "j is one"])
    def row(self, i, j, reverse_i, reverse_j, request, monkeypatch):
        """Their overlap; a third read, a hub, stands before them."""
        monkeypatch.setattr("vaebin.hubs.choose", lambda *_: np.array([True, *request.param]))
        genome = simulated.random_genome(np.random.default_rng(2), 15_000)
        places = [((0, 15_000), False), (i, reverse_i), (j, reverse_j)]
        sequences = [simulated.text(simulated.piece(genome, a, b - a, reverse)) for (a, b), reverse in places]
        pairs = simulated.overlap(sequences)[1]
        of_both = (pairs.i == 1) & (pairs.j == 2)
        pair = Overlaps(**{name: column[of_both] for name, column in vars(pairs).items()})
        assert len(pair) == 1
        return pair

    def test_reach_is_the_stretch_that_both_hold(self, row, i, j):
        reach = min(i[1], j[1]) - max(i[0], j[0])
        assert row.reach.tolist() == [reach]
        assert reach - 500 < row.span[0] <= reach

    def test_strand(self, row, reverse_i, reverse_j):
        assert bool(row.same[0]) == (reverse_i == reverse_j)

    def test_left_and_right_are_seen_from_read_i(self, row, i, j, reverse_i):
        """The span ends where the nearer of the two reads ends, less left or right."""
        first, last = max(i[0], j[0]), min(i[1], j[1])
        inner = (first + row.left[0], last - row.right[0])
        if reverse_i:
            inner = (first + row.right[0], last - row.left[0])
        assert self.on_genome(i, reverse_i, row.i_start[0], row.i_end[0]) == inner

    def test_both_reads_name_the_same_stretch_of_the_genome(self, row, i, j, reverse_i, reverse_j):
        assert self.on_genome(i, reverse_i, row.i_start[0], row.i_end[0]) == self.on_genome(
            j, reverse_j, row.j_start[0], row.j_end[0]
        )

    @staticmethod
    def on_genome(read, reverse, start, end):
        return (read[1] - end, read[1] - start) if reverse else (read[0] + start, read[0] + end)


def test_errors_move_places_little():
    rng = np.random.default_rng(3)
    genome = simulated.random_genome(rng, 20_000)
    sequences = [
        simulated.text(simulated.with_errors(rng, simulated.piece(genome, start, 10_000), 0.93)) for start in (0, 4000)
    ]
    pairs = simulated.overlap(sequences)[1]
    assert pairs.reach[0] == pytest.approx(6000, rel=0.05)


def test_edges_are_linear_in_depth():
    """Twice the depth makes twice the edges, where all pairs would be four times as many."""
    rng = np.random.default_rng(4)
    genome = simulated.random_genome(rng, 50_000)
    edges, pairs = [], []
    for depth in (20, 40):
        reads = simulated.shotgun(rng, [genome], [depth], 5000)
        edges.append(len(simulated.overlap(reads.sequences)[1]) / len(reads))
        starts = kept_kmers(reads.sequences)
        sets = [set(s) for s in starts]
        pairs.append(sum(len(a & b) >= MIN_SHARED for a, b in itertools.combinations(sets, 2)) / len(reads))
    assert pairs[1] > 1.8 * pairs[0]
    assert edges[1] < 1.3 * edges[0]


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_nothing(reads, found, threads):
    again = in_columns(
        find_rows(found[0], [simulated.sketch(reads.sequences)], reads.lengths, simulated.K, threads), reads.lengths
    )
    for name, column in vars(found[1]).items():
        assert np.array_equal(getattr(again, name), column), name


@pytest.mark.parametrize(
    "sequences", [[], [b""], [b"", b"ACGT"], [b"ACGT" * 50]], ids=["none", "empty", "short", "one"]
)
def test_too_little_to_overlap(sequences):
    assert len(simulated.overlap(sequences)[1]) == 0
