"""Canonical k-mers: counts of whole sequences and of their parts, and the hashed k-mers that sketches are made of."""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin import words
from vaebin.config import PART_K, PARTS

MAX_K = 8
_STRETCH = 1024  # bases looked at together: everything stays in the first caches
_OTHER = 4  # the code of a letter that is no base


def _letter_codes() -> NDArray[np.uint8]:
    """(256,) 0 to 3 for A, C, G and T or U, in either case, 4 for anything else."""
    codes = np.full(256, _OTHER, np.uint8)
    for code, letters in enumerate((b"Aa", b"Cc", b"Gg", b"TtUu")):
        codes[list(letters)] = code
    return codes


_CODES = _letter_codes()


def canonical(k: int) -> NDArray[np.int64]:
    """(4 ** k,) column of each k-mer's count, k-mers coded with two bits a base, the first base highest.

    A canonical k-mer is the lexicographic minimum of a k-mer and its reverse complement; columns are in their order.
    """
    forward = np.arange(4**k, dtype=np.int64)
    reverse = np.zeros_like(forward)
    rest = forward
    for _ in range(k):
        reverse = reverse << 2 | 3 - (rest & 3)
        rest = rest >> 2
    return np.unique(np.minimum(forward, reverse), return_inverse=True)[1]


def names(k: int) -> list[str]:
    """The canonical k-mers in the order of the columns."""
    first = np.unique(canonical(k), return_index=True)[1].tolist()
    return ["".join("ACGT"[code >> 2 * i & 3] for i in reversed(range(k))) for code in first]


def count(bases: NDArray[np.uint8], offsets: NDArray[np.int64], k: int) -> NDArray[Any]:
    """(n, columns) counts of the canonical k-mers of n sequences, sequence i being bases[offsets[i]:offsets[i + 1]].

    A k-mer with a letter other than A, C, G, T and U is skipped. uint16, or uint32 where a count needs it.
    """
    columns = canonical(k)
    longest = int(np.diff(offsets).max(initial=0))
    counts = np.zeros((len(offsets) - 1, columns.max() + 1), np.uint32 if longest > 0xFFFF else np.uint16)
    _count(bases, offsets, _CODES, k, columns, counts)
    return narrow(counts)


def narrow(counts: NDArray[Any]) -> NDArray[Any]:
    """Counts as uint16 where they all fit."""
    if counts.dtype == np.uint32 and counts.max(initial=0) <= 0xFFFF:
        return counts.astype(np.uint16)
    return counts


@numba.njit(cache=True, nogil=True)
def _count(bases, offsets, codes, k, columns, counts):  # type: ignore[no-untyped-def]
    mask = (1 << 2 * k) - 1
    for s in range(len(offsets) - 1):
        kmer, run = 0, 0
        for base in bases[offsets[s] : offsets[s + 1]]:
            code = codes[base]
            run = 0 if code == _OTHER else run + 1
            kmer = (kmer << 2 | code) & mask
            if run >= k:
                counts[s, columns[kmer]] += 1


class Scan(NamedTuple):
    """What one pass over the bases of n sequences yields.

    parts: (n, 8, 136) counts of canonical 4-mers in 8 consecutive parts; a 4-mer belongs to part
    floor(8 * position of its last base / length), so the parts add up to the whole. uint32 where uint16 could be too
    small for the whole. hashes, places, offsets: as in `formats.features.Sketch`, but in the order of the places,
    repeats included.
    """

    parts: NDArray[Any]
    hashes: NDArray[np.uint64]
    places: NDArray[np.uint32]
    offsets: NDArray[np.int64]


def scan(bases: NDArray[np.uint8], offsets: NDArray[np.int64], k: int, limit: int) -> Scan:
    """Count 4-mers in parts and pick the canonical k-mers whose hash is at most `limit`; none when k is 0.

    The hash is MurmurHash3's 64-bit finalizer of the k-mer's two-bit code. K-mers that equal themselves shifted by
    one, two or three bases are left out.
    """
    n, most = len(offsets) - 1, len(bases) if k else 0
    parts = np.zeros((n, PARTS, len(_STRANDS)), _count_type(offsets))
    hashes, places, picked = np.empty(most, np.uint64), np.empty(most, np.uint32), np.zeros(n + 1, np.int64)
    _scan(bases, offsets, k, np.uint64(limit), _make_room(), parts, hashes, places, picked)
    return Scan(parts, hashes[: picked[-1]], places[: picked[-1]], picked)


def _count_type(offsets: NDArray[np.int64]) -> type[np.unsignedinteger[Any]]:
    return np.uint32 if np.diff(offsets).max(initial=0) > 0xFFFF else np.uint16


def _make_room() -> tuple[Any, ...]:
    """What one stretch needs: codes, words, mirrored words, runs; two tables of counts; hashes, and places of some."""
    codes, forward, mirrored = words.make_codes(_STRETCH), words.make_words(_STRETCH), words.make_words(_STRETCH)
    runs, found = np.empty(_STRETCH, np.int64), np.empty(_STRETCH, np.int64)
    counts, mixed = np.zeros((2, 4**PART_K + 1), np.uint32), np.empty(_STRETCH, np.uint64)
    return codes, forward, mirrored, runs, counts, mixed, found


