"""The spanning tree of mutual reachability is the one that scipy finds in the whole matrix."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist

from vaebin import reachability
from vaebin.reachability import CLOSEST, spanning_tree


def whole(points, neighbours):
    """Mutual reachability (n, n): the larger of the distance and both core distances."""
    distance = cdist(points, points)
    core = np.sort(distance, axis=1)[:, neighbours]
    return np.maximum(distance, np.maximum(core[:, None], core))


class TestByHand:
    """Points at 0, 1, 3 and 7."""

    points = np.array([[0.0], [1], [3], [7]])

    @pytest.mark.parametrize(
        ("neighbours", "expected"),
        [(1, {(0, 1): 1, (1, 2): 2, (2, 3): 4}), (2, {(0, 1): 3, (1, 2): 3, (2, 3): 6})],
        ids=["the nearest", "the second nearest"],
    )
    def test_edges(self, neighbours, expected):
        tree = sp.triu(spanning_tree(self.points, neighbours)).tocoo()
        found = dict(zip(zip(tree.row.tolist(), tree.col.tolist(), strict=True), tree.data, strict=True))
        assert sum(found.values()) == pytest.approx(sum(expected.values()))
        assert sorted(found.values()) == pytest.approx(sorted(expected.values()))
        assert neighbours == 2 or found == pytest.approx(expected)

    def test_both_ways(self):
        tree = spanning_tree(self.points, 1)
        assert (tree != tree.T).nnz == 0

    def test_points_in_one_place_have_an_edge(self):
        tree = spanning_tree(np.zeros((3, 2)), 1)
        assert tree.nnz == 4
        assert (tree.data == CLOSEST).all()


@given(st.integers(2, 60), st.integers(1, 5), st.integers(1, 8), st.integers(0, 99))
def test_no_tree_is_shorter(n, dimensions, neighbours, seed):
    points = np.random.default_rng(seed).normal(size=(n, dimensions))
    neighbours = min(neighbours, n - 1)
    tree = spanning_tree(points, neighbours)
    assert tree.nnz == 2 * (n - 1)
    assert connected_components(tree, directed=False)[0] == 1
    assert tree.sum() / 2 == pytest.approx(minimum_spanning_tree(whole(points, neighbours)).sum(), rel=1e-4)


def test_points_come_in_blocks():
    """The last block is shorter, and the point taken in is of any."""
    points = np.random.default_rng(5).normal(size=(2 * reachability.BLOCK + 7, 3))
    assert spanning_tree(points, 4).sum() / 2 == pytest.approx(minimum_spanning_tree(whole(points, 4)).sum(), rel=1e-4)


@pytest.mark.parametrize("apart", [0, 3, 50], ids=["one cloud", "clouds that meet", "clouds apart"])
@pytest.mark.parametrize(("n", "nearest"), [(1, 1), (2, 2), (9, 3), (64, 7), (65, 7), (300, 5)])
def test_core_distances_do_not_depend_on_boxes(monkeypatch, apart, n, nearest):
    monkeypatch.setattr(reachability, "BOX", 8)
    rng = np.random.default_rng(n)
    points = rng.normal(size=(n, 3)) + apart * rng.integers(0, 4, (n, 1))
    columns = np.array(points.T, np.float32, order="C")
    core = np.sort(cdist(points, points), axis=1)[:, nearest - 1]
    assert np.sqrt(reachability._core_squares(columns, nearest)) == pytest.approx(core, rel=1e-4, abs=1e-5)
