"""Directions of composition: what halves of one sequence differ in is noise, what sequences differ in is not."""

import numpy as np
import pytest

from vaebin import directions, scaling
from vaebin.counts import Counts


def counts_of(parts):
    return Counts(parts.sum(1, dtype=np.float32), parts)


def draw(n, species=3, bases=4000, seed=1):
    rng = np.random.default_rng(seed)
    shares = np.random.default_rng(7).dirichlet(np.full(136, 20.0), species)
    label = np.arange(n) % species
    return rng.multinomial(bases // 8, shares[label][:, None].repeat(8, 1)).astype(np.uint16), label


def found(parts, dimensions=4, seed=1):
    counts = counts_of(parts)
    scaler = scaling.fit(counts.whole, "hellinger", None)
    return directions.find_directions(counts, scaler, dimensions, seed), scaler


class TestDirections:
    def test_part_species_as_linear_discriminants_do(self):
        parts, label = draw(600)
        vectors, scaler = found(parts, 2)
        places = scaler.inputs(parts.sum(1)) @ vectors
        centres = np.stack([places[label == s].mean(0) for s in range(3)])
        nearest = ((places[:, None] - centres) ** 2).sum(2).argmin(1)
        assert (nearest == label).mean() > 0.99

    def test_noise_is_one_along_each_where_there_is_enough_to_see(self):
        parts, label = draw(6000)
        vectors, scaler = found(parts, 2)
        places = scaler.inputs(parts.sum(1)) @ vectors
        within = np.mean([np.cov(places[label == s].T) for s in range(3)], axis=0)
        assert np.diag(within) == pytest.approx([1, 1], abs=0.25)

    def test_the_best_come_first(self):
        parts, _ = draw(600)
        vectors, scaler = found(parts)
        spread = (scaler.inputs(parts.sum(1)) @ vectors).var(0)
        assert (np.diff(spread) < 0).all()
        assert spread[1] > 5 * spread[2]  # three species lie in a plane

    def test_do_not_depend_on_what_is_left_out(self):
        parts, _ = draw(300)
        short, _ = draw(60, bases=400, seed=3)
        counts = counts_of(np.concatenate([parts, short]))
        scaler = scaling.fit(counts_of(parts).whole, "hellinger", None)
        alone = directions.find_directions(counts_of(parts), scaler, 4, 1)
        assert np.array_equal(directions.find_directions(counts, scaler, 4, 1), alone)

    def test_are_found_from_so_many_sequences_at_most(self, monkeypatch):
        parts, _ = draw(300)
        monkeypatch.setattr(directions, "ROWS", 100)
        first, again, other = (found(parts, seed=s)[0] for s in (1, 1, 2))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    @pytest.mark.parametrize("n", [0, 1, 2, 10])
    def test_are_finite_however_few_sequences_there_are(self, n):
        vectors, _ = found(draw(n)[0])
        assert vectors.shape == (136, 4)
        assert np.isfinite(vectors).all()


class TestShrink:
    def test_by_hand(self):
        """Two sequences in two dimensions: the sum of squares 8 and 0, so a prior of (8 + 0) / 2 in each."""
        assert directions.shrink(np.diag([8.0, 0.0]), 2) == pytest.approx(np.diag([3.0, 1.0]) + 1e-6 * np.eye(2))

    def test_nothing_seen_is_the_identity(self):
        assert np.array_equal(directions.shrink(np.zeros((3, 3)), 0), np.eye(3))
