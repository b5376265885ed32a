"""Hubs make up one depth of every deep genome; of the others, each read is one."""

import numpy as np
import pytest

import simulated
from vaebin import hubs, lookup
from vaebin.holders import find_holders


def choose(rows):
    return hubs.choose(*np.array(rows).T)


class TestByHand:
    """Each read by its k-mers' other holders, the squares of these, and how many k-mers it has."""

    def test_of_a_deep_genome_one_in_so_many(self):
        """60 others hold each of 10 k-mers: with themselves 61 reads, whose k-mers are all intact."""
        assert choose([(600, 10 * 60 * 61, 10)] * 1000).mean() == pytest.approx(hubs.DEPTH / 60, abs=0.005)

    def test_errors_hide_depth(self):
        """Half of the k-mers have an error, and no other holders; the others' have 30, of 60 reads."""
        assert choose([(300, 10 * 30 * 31, 20)] * 1000).mean() == pytest.approx(hubs.DEPTH / 60, abs=0.005)

    def test_of_a_thin_genome_all(self):
        assert choose([(10, 20, 10)] * 100).all()

    def test_beside_a_deep_genome_as_well(self):
        found = choose([(10, 20, 10)] * 100 + [(600, 10 * 60 * 61, 10)] * 100)
        assert found[:100].all()
        assert found[100:].mean() == pytest.approx(hubs.DEPTH / 60, abs=0.02)

    def test_one_repeat_makes_no_deep_read(self):
        """One of 100 k-mers has 50 other holders."""
        thin, deep = (50 + 10, 50 * 51 + 20, 100), (6000, 100 * 60 * 61, 100)
        assert choose([thin] * 100 + [deep] * 100)[:100].all()

    def test_they_are_evenly_spread(self):
        """Whatever the order of the input: no stretch of 40 reads is without."""
        found = choose([(600, 10 * 60 * 61, 10)] * 1000)
        assert np.diff(np.flatnonzero(found)).max() < 40

    def test_nobody_holds_anything(self):
        assert choose([(0, 0, 5), (0, 0, 0)]).tolist() == [True, True]


def test_of_simulated_genomes():
    """One at 90 with errors, one at 5: the hubs of the first make up about DEPTH."""
    rng = np.random.default_rng(31)
    genomes = [simulated.random_genome(rng, 20_000) for _ in range(2)]
    reads = simulated.shotgun(rng, genomes, [90, 5], 4000, identity=0.95)
    found = find_holders([simulated.sketch(reads.sequences)], reads.lengths, simulated.K, simulated.FRACTION)
    deep = reads.genome == 0
    assert reads.lengths[deep & found.hubs].sum() / 20_000 == pytest.approx(hubs.DEPTH, rel=0.4)
    assert found.hubs[~deep].mean() > 0.9
    assert (np.diff(found.starts)[~found.hubs] == 0).all()


class TestLookup:
    def test_hubs_are_found_for_the_others(self):
        """A deep genome: what a read that is no hub shares with hubs is what `Holders` would list of it."""
        rng = np.random.default_rng(33)
        reads = simulated.shotgun(rng, [simulated.random_genome(rng, 10_000)], [60], 3000)
        sketch = simulated.sketch(reads.sequences)
        held = find_holders([sketch], reads.lengths, simulated.K, simulated.FRACTION)
        read = int(np.flatnonzero(~held.hubs)[5])
        own = slice(sketch.offsets[read], sketch.offsets[read + 1])
        table = lookup.make(held.hashes)
        nexts, kmers, places = lookup.find(table, held, sketch.hashes[own], sketch.places[own], read, 1)
        shared = np.isin(sketch.hashes[own], held.hashes)
        assert shared.any()
        assert places.tolist() == sketch.places[own][shared].tolist()
        assert held.hashes[np.searchsorted(held.ends, kmers)].tolist() == sketch.hashes[own][shared].tolist()
        for at, end, start in zip(nexts, kmers, self.starts(held, kmers), strict=True):
            hubs_of_it = held.reads[start:end].tolist()
            later = [hub for hub in hubs_of_it if hub > read]
            assert held.reads[at] == (later[0] if later else hubs_of_it[-1])

    @staticmethod
    def starts(held, kmers):
        """Where the holders of some k-mers begin, which end there."""
        return np.concatenate([[0], held.ends])[np.searchsorted(held.ends, kmers)]
