"""Which reads hold each kept k-mer: what overlaps and depth are found from.

K-mers are grouped in partitions of their hashes, so that memory beyond the result stays bounded. Of deep genomes only
the hubs are listed: the result grows with the genomes, not with the reads.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin import hubs
from vaebin.formats.features import Sketch
from vaebin.partitions import Partition, partitions

END = 250  # adapters and barcodes lie within so many bases of a read's end
SAMPLE = 32  # k-mers of a read that tell its depth


class Holders(NamedTuple):
    """Which hubs hold each shared k-mer, listed by k-mer and by hub.

    reads: (m,) int32, the holders of one k-mer together, in input order.
    hashes: (kmers,) uint64, ascending. ends: (kmers,) of their holders in `reads`.
    hubs: (n,) bool; of other reads only `multiplicity` and `adapters` are known.
    starts: (n + 1,) int64; read i's k-mers are starts[i]:starts[i + 1] of the next three, in one order for all reads.
    nexts: (m,) where the k-mer's holders after the read stand in `reads`. kmers: (m,) the k-mer, as the end of its
    holders there; both, as `ends`, uint32, or int64 where that could overflow.
    places: (m,) uint32 as in `Sketch`.
    multiplicity: (n,) float64, mean number of *other* holders over all the kept k-mers of a read, adapters left out.
    adapters: (n,) int64, k-mers of each read left out as adapters.
    """

    reads: NDArray[np.int32]
    hashes: NDArray[np.uint64]
    ends: NDArray[Any]
    hubs: NDArray[np.bool_]
    starts: NDArray[np.int64]
    nexts: NDArray[Any]
    kmers: NDArray[Any]
    places: NDArray[np.uint32]
    multiplicity: NDArray[np.float64]
    adapters: NDArray[np.int64]


class _Groups(NamedTuple):
    """Some shared k-mers, how many hubs hold each; these; the places."""

    hashes: NDArray[np.uint64]
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
    chosen = np.zeros(n, bool)
    tallies = np.zeros((threads, 3, n), np.int64)
    groups: list[_Groups] = []
    with ThreadPoolExecutor(threads) as pool:
        for number, part in enumerate(partitions(sketches, fraction, pool)):
            if number == 0:
                chosen = _choose_hubs(part, lengths, k, tallies, pool)
            groups += _group_all(part, lengths, k, chosen, tallies, pool)
        del part  # before the groups are listed anew, which takes memory
        listed = _by_read(groups, n, pool, threads)
    others, _, adapters = tallies.sum(0)
    kept = np.concatenate([np.empty(0, np.int64), *(np.diff(s.offsets) for s in sketches)])
    multiplicity = others / np.maximum(kept - adapters, 1)
    return Holders(hubs=chosen, multiplicity=multiplicity, adapters=adapters, **listed)


def _choose_hubs(
    part: Partition, lengths: NDArray[np.int64], k: int, tallies: NDArray[np.int64], pool: Executor
) -> NDArray[np.bool_]:
    """The hubs (n,), by the first k-mers of all reads."""
    n, buckets = len(lengths), len(part.bounds) - 1
    enough = max(1, SAMPLE * n * buckets // max(1, int(part.bounds[-1])))
    few = part._replace(bounds=part.bounds[: 1 + min(buckets, enough)])
    _group_all(few, lengths, k, np.zeros(n, bool), tallies, pool)
    others, squares, _ = tallies.sum(0)
    tallies[:] = 0
    return hubs.choose(others, squares, np.bincount(few.reads[: few.bounds[-1]], minlength=n))


def _group_all(
    partition: Partition,
    lengths: NDArray[np.int64],
    k: int,
    chosen: NDArray[np.bool_],
    tallies: NDArray[np.int64],
    pool: Executor,
) -> list[_Groups]:
    """A thread groups a range of buckets.

    tallies: (threads, 3, n), for a thread and read its k-mers' other holders, their squares, its adapters' k-mers.
    """
    cuts = np.linspace(0, len(partition.bounds) - 1, len(tallies) + 1).astype(np.int64)

    def group(first: int, last: int, tally: NDArray[np.int64]) -> _Groups:
        return _Groups(*_group(*partition, first, last, lengths, k, chosen, tally))

    return list(pool.map(group, cuts[:-1], cuts[1:], tallies))


@numba.njit(cache=True, nogil=True)
def _group(hashes, reads, places, bounds, first, last, lengths, k, chosen, tally):  # type: ignore[no-untyped-def]
    """Groups of the k-mers in buckets first to last that are no adapters'; overwrites these where there are hubs.

    Adds to `tally`: (3, n), as `_group_all` has them.
    """
    largest = 0
    for b in range(first, last):
        largest = max(largest, bounds[b + 1] - bounds[b])
    h, r, p = np.empty(largest, np.uint64), np.empty(largest, np.int32), np.empty(largest, np.uint32)
    fine, ends = np.empty(largest, np.int64), np.empty(largest + 1, np.int64)
    sizes = np.empty((bounds[last] - bounds[first]) // 2, np.uint32)
    begin = bounds[first]
    groups, out = 0, begin
    for b in range(first, last):
        c, d = bounds[b], bounds[b + 1]
        _sort(hashes[c:d], reads[c:d], places[c:d], h, r, p, fine, ends)
        x = 0
        while x < d - c:
            y = x + 1
            while y < d - c and h[y] == h[x]:
                y += 1
            if y - x > 1:
                held = _list_hubs(r[x:y], p[x:y], lengths, k, chosen, tally, reads[out:], places[out:])
                if held:
                    hashes[begin + groups], sizes[groups] = h[x], held
                    groups, out = groups + 1, out + held
            x = y
    found = slice(begin, begin + groups)
    return hashes[found].copy(), sizes[:groups].copy(), reads[begin:out].copy(), places[begin:out].copy()


@numba.njit(cache=True, nogil=True)
def _list_hubs(holders, at, lengths, k, chosen, tally, reads, places):  # type: ignore[no-untyped-def]
    """Tells the holders of one k-mer, and where they hold it, of the hubs among them; returns how many these are."""
    if _is_adapter(holders, at, lengths, k):
        for read in holders:
            tally[2, read] += 1
        return 0
    m = 0
    for x in range(len(holders)):
        read = holders[x]
        tally[0, read] += len(holders) - 1
        tally[1, read] += (len(holders) - 1) ** 2
        if chosen[read]:
            reads[m], places[m] = read, at[x]
            m += 1
    return m


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


def _by_read(groups: list[_Groups], n: int, pool: Executor, threads: int) -> dict[str, NDArray[Any]]:
    """What `Holders` lists, a range of reads a thread; the groups are used up, so that no memory holds both."""
    starts = np.zeros(n + 1, np.int64)
    for g in groups:
        starts[1:] += np.bincount(g.reads, minlength=n)
    starts = np.cumsum(starts)
    m, distinct = int(starts[-1]), sum(len(g.hashes) for g in groups)
    kind = np.uint32 if m < 1 << 32 else np.int64
    reads, places = np.empty(m, np.int32), np.empty(m, np.uint32)
    nexts, kmers = np.empty(m, kind), np.empty(m, kind)
    hashes, ends = np.empty(distinct, np.uint64), np.empty(distinct, kind)
    cursors, first, kmer = starts[:-1].copy(), 0, 0
    cuts = np.searchsorted(starts, np.linspace(0, m, threads + 1)[1:-1])
    begins, stops = [0, *cuts], [*cuts, n]
    groups.reverse()
    while groups:
        g = groups.pop()
        reads[first : first + len(g.reads)] = g.reads
        hashes[kmer : kmer + len(g.hashes)] = g.hashes
        ends[kmer : kmer + len(g.hashes)] = first + np.cumsum(g.sizes, dtype=np.int64)
        fill = partial(_list, g.sizes, g.reads, g.places, first, cursors, nexts, kmers, places)
        list(pool.map(fill, begins, stops))
        first, kmer = first + len(g.reads), kmer + len(g.hashes)
    listed: dict[str, NDArray[Any]] = {"reads": reads, "hashes": hashes, "ends": ends, "starts": starts}
    return listed | {"nexts": nexts, "kmers": kmers, "places": places}


@numba.njit(cache=True, nogil=True)
def _list(sizes, reads, places, first, cursors, nexts, kmers, listed, begin, stop):  # type: ignore[no-untyped-def]
    """List groups, of which the first stands at `first` in all reads, by the reads begin:stop from the cursors on."""
    x = 0
    for size in sizes:
        end = x + size
        while x < end:
            if begin <= reads[x] < stop:
                to = cursors[reads[x]]
                cursors[reads[x]] += 1
                nexts[to], kmers[to], listed[to] = first + x + 1, first + end, places[x]
            x += 1
