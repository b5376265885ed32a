"""Which reads hold each kept k-mer: what overlaps and depth are found from.

K-mers are sorted in partitions of their hashes, so that memory stays bounded.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.features import Sketch

PARTITION = 1 << 22  # k-mers sorted at a time
_PLACE_BITS = 24  # of a sort key that hold the place; partitions have some 2 ** 22 k-mers
END = 250  # adapters and barcodes lie within so many bases of a read's end


@dataclass(frozen=True)
class Holders:
    """Who holds each shared k-mer, listed by k-mer and by read.

    reads: (m,) int32, the holders of one k-mer together, in input order. ends: (m,) int64, where the k-mer's end.
    starts: (n + 1,) int64; read i's k-mers are starts[i]:starts[i + 1] of the next three, in one order for all reads.
    entries: (m,) int64, where the read stands in `reads`. kmers: (m,) int64, the k-mer, as the end of its holders.
    places: (m,) uint32 as in `Sketch`.
    multiplicity: (n,) float64, mean number of *other* holders over all the kept k-mers of a read, adapters left out.
    adapters: (n,) int64, k-mers of each read left out as adapters.
    """

    reads: NDArray[np.int32]
    ends: NDArray[np.int64]
    starts: NDArray[np.int64]
    entries: NDArray[np.int64]
    kmers: NDArray[np.int64]
    places: NDArray[np.uint32]
    multiplicity: NDArray[np.float64]
    adapters: NDArray[np.int64]


def find_holders(sketch: Sketch, lengths: NDArray[np.int64], k: int, fraction: int, threads: int = 1) -> Holders:
    """Group the kept k-mers of all reads; k-mers of one holder are dropped, those of adapters too."""
    n = len(lengths)
    parts = max(1, -(-len(sketch.hashes) // PARTITION))
    top = ((1 << 64) - 1) // fraction
    bounds = [top * p // parts for p in range(parts)] + [(1 << 64) - 1]
    others = np.zeros(n, np.int64)
    adapters = np.zeros(n, np.int64)
    cursors = np.array(sketch.offsets[:-1], np.int64)
    found = []
    with ThreadPoolExecutor(threads) as pool:
        waiting = []
        for bound in bounds[1:]:
            part = _take(sketch.hashes, sketch.places, sketch.offsets, cursors, np.uint64(bound))
            waiting.append(pool.submit(_group, lengths, k, *part))
            if len(waiting) > threads:
                found.append(waiting.pop(0).result())
        found += [w.result() for w in waiting]
    for reads, _, ends, ended in found:
        _tally(reads, ends, ended, others, adapters)
    kept = [(r[~e], p[~e], _shrink(ends, e)) for r, p, ends, e in found]
    reads = np.concatenate([np.empty(0, np.int32), *(r for r, _, _ in kept)])
    places = np.concatenate([np.empty(0, np.uint32), *(p for _, p, _ in kept)])
    shifts = np.cumsum([0, *(len(r) for r, _, _ in kept)])
    ends = np.concatenate([np.empty(0, np.int64), *(e + s for (_, _, e), s in zip(kept, shifts, strict=False))])
    starts, entries = _by_read(reads, n)
    sizes = np.diff(sketch.offsets) - adapters
    counted = others / np.maximum(sizes, 1)
    return Holders(reads, ends, starts, entries, ends[entries], places[entries], counted, adapters)


@numba.njit(cache=True, nogil=True)
def _take(hashes, places, offsets, cursors, bound):  # type: ignore[no-untyped-def]
    """The k-mers from each read's cursor up to the bound; the cursors move on."""
    n = len(cursors)
    stops = np.empty(n, np.int64)
    total = 0
    for i in range(n):
        c = cursors[i]
        while c < offsets[i + 1] and hashes[c] <= bound:
            c += 1
        stops[i] = c
        total += c - cursors[i]
    out, reads, where = np.empty(total, np.uint64), np.empty(total, np.int32), np.empty(total, np.uint32)
    m = 0
    for i in range(n):
        for c in range(cursors[i], stops[i]):
            out[m], reads[m], where[m] = hashes[c], i, places[c]
            m += 1
        cursors[i] = stops[i]
    return out, reads, where


def _group(
    lengths: NDArray[np.int64], k: int, hashes: NDArray[np.uint64], reads: NDArray[np.int32], places: NDArray[np.uint32]
) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int64], NDArray[np.bool_]]:
    order = _order(hashes)
    return _shared(hashes[order], reads[order], places[order], lengths, k)  # type: ignore[no-any-return]


def _order(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The stable order of hashes: sorting a key of its own bits and the place is several times faster than argsort."""
    n = len(hashes)
    if not 0 < n < 1 << _PLACE_BITS:
        return np.argsort(hashes, kind="stable")
    low = hashes.min()
    spare = max(0, int(hashes.max() - low).bit_length() + _PLACE_BITS - 64)  # bits lost: 1 pair in 10^12 is confused
    keys = (((hashes - low) >> np.uint64(spare)) << np.uint64(_PLACE_BITS)) | np.arange(n, dtype=np.uint64)
    keys.sort()
    return np.asarray(keys & np.uint64((1 << _PLACE_BITS) - 1), np.int64)


@numba.njit(cache=True, nogil=True)
def _shared(hashes, reads, places, lengths, k):  # type: ignore[no-untyped-def]
    """Keep k-mers of two holders or more; mark those that lie at reads' ends too often to be genomic."""
    m = len(hashes)
    keep = np.zeros(m, np.bool_)
    ends = np.zeros(m, np.int64)
    ended = np.zeros(m, np.bool_)
    kept = 0
    a = 0
    while a < m:
        b = a + 1
        while b < m and hashes[b] == hashes[a]:
            b += 1
        if b - a > 1:
            at_end, expected = 0, 0.0
            for x in range(a, b):
                start = np.int64(places[x] >> np.uint32(1))
                length = lengths[reads[x]]
                if start < END or start + k > length - END:
                    at_end += 1
                expected += min(1.0, 2.0 * END / length)
            kept += b - a
            adapter = b - a >= 10 and at_end > 0.5 * (b - a) and at_end > 3.0 * expected
            for x in range(a, b):
                keep[x], ends[x], ended[x] = True, kept, adapter
        a = b
    return reads[keep], places[keep], ends[keep], ended[keep]


@numba.njit(cache=True, nogil=True)
def _tally(reads, ends, ended, others, adapters):  # type: ignore[no-untyped-def]
    a = 0
    while a < len(reads):
        for x in range(a, ends[a]):
            if ended[a]:
                adapters[reads[x]] += 1
            else:
                others[reads[x]] += ends[a] - a - 1
        a = ends[a]


@numba.njit(cache=True, nogil=True)
def _shrink(ends, dropped):  # type: ignore[no-untyped-def]
    """Ends of the groups that stay, counted without the dropped ones."""
    out = np.empty((~dropped).sum(), np.int64)
    m, a = 0, 0
    while a < len(ends):
        size = ends[a] - a
        if not dropped[a]:
            out[m : m + size] = m + size
            m += size
        a = ends[a]
    return out


@numba.njit(cache=True, nogil=True)
def _by_read(reads, n):  # type: ignore[no-untyped-def]
    starts = np.zeros(n + 1, np.int64)
    for r in reads:
        starts[r + 1] += 1
    starts = np.cumsum(starts)
    entries = np.empty(len(reads), np.int64)
    cursor = starts[:-1].copy()
    for x in range(len(reads)):
        entries[cursor[reads[x]]] = x
        cursor[reads[x]] += 1
    return starts, entries
