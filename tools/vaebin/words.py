"""Words of bases: the k-mer that ends at each base of a stretch as a number, two bits a base.

Words are put together of shorter ones instead of growing base by base: no step waits for the one before, so the
compiler vectorizes every loop. All arrays begin with BEFORE bases, those before the stretch.
"""

import numba
import numpy as np
from numpy.typing import NDArray

BEFORE = 32  # as many bases as a word of 64 bits holds
_HALF = np.uint64(32)  # bits of the two words that make the longest


def make_codes(size: int) -> NDArray[np.uint8]:
    """Zeros for the codes of a stretch."""
    return np.zeros(BEFORE + size, np.uint8)


def make_words(size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.uint32]]:
    """Zeros for the words of 4, 8 and 16 bases that end at each base of a stretch."""
    n = BEFORE + size
    return np.zeros(n, np.uint8), np.zeros(n, np.uint16), np.zeros(n, np.uint32)


@numba.njit(cache=True, nogil=True)
def encode(stretch, codes):  # type: ignore[no-untyped-def]
    """Codes 0 to 3 for A, C, G and T or U, in either case; tells whether there are other letters, coded at random."""
    others = np.uint8(0)
    for x in range(len(stretch)):
        letter = stretch[x]
        codes[BEFORE + x] = (letter >> 1 ^ letter >> 2) & 3
        upper = letter & 0xDF
        other = (upper != 65) & (upper != 67) & (upper != 71) & (upper != 84) & (upper != 85)
        others = np.uint8(others | np.uint8(other))
    return others > 0


@numba.njit(cache=True, nogil=True)
def make_fours(codes, size, out):  # type: ignore[no-untyped-def]
    """Words of four bases."""
    n = BEFORE + size - 3
    a, b, c, d, words = codes[:n], codes[1 : 1 + n], codes[2 : 2 + n], codes[3 : 3 + n], out[3 : 3 + n]
    for x in range(n):
        words[x] = a[x] << 6 | b[x] << 4 | c[x] << 2 | d[x]


@numba.njit(cache=True, nogil=True)
def mirror_fours(codes, size, out):  # type: ignore[no-untyped-def]
    """Their reverse complements: the complement of a code is 3 minus it."""
    n = BEFORE + size - 3
    a, b, c, d, words = codes[:n], codes[1 : 1 + n], codes[2 : 2 + n], codes[3 : 3 + n], out[3 : 3 + n]
    for x in range(n):
        words[x] = 255 - (d[x] << 6 | c[x] << 4 | b[x] << 2 | a[x])


@numba.njit(cache=True, nogil=True)
def lengthen(words, size):  # type: ignore[no-untyped-def]
    """Words of 8 and of 16 bases from those of 4: the earlier half is the higher one."""
    fours, eights, sixteens = words
    n = BEFORE + size
    _join(fours[: n - 4], fours[4:n], 8, eights[4:n])
    _join(eights[: n - 8], eights[8:n], 16, sixteens[8:n])


@numba.njit(cache=True, nogil=True)
def lengthen_mirrored(words, size):  # type: ignore[no-untyped-def]
    """The same of reverse complements: the later half is the higher one."""
    fours, eights, sixteens = words
    n = BEFORE + size
    _join(fours[4:n], fours[: n - 4], 8, eights[4:n])
    _join(eights[8:n], eights[: n - 8], 16, sixteens[8:n])


@numba.njit(cache=True, nogil=True)
def _join(high, low, bits, out):  # type: ignore[no-untyped-def]
    for x in range(len(out)):
        out[x] = high[x] << bits | low[x]


@numba.njit(cache=True, nogil=True)
def hash_all(sixteens, mirrored, size, k, out):  # type: ignore[no-untyped-def]
    """MurmurHash3's 64-bit finalizer of the canonical k-mer that ends at each base."""
    mask, shift = (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1), np.uint64(64 - 2 * k)
    a, b = sixteens[BEFORE - 16 : BEFORE - 16 + size], sixteens[BEFORE : BEFORE + size]
    c, d = mirrored[BEFORE : BEFORE + size], mirrored[BEFORE - 16 : BEFORE - 16 + size]
    for x in range(size):
        forward = (np.uint64(a[x]) << _HALF | np.uint64(b[x])) & mask
        reverse = (np.uint64(c[x]) << _HALF | np.uint64(d[x])) >> shift
        code = min(forward, reverse)
        code ^= code >> np.uint64(33)
        code *= np.uint64(0xFF51AFD7ED558CCD)
        code ^= code >> np.uint64(33)
        code *= np.uint64(0xC4CEB9FE1A85EC53)
        out[x] = code ^ code >> np.uint64(33)


@numba.njit(cache=True, nogil=True)
def kmer_at(sixteens, x, k):  # type: ignore[no-untyped-def]
    """The k-mer that ends at base x."""
    word = np.uint64(sixteens[BEFORE - 16 + x]) << _HALF | np.uint64(sixteens[BEFORE + x])
    return word & (np.uint64(1) << np.uint64(2 * k)) - np.uint64(1)


@numba.njit(cache=True, nogil=True)
def mirrored_at(mirrored, x, k):  # type: ignore[no-untyped-def]
    """The reverse complement of the k-mer that ends at base x."""
    word = np.uint64(mirrored[BEFORE + x]) << _HALF | np.uint64(mirrored[BEFORE - 16 + x])
    return word >> np.uint64(64 - 2 * k)
