"""Sketches of sequences: the canonical k-mers with the smallest hashes (FracMinHash; Irber et al. 2022)."""

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.features import Sketch
from vaebin.kmers import Scan, scan

MAX_K = 31  # a k-mer fits one 64-bit word


def limit(fraction: int) -> int:
    """The largest hash below 2 ** 64 / fraction."""
    return ((1 << 64) - 1) // fraction


def sketch(bases: NDArray[np.uint8], offsets: NDArray[np.int64], k: int, fraction: int) -> Sketch:
    """The sketch of n sequences, sequence i being bases[offsets[i]:offsets[i + 1]]."""
    return distinct(scan(bases, offsets, k, limit(fraction)), fraction)


def distinct(scanned: Scan, fraction: int) -> Sketch:
    """The sketch from what a scan with `limit(fraction)` picked: each hash once, at its first place."""
    return Sketch(*_distinct(scanned.hashes, scanned.places, scanned.offsets, float(limit(fraction))))


@numba.njit(cache=True, nogil=True)
def _distinct(hashes, places, offsets, top):  # type: ignore[no-untyped-def]
    """Bucket sort, as many buckets as hashes: they are evenly spread, so one insertion sort ends it in linear time."""
    n = len(offsets) - 1
    size = 0
    for s in range(n):
        size = max(size, offsets[s + 1] - offsets[s])
    bucket, ends = np.empty(size, np.int64), np.empty(size + 1, np.int64)
    h, p = np.empty(size, np.uint64), np.empty(size, np.uint32)
    out_hashes, out_places = np.empty(len(hashes), np.uint64), np.empty(len(hashes), np.uint32)
    ends_of = np.zeros(n + 1, np.int64)
    total = 0
    for s in range(n):
        a, m = offsets[s], offsets[s + 1] - offsets[s]
        ends[: m + 1] = 0
        for x in range(m):
            bucket[x] = min(int(hashes[a + x] * (m / top)), m - 1)
            ends[bucket[x] + 1] += 1
        for x in range(m):
            ends[x + 1] += ends[x]
        for x in range(m):
            y = ends[bucket[x]]
            ends[bucket[x]] += 1
            h[y], p[y] = hashes[a + x], places[a + x]
        for x in range(1, m):
            hash_, place, y = h[x], p[x], x
            while y > 0 and h[y - 1] > hash_:
                h[y], p[y] = h[y - 1], p[y - 1]
                y -= 1
            h[y], p[y] = hash_, place
        for x in range(m):
            if x == 0 or h[x] != h[x - 1]:
                out_hashes[total], out_places[total] = h[x], p[x]
                total += 1
        ends_of[s + 1] = total
    return out_hashes[:total].copy(), out_places[:total].copy(), ends_of
