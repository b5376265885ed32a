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


def find_joints(overlaps: Overlaps, n: int) -> NDArray[np.int64]:
    """Place (n,) in bases of each read's joint, -1 where it has none."""
    same = overlaps.same.astype(bool)
    reads = np.concatenate([overlaps.i, overlaps.j])
    starts = np.concatenate([overlaps.i_start, overlaps.j_start])
    ends = np.concatenate([overlaps.i_end, overlaps.j_end])
    left = np.concatenate([overlaps.left, np.where(same, overlaps.left, overlaps.right)])
    right = np.concatenate([overlaps.right, np.where(same, overlaps.right, overlaps.left)])
    order = np.argsort(reads, kind="stable")
    bounds = np.searchsorted(reads[order], np.arange(n + 1))
    return np.asarray(_joints(bounds, starts[order], ends[order], (left > OVERHANG)[order], (right > OVERHANG)[order]))


@numba.njit(cache=True, nogil=True)
def _joints(bounds, starts, ends, begins_inside, stops_inside):  # type: ignore[no-untyped-def]
    n = len(bounds) - 1
    joints = np.full(n, -1, np.int64)
    for read in range(n):
        a, b = bounds[read], bounds[read + 1]
        most = STOPS - 1
        for x in range(a, b):
            for place, inside in ((starts[x], begins_inside[x]), (ends[x], stops_inside[x])):
                if not inside:
                    continue
                stops, spanned = 0, False
                for y in range(a, b):
                    stops += begins_inside[y] and abs(starts[y] - place) < WINDOW
                    stops += stops_inside[y] and abs(ends[y] - place) < WINDOW
                    spanned |= starts[y] < place - WINDOW and ends[y] > place + WINDOW
                if stops > most and not spanned:
                    most, joints[read] = stops, place
    return joints


def crossing(overlaps: Overlaps, joints: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(m,) pairs that lie on the smaller side of a joint of either read: they say where that piece comes from."""

    def minor(reads: NDArray[np.int32], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.bool_]:
        joint = joints[reads]
        middle = (starts + ends) / 2
        left_is_minor = joint < lengths[reads] - joint
        return np.asarray((joint >= 0) & ((middle < joint) == left_is_minor))

    return minor(overlaps.i, overlaps.i_start, overlaps.i_end) | minor(overlaps.j, overlaps.j_start, overlaps.j_end)
