"""Which reads hold each kept k-mer: what overlaps and depth are found from.

K-mers are grouped in partitions of their hashes, so that memory beyond the result stays bounded.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.features import Sketch
from vaebin.partitions import Partition, partitions

END = 250  # adapters and barcodes lie within so many bases of a read's end


@dataclass(frozen=True)
class Holders:
    """Who holds each shared k-mer, listed by k-mer and by read.

    reads: (m,) int32, the holders of one k-mer together, in input order.
    starts: (n + 1,) int64; read i's k-mers are starts[i]:starts[i + 1] of the next three, in one order for all reads.
    entries: (m,) where the read stands in `reads`. kmers: (m,) the k-mer, as the end of its holders in `reads`; both
    uint32, or int64 where that could overflow.
    places: (m,) uint32 as in `Sketch`.
    multiplicity: (n,) float64, mean number of *other* holders over all the kept k-mers of a read, adapters left out.
    adapters: (n,) int64, k-mers of each read left out as adapters.
    """

    reads: NDArray[np.int32]
    starts: NDArray[np.int64]
    entries: NDArray[Any]
    kmers: NDArray[Any]
    places: NDArray[np.uint32]
    multiplicity: NDArray[np.float64]
    adapters: NDArray[np.int64]


class _Groups(NamedTuple):
    """How many hold each of some shared k-mers; the holders; the places."""

    sizes: NDArray[np.uint32]
    reads: NDArray[np.int32]
    places: NDArray[np.uint32]


def find_holders(
    sketches: Sequence[Sketch], lengths: NDArray[np.int64], k: int, fraction: int, threads: int = 1
) -> Holders:
    """Group the kept k-mers of all reads; k-mers of one holder are dropped, those of adapters too.

    sketches: of consecutive reads, together the n of `lengths`.
    """
    n = len(lengths)
    tallies = np.zeros((threads, 2, n), np.int64)
    with ThreadPoolExecutor(threads) as pool:
        parts = partitions(sketches, fraction, pool)
        groups = [g for part in parts for g in _group_all(part, lengths, k, tallies, pool)]
    others, adapters = tallies.sum(0)
    kept = np.concatenate([np.empty(0, np.int64), *(np.diff(s.offsets) for s in sketches)])
    multiplicity = others / np.maximum(kept - adapters, 1)
    reads, starts, entries, kmers, places = _by_read(groups, n)
    return Holders(reads, starts, entries, kmers, places, multiplicity, adapters)


def _group_all(
    partition: Partition, lengths: NDArray[np.int64], k: int, tallies: NDArray[np.int64], pool: Executor
) -> list[_Groups]:
    """A thread groups a range of buckets in one of the tallies: (threads, 2, n), other holders and adapter k-mers."""
    cuts = np.linspace(0, len(partition.bounds) - 1, len(tallies) + 1).astype(np.int64)

    def group(first: int, last: int, tally: NDArray[np.int64]) -> _Groups:
        return _Groups(*_group(*partition, first, last, lengths, k, *tally))

    return list(pool.map(group, cuts[:-1], cuts[1:], tallies))


@numba.njit(cache=True, nogil=True)
def _group(hashes, reads, places, bounds, first, last, lengths, k, others, adapters):  # type: ignore[no-untyped-def]
    """Groups of the k-mers in buckets first to last that are no adapters'; overwrites `reads` and `places`."""
    largest = 0
    for b in range(first, last):
        largest = max(largest, bounds[b + 1] - bounds[b])
    h, r, p = np.empty(largest, np.uint64), np.empty(largest, np.int32), np.empty(largest, np.uint32)
    fine, ends = np.empty(largest, np.int64), np.empty(largest + 1, np.int64)
    sizes = np.empty((bounds[last] - bounds[first]) // 2, np.uint32)
    groups, out = 0, bounds[first]
    for b in range(first, last):
        c, d = bounds[b], bounds[b + 1]
        _sort(hashes[c:d], reads[c:d], places[c:d], h, r, p, fine, ends)
        x = 0
        while x < d - c:
            y = x + 1
            while y < d - c and h[y] == h[x]:
                y += 1
            if y - x > 1 and _is_adapter(r[x:y], p[x:y], lengths, k):
                for z in range(x, y):
                    adapters[r[z]] += 1
            elif y - x > 1:
                sizes[groups] = y - x
                groups += 1
                for z in range(x, y):
                    others[r[z]] += y - x - 1
                    reads[out], places[out] = r[z], p[z]
                    out += 1
            x = y
    return sizes[:groups].copy(), reads[bounds[first] : out].copy(), places[bounds[first] : out].copy()


@numba.njit(cache=True, nogil=True)
def _sort(hashes, reads, places, h, r, p, fine, ends):  # type: ignore[no-untyped-def]
    """Into h, r and p by hash, equal ones in the order they had.

    A bucket sort with as many buckets as hashes: these are evenly spread, so one insertion sort ends it in linear time.
    """
    m = len(hashes)
    if m == 0:
        return
    low = hashes.min()
    scale = (m - 1) / max(1.0, float(hashes.max() - low))
    ends[: m + 1] = 0
    for x in range(m):
        fine[x] = int(float(hashes[x] - low) * scale)
        ends[fine[x] + 1] += 1
    for x in range(m):
        ends[x + 1] += ends[x]
    for x in range(m):
        y = ends[fine[x]]
        ends[fine[x]] += 1
        h[y], r[y], p[y] = hashes[x], reads[x], places[x]
    for x in range(1, m):
        hash_, read, place, y = h[x], r[x], p[x], x
        while y > 0 and h[y - 1] > hash_:
            h[y], r[y], p[y] = h[y - 1], r[y - 1], p[y - 1]
            y -= 1
        h[y], r[y], p[y] = hash_, read, place


@numba.njit(cache=True, nogil=True)
def _is_adapter(reads, places, lengths, k):  # type: ignore[no-untyped-def]
    """Whether a k-mer lies at reads' ends too often to be genomic."""
    size = len(reads)
    if size < 10:
        return False
    at_end, expected = 0, 0.0
    for x in range(size):
        start = np.int64(places[x] >> np.uint32(1))
        length = lengths[reads[x]]
        if start < END or start + k > length - END:
            at_end += 1
        expected += min(1.0, 2.0 * END / length)
    return at_end > 0.5 * size and at_end > 3.0 * expected


def _by_read(groups: list[_Groups], n: int) -> tuple[NDArray[Any], ...]:
    """The first five fields of `Holders`; the groups are used up, so that no memory holds both."""
    starts = np.zeros(n + 1, np.int64)
    for g in groups:
        starts[1:] += np.bincount(g.reads, minlength=n)
    starts = np.cumsum(starts)
    m = int(starts[-1])
    kind = np.uint32 if m < 1 << 32 else np.int64
    reads, places = np.empty(m, np.int32), np.empty(m, np.uint32)
    entries, kmers = np.empty(m, kind), np.empty(m, kind)
    cursors, first = starts[:-1].copy(), 0
    groups.reverse()
    while groups:
        g = groups.pop()
        reads[first : first + len(g.reads)] = g.reads
        _list(*g, first, cursors, entries, kmers, places)
        first += len(g.reads)
    return reads, starts, entries, kmers, places


@numba.njit(cache=True, nogil=True)
def _list(sizes, reads, places, first, cursors, entries, kmers, listed):  # type: ignore[no-untyped-def]
    """List groups, of which the first stands at `first` in all reads, by read from the cursors on."""
    x = 0
    for size in sizes:
        end = x + size
        while x < end:
            to = cursors[reads[x]]
            cursors[reads[x]] += 1
            entries[to], kmers[to], listed[to] = first + x, first + end, places[x]
            x += 1
