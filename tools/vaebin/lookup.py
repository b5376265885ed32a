"""Finding a read's k-mers among those that hubs hold."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray


class Lookup(NamedTuple):
    """begins: where hashes begin that have some first bits, for all of these in turn. shift: by so many bits.

    marks: for the same first bits, which of the 64 that the next six bits can be there are.
    """

    begins: NDArray[np.uint32]
    marks: NDArray[np.uint64]
    shift: np.uint64


def make(hashes: NDArray[np.uint64]) -> Lookup:
    """The lookup in ascending hashes: these are evenly spread, so that few have the same first bits."""
    top = int(hashes[-1]) if len(hashes) else 0
    shift = np.uint64(min(63, max(6, top.bit_length() - len(hashes).bit_length() + 2)))
    size = (top >> int(shift)) + 1
    found = Lookup(np.full(size, len(hashes), np.uint32), np.zeros(size, np.uint64), shift)
    _fill(*found, hashes)
    return found


@numba.njit(cache=True, nogil=True)
def _fill(begins, marks, shift, hashes):  # type: ignore[no-untyped-def]
    for x in range(len(hashes) - 1, -1, -1):
        begins[hashes[x] >> shift] = x
        marks[hashes[x] >> shift] |= _mark(hashes[x], shift)


@numba.njit(cache=True, nogil=True)
def _mark(hash_, shift):  # type: ignore[no-untyped-def]
    return np.uint64(1) << (hash_ >> (shift - np.uint64(6)) & np.uint64(63))


@numba.njit(cache=True, nogil=True)
def find(lookup, holders, hashes, places, read, following):  # type: ignore[no-untyped-def]
    """A read's k-mers that hubs hold: nexts, kmers and places, as `Holders` lists those of hubs.

    hashes, places: all of the read, by ascending hash. Nexts are the next hubs after the read, or, where there are
    fewer than `following`, the last ones.
    """
    which, at = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.int64)
    m = _held(lookup, holders.hashes, hashes, which, at)
    nexts, kmers = np.empty(m, holders.nexts.dtype), np.empty(m, holders.kmers.dtype)
    held_places = np.empty(m, np.uint32)
    for t in range(m):
        nexts[t] = holders.ends[at[t] - 1] if at[t] else 0
        kmers[t], held_places[t] = holders.ends[at[t]], places[which[t]]
    for t in range(m):
        last = np.int64(kmers[t]) - following
        after = np.int64(nexts[t])
        while after < last and holders.reads[after] < read:
            after += 1
        nexts[t] = after
    return nexts, kmers, held_places


@numba.njit(cache=True, nogil=True)
def _held(lookup, held, hashes, which, at):  # type: ignore[no-untyped-def]
    """Lists which of the hashes are held, and where; returns how many these are.

    Lists, not branches, lead from look to look: the processor waits for many places in memory at once.
    """
    marked = 0
    for x in range(len(hashes)):
        bits = hashes[x] >> lookup.shift
        if bits >= len(lookup.marks):
            break
        which[marked] = x
        marked += (lookup.marks[bits] & _mark(hashes[x], lookup.shift)) != 0
    for t in range(marked):
        at[t] = lookup.begins[hashes[which[t]] >> lookup.shift]
    found = 0
    for t in range(marked):
        hash_, place = hashes[which[t]], at[t]
        while place < len(held) and held[place] < hash_:
            place += 1
        which[found], at[found] = which[t], place
        found += place < len(held) and held[place] == hash_
    return found
