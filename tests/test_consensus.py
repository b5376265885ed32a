"""Runs that agree are believed; where they do not, nobody is sure."""

import numpy as np
import pytest

from vaebin.consensus import atoms, combine

A, B, HALF = [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]


class TestAtoms:
    def test_are_what_every_run_holds_together(self):
        owner, owners, weights = atoms([np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0])])
        assert owner.tolist() == [0, 1, 3, 3, 2]
        assert [o.tolist() for o in owners] == [[0, 0, 1, 1], [0, 1, 0, 1]]
        assert weights.tolist() == [1, 1, 1, 2]

    def test_of_one_run_are_its_points(self):
        owner, owners, _ = atoms([np.array([1, 0, 1])])
        assert owner.tolist() == [1, 0, 1]
        assert owners[0].tolist() == [0, 1]

    def test_of_no_sequences(self):
        assert atoms([np.empty(0, np.int64)] * 2)[0].tolist() == []


def combine_atoms(runs):
    """Runs of which every atom is a point."""
    n = len(runs[0])
    return combine(runs, [np.arange(n)] * len(runs), np.ones(n))


class TestCombining:
    @pytest.mark.parametrize(
        ("runs", "expected"),
        [
            ([[A, A, B, B]], [A, A, B, B]),
            ([[A, A, B, B], [A, A, B, B]], [A, A, B, B]),
            ([[A, A, B, B], [B, B, A, A]], [B, B, A, A]),
            ([[A, A, B, B], [[1.0]] * 4], [[3 / 4, 1 / 4]] * 2 + [[1 / 4, 3 / 4]] * 2),
            ([[A, A, B, B], [[1.0]] * 4, [A, A, B, B]], [A, A, B, B]),
            ([[A, A, B, B], [np.eye(3)[c] for c in (0, 1, 2, 2)], [A, A, B, B]], [A, A, B, B]),
        ],
        ids=["one run", "equal runs", "other numbers", "one joins", "one joins and is outvoted", "one parts"],
    )
    def test_by_hand(self, runs, expected):
        """Four atoms of one weight; bins are matched by their members."""
        assert combine_atoms([np.array(r) for r in runs]) == pytest.approx(np.array(expected))

    def test_a_run_without_bins_makes_all_less_sure(self):
        runs = [np.array([A, B]), np.empty((2, 0))]
        assert combine_atoms(runs).max(1) == pytest.approx(np.full(2, 1 / 2))

    def test_no_run_has_bins(self):
        assert combine_atoms([np.empty((3, 0))] * 3).shape == (3, 0)

    def test_points_of_several_atoms_count_by_their_sequences(self):
        """The second run's one bin of 3 + 1 sequences is the first bin for three quarters."""
        runs = [np.array([A, B]), np.array([[1.0]])]
        found = combine(runs, [np.array([0, 1]), np.array([0, 0])], np.array([3.0, 1.0]))
        assert found == pytest.approx(np.array([[7 / 8, 1 / 8], [3 / 8, 5 / 8]]))
