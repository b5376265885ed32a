"""The minimum spanning tree of mutual reachability (Campello et al. 2013): all that HDBSCAN needs to know of points.

Exact, and no distance is kept. In two dozen directions a search tree saves little within a genome, but those to other
genomes: core distances look into few boxes of points. The tree itself takes the distances of all pairs.
"""

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

BLOCK = 2048  # points at once, so that their distances stay in the nearest cache
BOX = 512  # points in a box, at most
SURE = np.float32(1 + 1e-5)  # a sum of squares in single precision may be that much off
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


def _core_squares(columns: NDArray[np.float32], nearest: int) -> NDArray[np.float32]:
    """Squared distance (n,) of points (d, n) to the `nearest`-th nearest one, oneself the first."""
    boxes = _boxes(columns)
    shape = len(boxes), len(columns)
    low, high = np.empty(shape, np.float32), np.empty(shape, np.float32)
    filled = np.full((*shape, max(map(len, boxes))), np.inf, np.float32)
    for b, box in enumerate(boxes):
        inside = columns[:, box]
        filled[b, :, : len(box)], low[b], high[b] = inside, inside.min(1), inside.max(1)
    core = np.empty(columns.shape[1], np.float32)
    for box, found in zip(boxes, _look(filled, low, high, nearest), strict=True):
        core[box] = found[: len(box)]
    return core


def _boxes(columns: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Points (d, n) that are near one another: boxes of all, halved along the widest direction, again and again."""
    boxes = [np.arange(columns.shape[1])]
    while max(map(len, boxes)) > BOX:
        boxes = [half for box in boxes for half in _halves(columns, box)]
    return boxes


def _halves(columns: NDArray[np.float32], box: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    inside = columns[:, box]
    middle = len(box) // 2
    return np.split(box[np.argpartition(inside[np.ptp(inside, axis=1).argmax()], middle)], [middle])


@numba.njit(cache=True, nogil=True)
def _look(boxes, low, high, nearest):  # type: ignore[no-untyped-def]
    """Core squares of points in boxes (boxes, d, size), filled up with inf, that reach from low to high (boxes, d)."""
    count, _, size = boxes.shape
    core, out, near = np.empty((count, size), np.float32), np.empty(size, np.float32), np.empty(nearest, np.float32)
    for own in range(count):
        for i in range(size):
            point = boxes[own, :, i].copy()
            near[:] = np.inf
            _look_into(boxes[own], point, out, near)
            for b in range(count):
                if b != own and _gap(point, low[b], high[b]) <= near[-1] * SURE:
                    _look_into(boxes[b], point, out, near)
            core[own, i] = near[-1]
    return core


@numba.njit(cache=True, nogil=True)
def _gap(point, low, high):  # type: ignore[no-untyped-def]
    """Squared distance of a point to a box: no point of it is nearer."""
    square = np.float32(0)
    for k in range(len(point)):
        off = max(low[k] - point[k], point[k] - high[k], np.float32(0))
        square += off * off
    return square


@numba.njit(cache=True, nogil=True)
def _look_into(box, point, out, near):  # type: ignore[no-untyped-def]
    """Put the squared distances of a box's points (d, size) among the nearest, which ascend."""
    _squares(box, point, 0, len(out), out)
    for square in out:
        if square < near[-1]:
            at = len(near) - 1
            while at > 0 and near[at - 1] > square:
                near[at] = near[at - 1]
                at -= 1
            near[at] = square


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
