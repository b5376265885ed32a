"""Pairs of reads that overlap, found from their sketches in time and edges linear in depth.

Every kept k-mer links each of its holders to the next few hubs that hold it, in input order, not to all of them (all
pairs grow with the square of the depth). A pair's shared k-mers must lie on one diagonal, as in an overlap, and are
counted against the stretch over which the two reads would overlap if they came from one place (Li 2016, minimap).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin import lookup
from vaebin.formats.container import release
from vaebin.formats.features import Sketch
from vaebin.formats.overlaps import Overlaps
from vaebin.holders import Holders

NEXT_HOLDERS = 2  # linear in depth: with 1 to 4 bins are as right, and fewer are faster found
NEXT_HUBS = 1  # of a read that is none
MIN_SHARED = 3  # fewer shared k-mers are chance
MIN_SPAN = 150  # bases; a piece of adapter or primer holds several k-mers, all within less
INSERTED = 40  # diagonals that are sorted by insertion at most


Rows = NDArray[np.int32]  # (m, 8): i, j, shared, same, i_start, i_end, j_start, j_end of `Overlaps`


def find_rows(
    holders: Holders, sketches: Sequence[Sketch], lengths: NDArray[np.int64], k: int, threads: int = 1
) -> list[Rows]:
    """Pairs of reads, one of them a hub, that share at least MIN_SHARED k-mers on one diagonal.

    sketches: those that the holders are from. In pieces: whoever needs the holders no more lets go of them before
    `in_columns`.
    """
    table = lookup.make(holders.hashes)
    rows: list[Rows] = []
    base = 0
    with ThreadPoolExecutor(threads) as pool:
        for sketch in sketches:

            def link(first: int, last: int, sketch: Sketch = sketch, base: int = base) -> Rows:
                found = _link(
                    holders, table, sketch.hashes, sketch.places, sketch.offsets, base, lengths, k, first, last
                )
                release(sketch.hashes, sketch.places)
                return np.asarray(found)

            n = len(sketch.offsets) - 1
            pieces = -(-64 * threads * n // max(1, len(lengths)))  # of all shards together about so many a thread
            cuts = np.linspace(0, n, 1 + min(n, pieces)).astype(np.int64)
            rows += pool.map(link, cuts[:-1], cuts[1:])
            base += n
    return rows


def in_columns(rows: list[Rows], lengths: NDArray[np.int64]) -> Overlaps:
    """The overlaps by (i, j); the rows are used up, so that no memory holds both."""
    columns = np.empty((8, sum(map(len, rows))), np.int32)
    end = columns.shape[1]
    while rows:
        some = rows.pop()
        columns[:, end - len(some) : end] = some.T
        end -= len(some)
    i, j = columns[:2]
    if not ((i[1:] > i[:-1]) | ((i[1:] == i[:-1]) & (j[1:] > j[:-1]))).all():
        order = np.argsort(i.astype(np.int64) << 32 | j, kind="stable")  # in half of lexsort's time
        for column in columns:
            column[:] = column[order]
    _, _, shared, same, i_start, i_end, j_start, j_end = columns
    span, left, right = _extents(columns, lengths)
    return Overlaps(i, j, shared, span, left, right, same, i_start, i_end, j_start, j_end)


@numba.njit(cache=True, nogil=True)
def _extents(columns, lengths):  # type: ignore[no-untyped-def]
    """(3, m) span, left and right of `Overlaps`, by the columns of `Rows` (8, m)."""
    i, j, _, same, i_start, i_end, j_start, j_end = columns
    out = np.empty((3, len(i)), np.int32)
    for x in range(len(i)):
        before, after = j_start[x], lengths[j[x]] - j_end[x]
        if not same[x]:
            before, after = after, before
        out[0, x] = _span(i_start[x], i_end[x], j_start[x], j_end[x])
        out[1, x], out[2, x] = min(i_start[x], before), min(lengths[i[x]] - i_end[x], after)
    return out


@numba.njit(cache=True, nogil=True)
def _span(x0, x1, y0, y1):  # type: ignore[no-untyped-def]
    """The mean of what a pair's shared k-mers span on either read."""
    return (x1 - x0 + y1 - y0) // 2


@numba.njit(cache=True, nogil=True)
def _link(holders, table, hashes, places, offsets, base, lengths, k, first, last):  # type: ignore[no-untyped-def]
    """Overlaps of reads first to last of a sketch, number `base` of all being its first, as `Rows`.

    A hub is linked to later ones, every other read to hubs.
    """
    out = np.empty((1024, 8), np.int32)
    rows = 0
    times = np.zeros(len(lengths), np.int32)
    for own in range(first, last):
        i = base + own
        if holders.hubs[i]:
            following, a, b = NEXT_HOLDERS, holders.starts[i], holders.starts[i + 1]
            nexts, kmers, at = holders.nexts[a:b], holders.kmers[a:b], holders.places[a:b]
        else:
            following, a, b = NEXT_HUBS, offsets[own], offsets[own + 1]
            nexts, kmers, at = lookup.find(table, holders, hashes[a:b], places[a:b], i, following)
        slots = _index(kmers)
        x, y, diagonals = np.empty(b - a, np.int64), np.empty(b - a, np.int64), np.empty(b - a, np.int64)
        for j in _candidates(holders.reads, nexts, kmers, following, times):
            c, d = holders.starts[j], holders.starts[j + 1]
            same, m = _common(slots, kmers, at, holders.kmers[c:d], holders.places[c:d], x[: len(kmers)], y)
            if rows == len(out):
                out = np.concatenate((out, np.empty_like(out)))
            rows += _compare(x[:m], y[:m], diagonals, same, i, j, lengths, k, out[rows])
    return out[:rows].copy()


