"""Dense groups of points: HDBSCAN (Campello et al. 2013), the only place that knows the library."""

import warnings

import numpy as np
from numpy.typing import NDArray

from vaebin.reachability import spanning_tree


def find_clusters(
    points: NDArray[np.float64], min_cluster_size: int, min_samples: int, selection: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cluster (n,) of every point, -1 for noise, and HDBSCAN's own membership strength (n,).

    The library gets the spanning tree, not the points: its own search is slower, and by default approximate.
    """
    n = len(points)
    if n < max(2, min_cluster_size):
        return np.full(n, -1), np.zeros(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import hdbscan

        found = hdbscan.HDBSCAN(
            min_cluster_size=max(2, min_cluster_size),  # it knows no clusters of one
            min_samples=1,  # the tree's distances are of mutual reachability already
            metric="precomputed",
            cluster_selection_method=selection,
        ).fit(spanning_tree(points, min(min_samples, n - 1)))
    return found.labels_.astype(np.int64), found.probabilities_


def cluster_size(points: int) -> int:
    """min_cluster_size where none is given: a sixteenth of the points, between 5 and 30.

    A genome has a few hundred communities whatever its depth, so 30 is a small part of one; a small sample has fewer.
    """
    return min(30, max(5, points // 16))
