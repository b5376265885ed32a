"""The kept k-mers of all reads, in partitions of their hashes: as much as is looked at together, whatever the input."""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.formats.container import release
from vaebin.formats.features import Sketch

PARTITION = 1 << 24  # k-mers in a partition, about
PASSES = 10  # over all sketches: a larger input has larger partitions,
LARGEST = 1 << 26  # up to this
SLACK = 16  # of the first one, a part more: what is not touched takes no memory, but room made anew would, twice
BUCKET = 1 << 13  # and in a bucket, at least: few enough for the cache
STRETCH = 1 << 22  # k-mers of consecutive reads that a thread takes at a time


class Partition(NamedTuple):
    """K-mers of a range of hashes; those of bucket b stand at bounds[b]:bounds[b + 1], in input order.

    Buckets are ranges of hashes, too, in ascending order. places: as in `Sketch`.
    """

    hashes: NDArray[np.uint64]
    reads: NDArray[np.int32]
    places: NDArray[np.uint32]
    bounds: NDArray[np.int64]


class _Stretch(NamedTuple):
    """Reads first to last of a sketch, whose own first read is number `base` of all."""

    sketch: Sketch
    base: int
    first: int
    last: int


def partitions(sketches: Sequence[Sketch], fraction: int, pool: Executor) -> Iterator[Partition]:
    """All kept k-mers in ascending partitions; each takes the place in memory of the one before.

    sketches: of consecutive reads, each as a features file holds it.
    """
    total = sum(len(s.hashes) for s in sketches)
    top = ((1 << 64) - 1) // fraction
    shift = min(63, (top // max(1, total // BUCKET)).bit_length())  # a bucket is 2 ** shift hashes wide
    buckets = (top >> shift) + 1
    at_once = max(1, -(-buckets * size(total) // max(1, total)))
    taker = _Taker(sketches, shift, pool)
    for first in range(0, buckets, at_once):
        yield taker.take(first, min(at_once, buckets - first))


def size(total: int) -> int:
    """K-mers in a partition, about, of so many in all."""
    return min(total, max(PARTITION, min(total // PASSES, LARGEST)))


class _Taker:
    """Walks through the ascending hashes of every read."""

    def __init__(self, sketches: Sequence[Sketch], shift: int, pool: Executor) -> None:
        self._shift = np.uint64(shift)
        self._pool = pool
        self._cursors = np.concatenate([np.empty(0, np.int64), *(s.offsets[:-1] for s in sketches)])
        self._stops = np.empty_like(self._cursors)
        self._stretches: list[_Stretch] = []
        base = 0
        for sketch in sketches:
            cuts = np.searchsorted(sketch.offsets, np.arange(0, len(sketch.hashes) + STRETCH, STRETCH))
            cuts[-1] = len(sketch.offsets) - 1
            self._stretches += [_Stretch(sketch, base, *cut) for cut in itertools.pairwise(cuts.tolist())]
            base += len(sketch.offsets) - 1
        self._room = _make_room(0)

    def take(self, first: int, buckets: int) -> Partition:
        """The k-mers of buckets first to first + buckets - 1."""
        begin = np.uint64(first)
        counts = np.zeros((len(self._stretches), buckets), np.int64)
        list(self._pool.map(lambda stretch, into: self._count(stretch, begin, into), self._stretches, counts))
        bounds = np.concatenate([[0], np.cumsum(counts.sum(0))])
        starts = np.cumsum(counts, 0) - counts + bounds[:-1]
        m = int(bounds[-1])
        if m > len(self._room[0]):
            self._room = _make_room(m + m // SLACK)
        list(self._pool.map(lambda stretch, to: self._scatter(stretch, begin, to), self._stretches, starts))
        hashes, reads, places = self._room
        return Partition(hashes[:m], reads[:m], places[:m], bounds)

    def _count(self, stretch: _Stretch, begin: np.uint64, counts: NDArray[np.int64]) -> None:
        s, base, first, last = stretch
        _count(s.hashes, s.offsets, base, first, last, self._shift, begin, self._cursors, self._stops, counts)
        release(s.hashes)

    def _scatter(self, stretch: _Stretch, begin: np.uint64, starts: NDArray[np.int64]) -> None:
        s, base, first, last = stretch
        cursors, stops = self._cursors, self._stops
        _scatter(s.hashes, s.places, base, first, last, self._shift, begin, cursors, stops, starts, *self._room)
        release(s.hashes, s.places)


def _make_room(size: int) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint32]]:
    """Space for as many hashes, reads and places."""
    return np.empty(size, np.uint64), np.empty(size, np.int32), np.empty(size, np.uint32)


@numba.njit(cache=True, nogil=True)
def _count(hashes, offsets, base, first, last, shift, begin, cursors, stops, counts):  # type: ignore[no-untyped-def]
    """How many k-mers go into each bucket, and where the reads' k-mers for later ones begin."""
    for i in range(first, last):
        c = cursors[base + i]
        while c < offsets[i + 1]:
            bucket = (hashes[c] >> shift) - begin
            if bucket >= len(counts):
                break
            counts[bucket] += 1
            c += 1
        stops[base + i] = c


@numba.njit(cache=True, nogil=True)
def _scatter(  # type: ignore[no-untyped-def]
    hashes, places, base, first, last, shift, begin, cursors, stops, starts, out_hashes, out_reads, out_places
):
    for i in range(base + first, base + last):
        for c in range(cursors[i], stops[i]):
            bucket = (hashes[c] >> shift) - begin
            x = starts[bucket]
            starts[bucket] += 1
            out_hashes[x], out_reads[x], out_places[x] = hashes[c], i, places[c]
        cursors[i] = stops[i]
