"""Depth as the network sees it: hand-computed columns, and views that differ by as much as they should."""

import numpy as np
import pytest

from vaebin import abundance
from vaebin.abundance import INPUT_WEIGHT, PSEUDO_DEPTH, READ_LENGTH, SPREAD


def floats(values):
    return np.array(values, np.float32)


def test_one_sample_is_its_log_depth():
    assert abundance.columns(floats([[0], [9.9]])).tolist() == [
        [pytest.approx(np.log(0.1))],
        [pytest.approx(np.log(10))],
    ]


def test_several_are_their_log_depths_and_that_of_their_sum():
    assert abundance.columns(floats([[1, 3]]))[0].tolist() == pytest.approx(np.log([1.1, 3.1, 4.1]))


class TestScaler:
    def test_gives_mean_0_and_one_deviation(self):
        depth = floats(np.random.default_rng(0).lognormal(2, 1, (500, 3)))
        scaled = abundance.fit(depth).inputs(depth)
        assert scaled.dtype == np.float32
        assert scaled.mean(0) == pytest.approx(np.zeros(4), abs=1e-4)
        assert scaled.std(0) == pytest.approx(np.full(4, INPUT_WEIGHT), abs=1e-4)

    def test_knows_the_total_less_its_mean(self):
        depth = floats([[1, 2], [9, 90]])
        logs = np.log([3.1, 99.1])
        assert abundance.fit(depth).total(depth)[:, 0] == pytest.approx(logs - logs.mean(), rel=1e-5)

    def test_a_sample_in_which_all_are_alike_is_not_blown_up(self):
        depth = floats([[5], [5.001], [4.999]])
        assert np.abs(abundance.fit(depth).inputs(depth)).max() < 0.01 * INPUT_WEIGHT

    def test_no_rows_are_no_error(self):
        assert abundance.fit(np.empty((0, 2), np.float32)).inputs(floats([[1, 1]])).shape == (1, 3)


class TestViews:
    @pytest.mark.parametrize("depth", [2.0, 100.0])
    @pytest.mark.parametrize("bases", [1500, 100_000])
    def test_differ_by_twice_the_spread_and_chance_of_the_whole(self, depth, bases):
        n = 20_000
        seen = abundance.view(floats(np.full((n, 1), depth)), floats(np.full(n, bases)), np.random.default_rng(0))
        expected = 2 * (SPREAD**2 + READ_LENGTH / (depth * bases))
        assert np.var(np.log(seen)) == pytest.approx(expected, rel=0.1)

    def test_nothing_stays_next_to_nothing(self):
        seen = abundance.view(np.zeros((100, 2), np.float32), floats(np.full(100, 3000)), np.random.default_rng(0))
        assert (seen >= 0).all()
        assert seen.max() < PSEUDO_DEPTH * 10
