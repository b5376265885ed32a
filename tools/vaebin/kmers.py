"""Canonical k-mers: counts of whole sequences and of their parts, and the hashed k-mers that sketches are made of."""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vaebin.config import PART_K, PARTS

MAX_K = 8
_STRETCH = 512  # bases rolled over before their k-mers are hashed: everything stays in the first cache
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

    parts: (n, 8, 136) uint32, counts of canonical 4-mers in 8 consecutive parts; a 4-mer belongs to part
    floor(8 * position of its last base / length), so the parts add up to the whole. hashes, places, offsets: as in
    `formats.features.Sketch`, but in the order of the places, repeats included.
    """

    parts: NDArray[np.uint32]
    hashes: NDArray[np.uint64]
    places: NDArray[np.uint32]
    offsets: NDArray[np.int64]


def scan(bases: NDArray[np.uint8], offsets: NDArray[np.int64], k: int, limit: int) -> Scan:
    """Count 4-mers in parts and pick the canonical k-mers whose hash is at most `limit`; none when k is 0.

    The hash is MurmurHash3's 64-bit finalizer of the k-mer's two-bit code. K-mers that equal themselves shifted by
    one, two or three bases are left out.
    """
    columns = canonical(PART_K)
    parts = np.zeros((len(offsets) - 1, PARTS, columns.max() + 1), np.uint32)
    hashes, places, picked = _scan(bases, offsets, _CODES, columns, parts, k, np.uint64(limit))
    return Scan(parts, hashes, places, picked)


@numba.njit(cache=True, nogil=True)
def _scan(bases, offsets, codes, columns, parts, k, limit):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    kmers, mixed = np.empty(_STRETCH, np.uint64), np.empty(_STRETCH, np.uint64)
    runs, found = np.empty(_STRETCH, np.int64), np.empty(_STRETCH, np.int64)
    counts = np.zeros(4**PART_K, np.uint32)
    expected = int(len(bases) * (limit / 2.0**64) * 1.1) + 2 * _STRETCH
    hashes, places = np.empty(expected, np.uint64), np.empty(expected, np.uint32)
    picked = np.zeros(n + 1, np.int64)
    total = 0
    for s in range(n):
        length = offsets[s + 1] - offsets[s]
        kmer, run, done = np.uint64(0), 0, 0
        for part in range(PARTS):
            end = ((part + 1) * length + PARTS - 1) // PARTS
            counts[:] = 0
            while done < end:
                size = min(_STRETCH, end - done)
                stretch = bases[offsets[s] + done : offsets[s] + done + size]
                kmer, clean = _roll(stretch, codes, kmer, kmers)
                clean &= run >= max(k, PART_K)
                run = run + size if clean else _measure_runs(stretch, codes, run, runs)
                _tally(kmers, runs, clean, size, counts)
                if k:
                    if total + size > len(hashes):
                        hashes = np.concatenate((hashes, np.empty_like(hashes)))
                        places = np.concatenate((places, np.empty_like(places)))
                    m = _find(kmers, size, k, limit, mixed, found)
                    start = done - k + 1
                    total = _pick(kmers, mixed, runs, clean, found[:m], start, k, hashes, places, total)
                done += size
            for x in range(len(counts)):
                parts[s, part, columns[x]] += counts[x]
        picked[s + 1] = total
    return hashes[:total], places[:total], picked


@numba.njit(cache=True, nogil=True)
def _roll(stretch, codes, kmer, kmers):  # type: ignore[no-untyped-def]
    """The last 32 bases at each base, as a number; and whether all letters are bases."""
    highest = 0
    for x in range(len(stretch)):
        code = codes[stretch[x]]
        highest |= code
        kmer = kmer << np.uint64(2) | np.uint64(code & 3)
        kmers[x] = kmer
    return kmer, highest < _OTHER


@numba.njit(cache=True, nogil=True)
def _measure_runs(stretch, codes, run, runs):  # type: ignore[no-untyped-def]
    """How many letters up to each one are bases without a break; returns the last."""
    for x in range(len(stretch)):
        run = 0 if codes[stretch[x]] == _OTHER else run + 1
        runs[x] = run
    return run


@numba.njit(cache=True, nogil=True)
def _tally(kmers, runs, clean, size, counts):  # type: ignore[no-untyped-def]
    for x in range(size):
        if clean or runs[x] >= PART_K:
            counts[kmers[x] & np.uint64(4**PART_K - 1)] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _find(kmers, size, k, limit, mixed, found):  # type: ignore[no-untyped-def]
    """Hash the canonical k-mers and list those at most `limit`: no branches, so that the compiler vectorizes it."""
    mask = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)
    for x in range(size):
        code = min(kmers[x] & mask, _reverse_complement(kmers[x], k))
        code ^= code >> np.uint64(33)
        code *= np.uint64(0xFF51AFD7ED558CCD)
        code ^= code >> np.uint64(33)
        code *= np.uint64(0xC4CEB9FE1A85EC53)
        code ^= code >> np.uint64(33)
        mixed[x] = code
    m = 0
    for x in range(size):
        found[m] = x
        m += mixed[x] <= limit
    return m


@numba.njit(cache=True, nogil=True)
def _reverse_complement(kmer, k):  # type: ignore[no-untyped-def]
    """Complement, then swap neighbouring bases, pairs of them, fours, eights and halves."""
    code = _swap(~kmer, np.uint64(2), np.uint64(0x3333333333333333))
    code = _swap(code, np.uint64(4), np.uint64(0x0F0F0F0F0F0F0F0F))
    code = _swap(code, np.uint64(8), np.uint64(0x00FF00FF00FF00FF))
    code = _swap(code, np.uint64(16), np.uint64(0x0000FFFF0000FFFF))
    code = _swap(code, np.uint64(32), np.uint64(0x00000000FFFFFFFF))
    return code >> np.uint64(64 - 2 * k)


@numba.njit(cache=True, nogil=True)
def _swap(code, bits, mask):  # type: ignore[no-untyped-def]
    return code >> bits & mask | (code & mask) << bits


@numba.njit(cache=True, nogil=True)
def _pick(kmers, mixed, runs, clean, found, start, k, hashes, places, total):  # type: ignore[no-untyped-def]
    """Append what was found, but for k-mers with other letters and periodic ones."""
    mask = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)
    for x in found:
        kmer = kmers[x] & mask
        hashes[total] = mixed[x]
        places[total] = (start + x) * 2 + (_reverse_complement(kmer, k) < kmer)
        total += (clean or runs[x] >= k) & ~_periodic(kmer, mask)
    return total


@numba.njit(cache=True, nogil=True)
def _periodic(kmer, mask):  # type: ignore[no-untyped-def]
    """Whether a k-mer equals itself shifted by one, two or three bases: such k-mers stand everywhere."""
    one = kmer >> np.uint64(2) == kmer & mask >> np.uint64(2)
    two = kmer >> np.uint64(4) == kmer & mask >> np.uint64(4)
    three = kmer >> np.uint64(6) == kmer & mask >> np.uint64(6)
    return one | two | three
