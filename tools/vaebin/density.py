"""Dense groups of points: HDBSCAN (Campello et al. 2013), the only place that knows the library."""

import warnings

import numpy as np
from numpy.typing import NDArray


def find_clusters(
    points: NDArray[np.float64], min_cluster_size: int, min_samples: int, selection: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cluster (n,) of every point, -1 for noise, and HDBSCAN's own membership strength (n,)."""
    n = len(points)
    if n < max(2, min_cluster_size):
        return np.full(n, -1), np.zeros(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import hdbscan

        found = hdbscan.HDBSCAN(
            min_cluster_size=max(2, min_cluster_size),  # it knows no clusters of one
            min_samples=min(min_samples, n - 1),
            cluster_selection_method=selection,
            core_dist_n_jobs=1,
        ).fit(_turned(points))
    return found.labels_.astype(np.int64), found.probabilities_


def _turned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points along their principal axes: the boxes of the library's tree fit them closer, at half the time."""
    return np.ascontiguousarray(points @ np.linalg.eigh(np.atleast_2d(np.cov(points.T)))[1])


def cluster_size(points: int) -> int:
    """min_cluster_size where none is given: a sixteenth of the points, between 5 and 30.

    A genome has a few hundred communities whatever its depth, so 30 is a small part of one; a small sample has fewer.
    """
    return min(30, max(5, points // 16))
