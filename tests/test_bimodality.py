"""The direction of least kurtosis is the one between two clouds; along it, two normals are told by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaebin.bimodality import least_kurtosis, two_normals


def clouds(seed, apart, sizes=(300, 300), dimensions=6):
    """Points about two centres `apart` on the second axis, turned at random; the rotation comes with them."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(sum(sizes), dimensions))
    places[: sizes[0], 1] += apart
    turn = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]
    return places @ turn, turn[1]


def kurtosis(values, weights):
    share = weights / weights.sum()
    off = values - share @ values
    return share @ off**4 / (share @ off**2) ** 2


class TestDirection:
    @pytest.mark.parametrize("seed", range(4))
    def test_is_that_between_the_clouds(self, seed):
        places, truth = clouds(seed, apart=5)
        found = least_kurtosis(places, np.ones(len(places)), 6)
        assert abs(found @ truth) / np.linalg.norm(found) > 0.95

    def test_outliers_and_wide_directions_do_not_mislead(self):
        """What principal components and two-means would follow."""
        places, truth = clouds(5, apart=5)
        wide = np.linalg.svd(truth[None])[2][-1]
        places += 20 * np.random.default_rng(6).normal(size=(len(places), 1)) * wide
        places[:12] += 100 * wide
        found = least_kurtosis(places, np.ones(len(places)), 6)
        way = places @ found
        assert abs(np.corrcoef(way, places @ truth)[0, 1]) > 0.95

    def test_deviation_along_it_is_one(self):
        places, _ = clouds(7, apart=4)
        weights = np.random.default_rng(8).random(len(places))
        way = places @ least_kurtosis(places, weights, 6)
        assert np.cov(way, aweights=weights, ddof=0) == pytest.approx(1)

    def test_points_of_no_weight_do_not_count(self):
        places, truth = clouds(9, apart=5)
        junk = np.random.default_rng(10).uniform(-90, 90, (200, 6))
        found = least_kurtosis(np.concatenate([places, junk]), np.repeat([1.0, 0.0], [600, 200]), 6)
        assert abs(found @ truth) / np.linalg.norm(found) > 0.95

    def test_only_the_leading_directions_are_looked_in(self):
        places, truth = clouds(11, apart=4)
        places += 9 * np.random.default_rng(12).normal(size=(600, 1)) * np.linalg.svd(truth[None])[2][-1]
        found = least_kurtosis(places, np.ones(600), 1)
        assert abs(found @ truth) / np.linalg.norm(found) < 0.3

    def test_no_more_directions_than_there_are(self):
        places, _ = clouds(14, apart=5)
        assert np.array_equal(*(least_kurtosis(places, np.ones(600), d) for d in (6, 12)))

    def test_of_one_cloud_says_little(self):
        one, two = clouds(13, apart=0, sizes=(2000, 2000))[0], clouds(13, apart=5, sizes=(2000, 2000))[0]
        least = [kurtosis(p @ least_kurtosis(p, np.ones(4000), 6), np.ones(4000)) for p in (one, two)]
        assert least[0] > 2.6
        assert least[1] < 1.6


class TestTwoNormals:
    def test_are_found(self):
        rng = np.random.default_rng(21)
        values = np.concatenate([rng.normal(-1, 0.5, 3000), rng.normal(2, 0.5, 1000)])
        means, deviation, shares = two_normals(values, np.ones(4000))
        assert means == pytest.approx([-1, 2], abs=0.05)
        assert deviation == pytest.approx(0.5, abs=0.02)
        assert shares == pytest.approx([0.75, 0.25], abs=0.01)

    def test_weights_are_as_so_many_values(self):
        values = np.array([0.0, 0.1, 0.3, 4.0, 4.2])
        weights = np.array([1.0, 2, 1, 3, 2])
        once = two_normals(values, weights)
        often = two_normals(np.repeat(values, weights.astype(int)), np.ones(9))
        assert once[0] == pytest.approx(often[0])
        assert once[1] == pytest.approx(often[1])
        assert once[2] == pytest.approx(often[2])

    def test_two_values(self):
        means, deviation, shares = two_normals(np.array([0.0, 0, 0, 1]), np.ones(4))
        assert means == pytest.approx([0, 1], abs=1e-9)
        assert deviation < 1e-5
        assert shares == pytest.approx([0.75, 0.25])

    @given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
    def test_of_any_values_is_finite_and_in_order(self, values):
        means, deviation, shares = two_normals(np.array(values), np.ones(len(values)))
        assert np.isfinite(means).all()
        assert means[0] <= means[1] + 1e-6
        assert np.isfinite(deviation)
        assert shares.sum() == pytest.approx(1)
