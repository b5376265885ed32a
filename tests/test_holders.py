"""Who holds each k-mer: as sets tell it, the same for any partition, blind to adapters."""

import itertools
from collections import Counter

import numba
import numpy as np
import pytest

import simulated
from vaebin import holders, overlaps, partitions
from vaebin.formats.features import Sketch
from vaebin.holders import find_holders
from vaebin.overlaps import MIN_SHARED


def hold(sequences, fraction=simulated.FRACTION, threads=1):
    lengths = np.array([len(s) for s in sequences], np.int64)
    return find_holders([simulated.sketch(sequences, fraction=fraction)], lengths, simulated.K, fraction, threads)


@pytest.fixture(scope="module")
def reads():
    rng = np.random.default_rng(1)
    return simulated.shotgun(rng, [simulated.random_genome(rng, 40_000) for _ in range(2)], [6, 3], 5000)


class TestAgainstSets:
    @pytest.fixture(scope="class")
    @classmethod
    def sets(cls, reads):
        """Each read's k-mers with their places."""
        sketch = simulated.sketch(reads.sequences)
        rows = list(zip(sketch.hashes.tolist(), sketch.places.tolist(), strict=True))
        return [dict(rows[a:b]) for a, b in itertools.pairwise(sketch.offsets)]

    def test_holders_of_a_kmer_stand_together_in_input_order(self, reads, sets):
        found = hold(reads.sequences)
        held = Counter(h for hashes in sets for h in hashes)
        expected = [[i for i, hashes in enumerate(sets) if h in hashes] for h in sorted(held) if held[h] > 1]
        groups = [found.reads[a:b].tolist() for a, b in itertools.pairwise([0, *np.unique(found.kmers)])]
        assert groups == expected

    def test_kmers_and_places_of_a_read(self, reads, sets):
        found = hold(reads.sequences)
        held = Counter(h for hashes in sets for h in hashes)
        for read, hashes in enumerate(sets):
            own = slice(found.starts[read], found.starts[read + 1])
            assert found.places[own].tolist() == [place for h, place in hashes.items() if held[h] > 1]
            assert (found.reads[found.nexts[own] - 1] == read).all()
            assert all(x <= end for x, end in zip(found.nexts[own], found.kmers[own], strict=True))
            assert (np.diff(found.kmers[own].astype(int)) > 0).all()

    def test_multiplicity_is_the_mean_number_of_other_holders(self, reads, sets):
        held = Counter(h for hashes in sets for h in hashes)
        expected = [sum(held[h] - 1 for h in hashes) / len(hashes) for hashes in sets]
        assert hold(reads.sequences).multiplicity == pytest.approx(expected)


class TestSameResult:
    @pytest.mark.parametrize("threads", [2, 3])
    def test_of_any_number_of_threads(self, reads, monkeypatch, threads):
        monkeypatch.setattr(partitions, "PARTITION", 500)
        self.same(hold(reads.sequences), hold(reads.sequences, threads=threads))

    @pytest.mark.parametrize("name", ["PARTITION", "BUCKET", "STRETCH"])
    @pytest.mark.parametrize("size", [1, 100, 1000])
    def test_of_any_partition(self, reads, monkeypatch, name, size):
        whole = hold(reads.sequences)
        monkeypatch.setattr(partitions, name, size)
        self.same(hold(reads.sequences), whole)

    @staticmethod
    def same(a, b):
        for name, array in a._asdict().items():
            assert np.array_equal(array, getattr(b, name)), name


def test_hashes_that_nearly_agree_are_told_apart():
    near = [1 << 40, (1 << 40) + 1]
    hashes = [0, *near, 1 << 59], near, [near[0]], near, [near[1], 1 << 58]
    sketch = Sketch(
        np.concatenate(hashes).astype(np.uint64),
        np.arange(11, dtype=np.uint32),
        np.cumsum([0, *map(len, hashes)]),
    )
    found = find_holders([sketch], np.full(5, 10_000), simulated.K, simulated.FRACTION)
    assert found.reads.tolist() == [0, 1, 2, 3, 0, 1, 3, 4]
    assert found.places.tolist() == [1, 2, 4, 5, 6, 7, 8, 9]
    assert found.multiplicity.tolist() == [6 / 4, 3, 3, 3, 3 / 2]


@pytest.mark.parametrize(
    "sequences", [[], [b""], [b"", b"ACGT"], [b"ACGT" * 50]], ids=["none", "empty", "short", "one"]
)
def test_too_little_to_share(sequences):
    found = hold(sequences)
    assert len(found.reads) == 0
    assert found.multiplicity.tolist() == [0.0] * len(sequences)


ADAPTER = simulated.random_genome(np.random.default_rng(5), 70)
FINE = 8  # fraction at which the adapter has k-mers enough to link reads


@pytest.fixture(scope="module")
def clean():
    rng = np.random.default_rng(6)
    genomes = [simulated.random_genome(rng, 20_000) for _ in range(10)]
    return simulated.shotgun(rng, genomes, [4] * 10, 4000)


@pytest.fixture(scope="module")
def adapted(clean):
    return [simulated.text(ADAPTER) + s for s in clean.sequences]


class TestAdapters:
    """One adapter of 70 bases at the start of reads of many genomes."""

    def false_edges(self, sequences, clean):
        pairs = simulated.overlap(sequences, fraction=FINE)[1]
        return int((clean.genome[pairs.i] != clean.genome[pairs.j]).sum())

    def test_make_no_edges(self, clean, adapted):
        assert self.false_edges(adapted, clean) == 0

    @pytest.fixture
    def unguarded(self, monkeypatch):
        monkeypatch.setattr(holders, "_is_adapter", numba.njit(lambda *_: False))
        for function in "_list_hubs", "_group":
            monkeypatch.setattr(holders, function, numba.njit(getattr(holders, function).py_func))

    def test_make_edges_without_the_guards(self, clean, adapted, unguarded, monkeypatch):
        """Two guards keep adapters from linking: this one, and the least span of an overlap."""
        assert self.false_edges(adapted, clean) == 0
        monkeypatch.setattr(overlaps, "MIN_SPAN", 0)
        for function in "_compare", "_link":
            monkeypatch.setattr(overlaps, function, numba.njit(getattr(overlaps, function).py_func))
        assert self.false_edges(adapted, clean) > len(clean)

    def test_their_kmers_are_counted_read_by_read(self, adapted):
        found = hold(adapted, FINE)
        own = len(simulated.sketch([simulated.text(ADAPTER)], fraction=FINE).hashes)
        assert own > MIN_SHARED
        assert np.median(found.adapters) == own
        assert (found.adapters >= own).all()

    def test_do_not_count_as_depth(self, clean, adapted):
        with_adapters, without = (hold(s, FINE) for s in (adapted, clean.sequences))
        assert with_adapters.multiplicity == pytest.approx(without.multiplicity, abs=0.2)

    def test_count_as_depth_without_the_guard(self, clean, adapted, unguarded):
        with_adapters, without = (hold(s, FINE) for s in (adapted, clean.sequences))
        assert np.median(with_adapters.multiplicity - without.multiplicity) > 1  # of 200 more holders of a few k-mers

    def test_clean_reads_have_none(self, clean):
        assert hold(clean.sequences, FINE).adapters.sum() == 0
