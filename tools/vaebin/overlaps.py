"""Pairs of reads that overlap, found from their sketches in time and edges linear in depth.

Every kept k-mer links each of its holders to the next few holders in input order, not to all of them (all pairs grow
with the square of the depth). A pair's shared k-mers must lie on one diagonal, as in an overlap, and are counted
against the stretch over which the two reads would overlap if they came from one place (Li 2016, minimap).
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.overlaps import Overlaps
from vaebin.holders import Holders

NEXT_HOLDERS = 4  # linear in depth: communities are as pure as with all pairs
MIN_SHARED = 3  # fewer shared k-mers are chance
MIN_SPAN = 150  # bases; a piece of adapter or primer holds several k-mers, all within less


def find_overlaps(holders: Holders, lengths: NDArray[np.int64], k: int, threads: int = 1) -> Overlaps:
    """Pairs of reads that share at least MIN_SHARED k-mers on one diagonal."""
    n = len(lengths)
    cuts = np.linspace(0, n, 1 + min(n, 64 * threads) if n else 1).astype(np.int64)
    with ThreadPoolExecutor(threads) as pool:
        h = holders
        arguments = (h.reads, h.ends, h.starts, h.entries, h.kmers, h.places, lengths, k)
        rows = list(pool.map(lambda a, b: _link(*arguments, a, b), cuts[:-1], cuts[1:]))
    table = np.concatenate([np.empty((0, 11), np.int32), *rows])
    return Overlaps(*(np.ascontiguousarray(c) for c in table.T))


@numba.njit(cache=True, nogil=True)
def _link(reads, ends, starts, entries, kmers, places, lengths, k, first, last):  # type: ignore[no-untyped-def]
    """Overlaps of the reads first to last with later ones: rows in the order of `Overlaps`."""
    out = np.empty((1024, 11), np.int32)
    rows = 0
    for i in range(first, last):
        a, b = starts[i], starts[i + 1]
        for j in _candidates(reads, ends, entries[a:b]):
            c, d = starts[j], starts[j + 1]
            x, y, strand = _common(kmers[a:b], places[a:b], kmers[c:d], places[c:d])
            if not strand:
                y = lengths[j] - k - y  # as read j's reverse complement has it
            row = _overlap(x, y, lengths[i], lengths[j], k)
            if row[0] < MIN_SHARED or row[1] < MIN_SPAN:
                continue
            if rows == len(out):
                out = np.concatenate((out, np.empty_like(out)))
            out[rows, 0], out[rows, 1] = i, j
            out[rows, 2:6] = row[0:4]
            out[rows, 6] = strand
            out[rows, 7], out[rows, 8] = row[4], row[5]
            out[rows, 9] = row[6] if strand else lengths[j] - row[7]
            out[rows, 10] = row[7] if strand else lengths[j] - row[6]
            rows += 1
    return out[:rows]


@numba.njit(cache=True, nogil=True)
def _candidates(reads, ends, mine):  # type: ignore[no-untyped-def]
    """Reads that are among the next holders of at least MIN_SHARED of a read's k-mers, ascending."""
    found = np.empty(len(mine) * NEXT_HOLDERS, np.int32)
    m = 0
    for e in mine:
        for x in range(e + 1, min(ends[e], e + 1 + NEXT_HOLDERS)):
            found[m] = reads[x]
            m += 1
    found = np.sort(found[:m])
    kept, a = 0, 0
    while a < m:
        b = a + 1
        while b < m and found[b] == found[a]:
            b += 1
        if b - a >= MIN_SHARED:
            found[kept] = found[a]
            kept += 1
        a = b
    return found[:kept]


@numba.njit(cache=True, nogil=True)
def _common(kmers_x, places_x, kmers_y, places_y):  # type: ignore[no-untyped-def]
    """Starts of the k-mers that two reads share on the one and on the other, of the strands on which more agree.

    The last value tells whether these are the same strands.
    """
    size = min(len(kmers_x), len(kmers_y))
    x, y = np.empty(size, np.int64), np.empty(size, np.int64)
    same, opposite = 0, size  # same strands fill the arrays from the front, opposite ones from the back
    a, b = 0, 0
    while a < len(kmers_x) and b < len(kmers_y):
        if kmers_x[a] == kmers_y[b]:
            at = same
            if (places_x[a] ^ places_y[b]) & np.uint32(1):
                opposite -= 1
                at = opposite
            else:
                same += 1
            x[at], y[at] = places_x[a] >> np.uint32(1), places_y[b] >> np.uint32(1)
        forward = kmers_x[a] <= kmers_y[b]
        b += kmers_y[b] <= kmers_x[a]
        a += forward
    if same >= size - opposite:
        return x[:same], y[:same], True
    return x[opposite:], y[opposite:], False


@numba.njit(cache=True, nogil=True)
def _overlap(x, y, length_x, length_y, k):  # type: ignore[no-untyped-def]
    """Shared k-mers at x and y near their median diagonal: count, span, left, right, and the span on both reads."""
    row = np.zeros(8, np.int64)
    if len(x) == 0:
        return row
    diagonals = x - y
    middle = np.median(diagonals)
    slack = 50 + 0.05 * min(length_x, length_y)  # insertions and deletions do not cancel exactly
    near = np.abs(diagonals - middle) <= slack
    if not near.any():
        return row
    x, y = x[near], y[near]
    x0, x1, y0, y1 = x.min(), x.max() + k, y.min(), y.max() + k
    row[0] = len(x)
    row[1] = ((x1 - x0) + (y1 - y0)) // 2
    row[2] = min(x0, y0)
    row[3] = min(length_x - x1, length_y - y1)
    row[4], row[5], row[6], row[7] = x0, x1, y0, y1
    return row
