"""HDBSCAN finds what is dense; how small a cluster may be follows from the number of points."""

import hdbscan
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from vaebin.density import cluster_size, find_clusters
from vaebin.reachability import spanning_tree


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(61)
    centres = np.array([[0, 0], [20, 0], [0, 20]])
    owner = np.repeat(np.arange(3), 50)
    return centres[owner] + rng.normal(size=(150, 2)), owner


@pytest.mark.parametrize("selection", ["leaf", "eom"])
def test_blobs_are_clusters(blobs, selection):
    points, owner = blobs
    labels, strength = find_clusters(points, 20, 5, selection)
    found = labels >= 0
    assert found.mean() > 0.5
    assert len({(a, b) for a, b in zip(labels[found], owner[found], strict=True)}) == 3
    assert ((strength > 0) == found).all()


def test_a_cluster_has_two_points_at_least(blobs):
    assert np.array_equal(find_clusters(blobs[0], 1, 5, "eom")[0], find_clusters(blobs[0], 2, 5, "eom")[0])


def test_far_points_are_noise(blobs):
    points = np.concatenate([blobs[0], [[500, 500], [-500, 100]]])
    assert find_clusters(points, 20, 5, "eom")[0][-2:].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("n", "min_cluster_size"), [(0, 5), (1, 1), (1, 5), (4, 5)], ids=["none", "one", "one of five", "four of five"]
)
def test_fewer_points_than_a_cluster_are_noise(n, min_cluster_size):
    labels, strength = find_clusters(np.zeros((n, 3)), min_cluster_size, 2, "leaf")
    assert labels.tolist() == [-1] * n
    assert strength.tolist() == [0] * n


@pytest.mark.parametrize("n", [2, 5, 6])
def test_few_points_and_many_samples(n):
    assert len(find_clusters(np.arange(n, dtype=float)[:, None], 2, 50, "leaf")[0]) == n


def test_the_same_every_time(blobs):
    first, second = (find_clusters(blobs[0], 10, 3, "leaf") for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


@pytest.mark.parametrize(
    ("points", "size"), [(0, 5), (95, 5), (96, 6), (160, 10), (479, 29), (480, 30), (3000, 30), (10**6, 30)]
)
def test_cluster_size(points, size):
    assert cluster_size(points) == size


def clouds(seed):
    """Points of twelve clouds, of which some meet."""
    rng = np.random.default_rng(seed)
    return rng.normal(scale=6, size=(12, 4))[rng.integers(0, 12, 900)] + rng.normal(size=(900, 4))


@pytest.mark.parametrize("selection", ["leaf", "eom"])
@pytest.mark.parametrize("samples", [1, 3, 8])
def test_as_the_library_finds_them_by_itself(samples, selection):
    """By its exact way; single precision may tell a tie otherwise."""
    points = clouds(62)
    exact = hdbscan.HDBSCAN(
        min_cluster_size=15, min_samples=samples, cluster_selection_method=selection, approx_min_span_tree=False
    ).fit_predict(points)
    assert adjusted_rand_score(exact, find_clusters(points, 15, samples, selection)[0]) > 0.99


@pytest.mark.parametrize("selection", ["leaf", "eom"])
@pytest.mark.parametrize("size", [2, 15, 40])
def test_as_on_the_librarys_public_way(size, selection):
    points = clouds(63)
    given = hdbscan.HDBSCAN(
        min_cluster_size=size, min_samples=1, metric="precomputed", cluster_selection_method=selection
    ).fit(spanning_tree(points, 6))
    labels, strengths = find_clusters(points, size, 6, selection)
    assert np.array_equal(labels, given.labels_)
    assert np.array_equal(strengths, given.probabilities_)
