"""The minimum spanning tree of mutual reachability (Campello et al. 2013): all that HDBSCAN needs to know of points.

Exact, by distances of all pairs, none of which is kept. In two dozen directions a search tree saves little of them.
"""

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

BLOCK = 2048  # points at once, so that their distances stay in the nearest cache
CLOSEST = 1e-9  # a distance in a sparse matrix must not be 0


def spanning_tree(points: NDArray[np.float64], neighbours: int) -> sp.csr_matrix:
    """The tree's edges, both ways, in an (n, n) matrix of points (n, d): the larger of distance and core distances.

    A point's core distance is that to its `neighbours`-th nearest other. Computed in single precision.
    """
    columns = np.array(points.T, np.float32, order="C")
    core = _core_squares(columns, neighbours + 1)
    starts, ends, squares = _grow(columns, core)
    length = np.maximum(np.sqrt(squares.astype(np.float64)), CLOSEST)
    both = np.concatenate([starts, ends]), np.concatenate([ends, starts])
    return sp.coo_matrix((np.tile(length, 2), both), (len(points),) * 2).tocsr()


@numba.njit(cache=True, nogil=True)
def _squares(columns, point, start, stop, out):  # type: ignore[no-untyped-def]
    """Squared distances of points start:stop to one point; a direction at a time, which vectorizes."""
    n = stop - start
    out[:n] = 0
    for k in range(len(point)):
        row, place = columns[k, start:stop], point[k]
        for j in range(n):
            off = row[j] - place
            out[j] += off * off


@numba.njit(cache=True, nogil=True)
def _core_squares(columns, nearest):  # type: ignore[no-untyped-def]
    """Squared distance (n,) to the `nearest`-th nearest point, oneself the first."""
    n = columns.shape[1]
    core, out = np.empty(n, np.float32), np.empty(BLOCK, np.float32)
    for i in range(n):
        point = columns[:, i].copy()
        near = np.full(nearest, np.inf, np.float32)
        for start in range(0, n, BLOCK):
            stop = min(n, start + BLOCK)
            _squares(columns, point, start, stop, out)
            for square in out[: stop - start]:
                if square < near[-1]:
                    place = nearest - 1
                    while place > 0 and near[place - 1] > square:
                        near[place] = near[place - 1]
                        place -= 1
                    near[place] = square
        core[i] = near[-1]
    return core


@numba.njit(cache=True, nogil=True)
def _grow(columns, core):  # type: ignore[no-untyped-def]
    """Edges of the tree that grows from point 0 by its closest point outside (Prim 1957); overwrites both.

    The points outside are the first ones of all arrays: one that is taken in gives its place to the last.
    """
    n = columns.shape[1]
    names, source, reach = np.arange(n), np.zeros(n, np.int64), np.full(n, np.inf, np.float32)
    starts, ends, squares = np.empty(n - 1, np.int64), np.empty(n - 1, np.int64), np.empty(n - 1, np.float32)
    out = np.empty(BLOCK, np.float32)
    taken = 0
    for edge in range(n - 1):
        point, own, name, last = columns[:, taken].copy(), core[taken], names[taken], n - 1 - edge
        columns[:, taken] = columns[:, last]
        core[taken], names[taken] = core[last], names[last]
        reach[taken], source[taken] = reach[last], source[last]
        closest = np.float32(np.inf)
        for start in range(0, last, BLOCK):
            stop = min(last, start + BLOCK)
            _squares(columns, point, start, stop, out)
            for j in range(start, stop):
                square = max(out[j - start], own, core[j])
                if square < reach[j]:
                    reach[j], source[j] = square, name
            for j in range(start, stop):
                if reach[j] < closest:
                    closest, taken = reach[j], j
        starts[edge], ends[edge], squares[edge] = source[taken], names[taken], closest
    return starts, ends, squares
