"""Communities are neighbours on one genome, capped; mutual links join them to longer stretches."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import simulated
from vaebin.communities import find_communities, graph, join_by_mutual_links, largest, links, membership


def edges(n, *rows):
    """The graph of n nodes with edges (i, j, weight)."""
    i, j, weight = zip(*rows, strict=True) if rows else ((), (), ())
    return graph(np.array(i, np.int32), np.array(j, np.int32), np.array(weight, np.float32), n)


def clique(*nodes, weight=1.0):
    return [(a, b, weight) for a in nodes for b in nodes if a < b]


TWO_CLIQUES = edges(9, *clique(0, 2, 4, 6, weight=5), *clique(1, 3, 5, 7, weight=5), (6, 7, 1))


def test_graph_is_symmetric():
    assert edges(3, (0, 2, 5.0), (1, 2, 1.0)).toarray().tolist() == [[0, 0, 5], [0, 0, 1], [5, 1, 0]]


class TestCommunities:
    def test_a_weak_bridge_joins_nothing(self):
        assert find_communities(TWO_CLIQUES, 60, 1).tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 2]

    def test_weight_decides(self):
        found = find_communities(edges(5, (0, 1, 9), (3, 4, 9), (1, 2, 1), (2, 3, 3)), 60, 1)
        assert found.tolist() == [0, 0, 1, 1, 1]

    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_none_is_larger_than_the_cap(self, size):
        found = find_communities(edges(12, *clique(*range(12))), size, 1)
        assert np.bincount(found).max() == size

    @pytest.mark.parametrize("n", [0, 1, 4])
    def test_without_edges_every_node_is_one(self, n):
        assert find_communities(edges(n), 60, 1).tolist() == list(range(n))

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.integers(1, 9))),
        st.integers(1, 5),
        st.integers(0, 9),
    )
    def test_properties(self, rows, size, seed):
        distinct = {(min(i, j), max(i, j)): w for i, j, w in rows if i != j}
        matrix = edges(15, *((i, j, w) for (i, j), w in distinct.items()))
        found = find_communities(matrix, size, seed)
        assert np.bincount(found).max() <= size
        first = np.unique(found, return_index=True)[1]
        assert (np.diff(first) > 0).all(), "numbered in order of first node"
        assert found.max() + 1 == len(first), "no number left out"
        assert np.array_equal(found, find_communities(matrix, size, seed)), "the same every time"

    def test_of_reads_they_are_pure(self):
        rng = np.random.default_rng(31)
        genomes = [simulated.random_genome(rng, 60_000) for _ in range(3)]
        reads = simulated.shotgun(rng, genomes, [15, 5, 5], 5000, identity=0.96)
        pairs = simulated.overlap(reads.sequences)[1]
        found = find_communities(graph(pairs.i, pairs.j, pairs.shared.astype(np.float32), len(reads)), 60, 1)
        assert len(np.unique(np.column_stack([found, reads.genome]), axis=0)) == found.max() + 1
        assert found.max() + 1 < len(reads) / 5
        assert np.bincount(found).max() <= 60


class TestLinks:
    communities = np.array([0, 0, 1, 1, 2])

    def test_membership(self):
        assert membership(self.communities).toarray().tolist() == [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]

    def test_membership_of_nothing(self):
        assert membership(np.empty(0, np.int64)).shape == (0, 0)

    def test_links_are_sums_of_edges_between(self):
        matrix = edges(5, (0, 1, 9), (0, 2, 1), (1, 3, 2), (3, 4, 4))
        between = links(matrix, membership(self.communities), self.communities)
        assert between.toarray().tolist() == [[0, 3, 0], [3, 0, 4], [0, 4, 0]]
        assert between.nnz == 4


def symmetric(n, *rows):
    matrix = np.zeros((n, n))
    for i, j, weight in rows:
        matrix[i, j] = matrix[j, i] = weight
    return sp.csr_matrix(matrix)


class TestJoiningByMutualLinks:
    """A chain 0-1-2-3 with a hub 4 that all prefer to nobody: its strongest two are 0 and 1."""

    between = symmetric(6, (0, 1, 10), (1, 2, 9), (2, 3, 8), (4, 0, 7), (4, 1, 6), (4, 2, 5))

    @pytest.mark.parametrize(
        ("best", "expected"),
        [
            (1, [0, 0, 1, 2, 3, 4]),  # 2 prefers 1, 1 prefers 0; 3 prefers 2
            (2, [0, 0, 0, 0, 0, 1]),  # 0 and 4 are each other's second
        ],
        ids=["best one", "best two"],
    )
    def test_components(self, best, expected):
        assert join_by_mutual_links(self.between, best).tolist() == expected

    def test_no_links(self):
        assert join_by_mutual_links(symmetric(3), 2).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("n", "expected"), [(0, 60), (100_000, 60), (400_000, 120), (10**7, 600)])
def test_communities_of_large_samples_are_larger(n, expected):
    assert largest(n) == expected