def _strands() -> NDArray[np.uint16]:
    """(136, 2) the 4-mers that each column counts; a second one that is 256 is none: the first is its own mirror."""
    both = np.full((canonical(PART_K).max() + 1, 2), 4**PART_K, np.uint16)
    for kmer, column in reversed(list(enumerate(canonical(PART_K)))):
        both[column] = kmer, both[column, 0]
    return both


_STRANDS = _strands()


@numba.njit(cache=True, nogil=True)
def _scan(  # type: ignore[no-untyped-def]
    bases, offsets, k, limit, room, parts, hashes, places, picked
):
    codes, forward, mirrored, runs, counts, mixed, found = room
    total = 0
    for s in range(len(offsets) - 1):
        length = offsets[s + 1] - offsets[s]
        part, run = 0, 0
        for done in range(0, length, _STRETCH):
            size = min(_STRETCH, length - done)
            stretch = bases[offsets[s] + done : offsets[s] + done + size]
            clean = not words.encode(stretch, codes)
            first = run
            run = run + size if clean else _measure_runs(stretch, run, runs)
            words.make_fours(codes, size, forward[0])
            part = _tally(forward[0], runs, clean, first, done, size, length, part, counts, parts[s])
            if k:
                words.lengthen(forward, size)
                words.mirror_fours(codes, size, mirrored[0])
                words.lengthen_mirrored(mirrored, size)
                words.hash_all(forward[2], mirrored[2], size, k, mixed)
                m = _find(mixed[:size], limit, found)
                total = _pick(
                    forward[2], mirrored[2], mixed, runs, clean, first, found[:m], done, k, hashes, places, total
                )
            for x in range(words.BEFORE):
                codes[x] = codes[size + x]
        picked[s + 1] = total


@numba.njit(cache=True, nogil=True)
def _measure_runs(stretch, run, runs):  # type: ignore[no-untyped-def]
    """How many letters up to each one are bases without a break, `run` of them before the first; returns the last."""
    for x in range(len(stretch)):
        run = 0 if _CODES[stretch[x]] == _OTHER else run + 1
        runs[x] = run
    return run


@numba.njit(cache=True, nogil=True)
def _tally(fours, runs, clean, run, done, size, length, part, counts, parts):  # type: ignore[no-untyped-def]
    """Count the 4-mers of a stretch, which begins in `part`; returns the part in which the next one begins."""
    x = 0
    while x < size:
        end = ((part + 1) * length + PARTS - 1) // PARTS - done
        stop = min(size, end)
        if clean:
            _count_words(fours[words.BEFORE + max(x, PART_K - 1 - run) : words.BEFORE + stop], counts)
        else:
            for y in range(x, stop):
                counts[0, fours[words.BEFORE + y]] += np.uint32(runs[y] >= PART_K)
        x = stop
        if x == end:
            _fold(counts, parts[part])
            part += 1
    return part


@numba.njit(cache=True, nogil=True)
def _count_words(fours, counts):  # type: ignore[no-untyped-def]
    """In two tables, for neighbours are often alike and one count would wait for the other."""
    even = len(fours) // 2 * 2
    for x in range(0, even, 2):
        counts[0, fours[x]] += np.uint32(1)
        counts[1, fours[x + 1]] += np.uint32(1)
    if even < len(fours):
        counts[0, fours[even]] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _fold(counts, part):  # type: ignore[no-untyped-def]
    """Counts of canonical k-mers; back to zero."""
    both = counts[0]
    for x in range(4**PART_K):
        both[x] += counts[1, x]
    for x in range(len(part)):
        part[x] = both[_STRANDS[x, 0]] + both[_STRANDS[x, 1]]
    counts[:] = 0


@numba.njit(cache=True, nogil=True)
def _find(mixed, limit, found):  # type: ignore[no-untyped-def]
    """List the hashes that are at most `limit`, without branches."""
    m = 0
    for x in range(len(mixed)):
        found[m] = x
        m += mixed[x] <= limit
    return m


@numba.njit(cache=True, nogil=True)
def _pick(  # type: ignore[no-untyped-def]
    sixteens, mirrored, mixed, runs, clean, run, found, done, k, hashes, places, total
):
    """Append what was found, but for k-mers with other letters and periodic ones."""
    mask = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)
    for x in found:
        kmer = words.kmer_at(sixteens, x, k)
        hashes[total] = mixed[x]
        places[total] = (done - k + 1 + x) * 2 + (words.mirrored_at(mirrored, x, k) < kmer)
        intact = run + x + 1 if clean else runs[x]
        total += (intact >= k) & ~_periodic(kmer, mask)
    return total


@numba.njit(cache=True, nogil=True)
def _periodic(kmer, mask):  # type: ignore[no-untyped-def]
    """Whether a k-mer equals itself shifted by one, two or three bases: such k-mers stand everywhere."""
    one = kmer >> np.uint64(2) == kmer & mask >> np.uint64(2)
    two = kmer >> np.uint64(4) == kmer & mask >> np.uint64(4)
    three = kmer >> np.uint64(6) == kmer & mask >> np.uint64(6)
    return one | two | three