@numba.njit(cache=True, nogil=True)
def _compare(x, y, diagonals, same, i, j, lengths, k, row):  # type: ignore[no-untyped-def]
    """Writes the row of two reads that share k-mers at x and y, if they overlap; returns whether they do."""
    if not same:
        y[:] = lengths[j] - k - y  # as read j's reverse complement has it
    shared, x0, x1, y0, y1 = _overlap(x, y, diagonals, lengths[i], lengths[j], k)
    if shared < MIN_SHARED or _span(x0, x1, y0, y1) < MIN_SPAN:
        return False
    if not same:
        y0, y1 = lengths[j] - y1, lengths[j] - y0
    if i > j:
        i, j, x0, x1, y0, y1 = j, i, y0, y1, x0, x1
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = i, j, shared, same, x0, x1, y0, y1
    return True


@numba.njit(cache=True, nogil=True)
def _candidates(reads, nexts, kmers, following, times):  # type: ignore[no-untyped-def]
    """Hubs that are among the `following` next holders of at least MIN_SHARED of a read's k-mers, ascending.

    times: (n,) zeros, and zeros again in the end.
    """
    found = np.empty(len(nexts) * following // MIN_SHARED, np.int32)
    m = 0
    for t in range(len(nexts)):
        for x in range(nexts[t], min(np.int64(kmers[t]), np.int64(nexts[t]) + following)):
            times[reads[x]] += 1
            if times[reads[x]] == MIN_SHARED:
                found[m] = reads[x]
                m += 1
    for t in range(len(nexts)):
        for x in range(nexts[t], min(np.int64(kmers[t]), np.int64(nexts[t]) + following)):
            times[reads[x]] = 0
    return np.sort(found[:m])


@numba.njit(cache=True, nogil=True)
def _index(kmers):  # type: ignore[no-untyped-def]
    """Where a read's k-mers stand, plus 1: a hash table with open addresses, mostly empty."""
    size = 16
    while size < 16 * len(kmers):
        size *= 2
    slots = np.zeros(size, np.uint32)
    for x in range(len(kmers)):
        slots[_find(slots, kmers, kmers[x])] = x + 1
    return slots


@numba.njit(cache=True, nogil=True)
def _find(slots, kmers, kmer):  # type: ignore[no-untyped-def]
    """The slot of a k-mer, or the empty one where it would go."""
    mask = np.uint64(len(slots) - 1)
    slot = np.uint64(kmer) & mask
    while slots[slot] and kmers[slots[slot] - np.uint32(1)] != kmer:
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _common(slots, kmers_x, places_x, kmers_y, places_y, x, y):  # type: ignore[no-untyped-def]
    """Starts of the k-mers that two reads share, into x and y, of the strands on which more agree.

    Returns whether these are the same strands, and how many there are. `slots` is the index of the first read's k-mers.
    """
    same, opposite = 0, len(x)  # same strands fill the arrays from the front, opposite ones from the back
    for b in range(len(kmers_y)):
        a = slots[_find(slots, kmers_x, kmers_y[b])]
        if a:
            place_x, place_y = places_x[a - np.uint32(1)], places_y[b]
            turned = (place_x ^ place_y) & np.uint32(1)
            opposite -= turned
            at = opposite if turned else same
            same += 1 - turned
            x[at], y[at] = place_x >> np.uint32(1), place_y >> np.uint32(1)
    m = len(x) - opposite
    if same >= m:
        return True, same
    for t in range(m):
        x[t], y[t] = x[opposite + t], y[opposite + t]
    return False, m


@numba.njit(cache=True, nogil=True)
def _overlap(x, y, diagonals, length_x, length_y, k):  # type: ignore[no-untyped-def]
    """Shared k-mers at x and y near their median diagonal: their count, and the span on both reads."""
    middle = _median(x, y, diagonals)
    slack = 50 + 0.05 * min(length_x, length_y)  # insertions and deletions do not cancel exactly
    shared, x0, x1, y0, y1 = 0, length_x, np.int64(-1), length_y, np.int64(-1)
    for t in range(len(x)):
        if abs(x[t] - y[t] - middle) <= slack:
            shared += 1
            x0, x1, y0, y1 = min(x0, x[t]), max(x1, x[t]), min(y0, y[t]), max(y1, y[t])
    return shared, x0, x1 + k, y0, y1 + k


@numba.njit(cache=True, nogil=True)
def _median(x, y, diagonals):  # type: ignore[no-untyped-def]
    """The median of x - y, sorted in `diagonals`: by insertion, for most pairs share few k-mers."""
    m = len(x)
    for t in range(m):
        if t == INSERTED:
            diagonals[t:m] = x[t:] - y[t:]
            diagonals[:m] = np.sort(diagonals[:m])
            break
        value, at = x[t] - y[t], t
        while at > 0 and diagonals[at - 1] > value:
            diagonals[at] = diagonals[at - 1]
            at -= 1
        diagonals[at] = value
    return (diagonals[(m - 1) // 2] + diagonals[m // 2]) / 2 if m else 0.0
