"""Finding a read's k-mers among those that hubs hold."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray


class Lookup(NamedTuple):
    """begins: where hashes begin that have some first bits, for all of these in turn. shift: by so many bits."""

    begins: NDArray[np.uint32]
    shift: np.uint64


def make(hashes: NDArray[np.uint64]) -> Lookup:
    """The lookup in ascending hashes: these are evenly spread, so that few have the same first bits."""
    top = int(hashes[-1]) if len(hashes) else 0
    shift = np.uint64(max(0, top.bit_length() - len(hashes).bit_length() + 2))
    return Lookup(_begins(hashes, shift, (top >> int(shift)) + 2), shift)


@numba.njit(cache=True, nogil=True)
def _begins(hashes, shift, size):  # type: ignore[no-untyped-def]
    begins = np.zeros(size, np.uint32)
    for x in range(len(hashes)):
        begins[(hashes[x] >> shift) + np.uint64(1)] = x + 1
    for bits in range(1, size):
        begins[bits] = max(begins[bits], begins[bits - 1])
    return begins


@numba.njit(cache=True, nogil=True)
def find(lookup, holders, hashes, places, read, following):  # type: ignore[no-untyped-def]
    """A read's k-mers that hubs hold: nexts, kmers and places, as `Holders` lists those of hubs.

    hashes, places: all of the read. Nexts are the next hubs after the read, or, where there are fewer than `following`,
    the last ones.
    """
    nexts, kmers = np.empty(len(hashes), holders.nexts.dtype), np.empty(len(hashes), holders.kmers.dtype)
    held_places = np.empty(len(hashes), np.uint32)
    m = 0
    for x in range(len(hashes)):
        bits = hashes[x] >> lookup.shift
        if bits >= len(lookup.begins) - 1:
            continue
        at, stop = np.int64(lookup.begins[bits]), np.int64(lookup.begins[bits + np.uint64(1)])
        while at < stop and holders.hashes[at] < hashes[x]:
            at += 1
        if at < stop and holders.hashes[at] == hashes[x]:
            start, end = np.int64(holders.ends[at - 1]) if at else 0, np.int64(holders.ends[at])
            after = start + np.searchsorted(holders.reads[start:end], read)
            nexts[m] = min(after, max(start, end - following))
            kmers[m], held_places[m] = end, places[x]
            m += 1
    return nexts[:m], kmers[:m], held_places[:m]
