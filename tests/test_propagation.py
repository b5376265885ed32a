"""Nearest cores give each point its prior; links correct it."""

import numpy as np
import pytest
import scipy.sparse as sp

from vaebin.propagation import SHARPNESS, TRUST, nearest_cores, propagate


class TestNearestCores:
    points = np.array([[0.0], [1.0], [10.0], [11.0], [2.0], [5.5]])
    cores = np.array([0, 0, 1, 1, -1, -1])

    def test_cores_keep_their_own(self):
        assert nearest_cores(self.points, self.cores)[:4].tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]

    def test_others_go_by_the_mean_distance_to_a_clusters_cores(self):
        """The point at 2 is 1.5 and 8.5 from the cores of the two; that at 5.5 is in the middle."""
        odds = (8.5 / 1.5) ** SHARPNESS
        found = nearest_cores(self.points, self.cores)[4:]
        assert found == pytest.approx(np.array([[odds / (odds + 1), 1 / (odds + 1)], [0.5, 0.5]]))

    def test_no_more_than_ten_cores_of_a_cluster_count(self):
        """Of cluster 0's twelve the ten nearest are 5.5 away, as is the only one of cluster 1."""
        points = np.array([*range(1, 13), -5.5, 0])[:, None]
        cores = np.array([0] * 12 + [1, -1])
        assert nearest_cores(points, cores)[-1] == pytest.approx([0.5, 0.5])

    def test_a_point_on_a_core_is_of_its_cluster(self):
        assert nearest_cores(np.array([[0.0], [3.0], [0.0]]), np.array([1, 0, -1]))[2] == pytest.approx([0, 1])

    def test_a_point_on_cores_of_two_clusters_is_of_either(self):
        assert nearest_cores(np.zeros((3, 1)), np.array([1, 0, -1]))[2].tolist() == [0.5, 0.5]

    def test_all_are_cores(self):
        assert nearest_cores(np.zeros((2, 1)), np.array([1, 0])).tolist() == [[0, 1], [1, 0]]


def links(n, *rows):
    matrix = np.zeros((n, n))
    for i, j, weight in rows:
        matrix[i, j] = matrix[j, i] = weight
    return sp.csr_matrix(matrix)


class TestPropagation:
    prior = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    cores = np.array([0, -1, -1])

    def test_by_hand(self):
        """A core a and another point b, linked: a = t/2 b + (1 - t/2) and b = t a + (1 - t) 0 in cluster 0."""
        a = (1 - TRUST / 2) / (1 - TRUST**2 / 2)
        expected = [[a, 1 - a], [TRUST * a, 1 - TRUST * a], [0, 1]]
        assert propagate(self.prior, self.cores, links(3, (0, 1, 5))) == pytest.approx(np.array(expected), abs=1e-5)

    def test_links_count_by_weight(self):
        """The middle point's links pull it to the heavier side."""
        prior = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
        found = propagate(prior, np.array([0, 1, -1]), links(3, (0, 2, 9), (1, 2, 3)))
        assert found[2, 0] > 0.6

    def test_without_links_nothing_changes(self):
        assert propagate(self.prior, self.cores, links(3)).tolist() == self.prior.tolist()

    def test_the_links_given_stay_as_they_are(self):
        between = links(3, (0, 1, 2), (1, 2, 5))
        before = between.toarray()
        propagate(self.prior, self.cores, between)
        assert np.array_equal(between.toarray(), before)

    def test_rows_stay_probabilities(self):
        rng = np.random.default_rng(71)
        prior = rng.dirichlet(np.ones(4), 30)
        weight = np.triu(rng.integers(0, 9, (30, 30)) * (rng.random((30, 30)) < 0.2), 1)
        found = propagate(prior, np.where(rng.random(30) < 0.5, 0, -1), sp.csr_matrix(weight + weight.T))
        assert found.sum(1) == pytest.approx(np.ones(30))
        assert found.min() >= 0
