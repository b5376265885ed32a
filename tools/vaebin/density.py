"""Dense groups of points: HDBSCAN (Campello et al. 2013), the only place that knows the library."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree

from vaebin.reachability import spanning_tree


def find_clusters(
    points: NDArray[np.float64], min_cluster_size: int, min_samples: int, selection: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cluster (n,) of every point, -1 for noise, and HDBSCAN's own membership strength (n,).

    The library gets the spanning tree, not the points: its own search is slower, and by default approximate. It gets
    it at the place of its own tree, for on its public way, as a matrix, it would go over that in Python.
    """
    n, least = len(points), max(2, min_cluster_size)  # it knows no clusters of one
    if n < least:
        return np.full(n, -1), np.zeros(n)
    from hdbscan._hdbscan_linkage import label
    from hdbscan.hdbscan_ import _tree_to_labels

    tree = minimum_spanning_tree(spanning_tree(points, min(min_samples, n - 1))).tocoo()  # each edge once
    edges = np.column_stack([tree.row, tree.col, tree.data])[np.argsort(tree.data)]
    labels, strengths, *_ = _tree_to_labels(points, label(edges), least, selection)
    return labels.astype(np.int64), strengths


def cluster_size(points: int) -> int:
    """min_cluster_size where none is given: a sixteenth of the points, between 5 and 30.

    A genome has a few hundred communities whatever its depth, so 30 is a small part of one; a small sample has fewer.
    """
    return min(30, max(5, points // 16))
