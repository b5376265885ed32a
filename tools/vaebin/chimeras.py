"""Reads joined from two places, found where no other read spans the joint.

An overlap that stops inside both reads disagrees with one of them from there on (Li 2016, miniasm; Marijon et al. 2020,
yacrd). Where several overlaps of a read stop at one place that none of its other overlaps spans, the read is cut there.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.overlaps import Overlaps

OVERHANG = 1000  # bases by which both reads must go on after an overlap stops
WINDOW = 400  # stops so near to each other are one place: the last shared k-mer lies before the joint
STOPS = 2  # disagreeing overlaps that make a joint


def find_joints(overlaps: Overlaps, used: NDArray[np.bool_], n: int) -> NDArray[np.int64]:
    """Place (n,) in bases of each read's joint, -1 where it has none, by those of the pairs (m,) that are used."""
    o = overlaps
    starts, pairs = _by_read(o.i, o.j, used, n)
    columns = o.i, o.left, o.right, o.same, o.i_start, o.i_end, o.j_start, o.j_end
    return np.asarray(_joints(starts, pairs, *columns))


@numba.njit(cache=True, nogil=True)
def _by_read(i, j, used, n):  # type: ignore[no-untyped-def]
    """The used pairs of read r stand at starts[r]:starts[r + 1] of the list of pairs; both are returned."""
    starts = np.zeros(n + 1, np.int64)
    for x in range(len(used)):
        starts[i[x] + 1] += used[x]
        starts[j[x] + 1] += used[x]
    starts = np.cumsum(starts)
    cursors, pairs = starts[:-1].copy(), np.empty(starts[-1], np.int32)
    for x in range(len(used)):
        if used[x]:
            for read in (i[x], j[x]):
                pairs[cursors[read]] = x
                cursors[read] += 1
    return starts, pairs


@numba.njit(cache=True, nogil=True)
def _joints(bounds, pairs, i, left, right, same, i_start, i_end, j_start, j_end):  # type: ignore[no-untyped-def]
    n = len(bounds) - 1
    joints = np.full(n, -1, np.int64)
    most_pairs = np.diff(bounds).max() if n else 0
    places, inside = np.empty((most_pairs, 2), np.int64), np.empty((most_pairs, 2), np.bool_)
    for read in range(n):
        m = bounds[read + 1] - bounds[read]
        for x in range(m):
            pair = pairs[bounds[read] + x]
            first = i[pair] == read
            places[x] = (i_start[pair], i_end[pair]) if first else (j_start[pair], j_end[pair])
            turned = not (first or same[pair])
            beyond = (right[pair], left[pair]) if turned else (left[pair], right[pair])
            inside[x] = beyond[0] > OVERHANG, beyond[1] > OVERHANG
        joints[read] = _joint(places[:m], inside[:m])
    return joints


@numba.njit(cache=True, nogil=True)
def _joint(places, inside):  # type: ignore[no-untyped-def]
    """The joint of one read, by where on it its pairs begin and end (m, 2), and whether that is inside both reads."""
    joint, most = -1, STOPS - 1
    for x in range(len(places)):
        for side in range(2):
            if not inside[x, side]:
                continue
            place, stops, spanned = places[x, side], 0, False
            for y in range(len(places)):
                stops += inside[y, 0] and abs(places[y, 0] - place) < WINDOW
                stops += inside[y, 1] and abs(places[y, 1] - place) < WINDOW
                spanned |= places[y, 0] < place - WINDOW and places[y, 1] > place + WINDOW
            if stops > most and not spanned:
                most, joint = stops, place
    return joint


def crossing(overlaps: Overlaps, joints: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(m,) pairs that lie on the smaller side of a joint of either read: they say where that piece comes from."""

    def minor(reads: NDArray[np.int32], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.bool_]:
        joint = joints[reads]
        middle = (starts + ends) / 2
        left_is_minor = joint < lengths[reads] - joint
        return np.asarray((joint >= 0) & ((middle < joint) == left_is_minor))

    return minor(overlaps.i, overlaps.i_start, overlaps.i_end) | minor(overlaps.j, overlaps.j_start, overlaps.j_end)
