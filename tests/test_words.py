"""Words of bases are what reading base by base yields."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_sketches import COMPLEMENT, finalizer
from vaebin import words

SETTINGS = settings(deadline=None, max_examples=60)
BASES = st.text("ACGTUacgtu", min_size=1, max_size=80)


def number(text):
    return int("".join(str("ACGT".index(c)) for c in text), 4)


def build(before, text, mirrored=False):
    """Words of 4, 8 and 16 bases of a stretch; the bases before it are A unless given."""
    size = len(text)
    codes, made = words.make_codes(size), words.make_words(size)
    words.encode(np.frombuffer(text.encode(), np.uint8), codes)
    codes[: words.BEFORE] = ["ACGT".index(c) for c in before.rjust(words.BEFORE, "A")]
    if mirrored:
        words.mirror_fours(codes, size, made[0])
        words.lengthen_mirrored(made, size)
    else:
        words.make_fours(codes, size, made[0])
        words.lengthen(made, size)
    return made


@pytest.mark.parametrize("mirrored", [False, True], ids=["forward", "mirrored"])
@SETTINGS
@given(text=BASES, before=st.text("ACGT", max_size=32))
def test_words_of_every_length(mirrored, text, before):
    made = build(before, text, mirrored)
    whole = before.rjust(words.BEFORE, "A") + text.upper().replace("U", "T")
    for level, length in enumerate((4, 8, 16)):
        pieces = [whole[end - length : end] for end in range(words.BEFORE + 1, len(whole) + 1)]
        if mirrored:
            pieces = [p[::-1].translate(COMPLEMENT) for p in pieces]
        assert made[level][words.BEFORE :].tolist() == [number(p) for p in pieces]


@pytest.mark.parametrize("k", [1, 11, 16, 19, 31])
@SETTINGS
@given(text=BASES)
def test_kmers_their_mirrors_and_hashes(k, text):
    sixteens, mirrored = build("", text)[2], build("", text, mirrored=True)[2]
    hashes = np.empty(len(text), np.uint64)
    words.hash_all(sixteens, mirrored, len(text), k, hashes)
    whole = "A" * words.BEFORE + text.upper().replace("U", "T")
    for x in range(len(text)):
        kmer = whole[words.BEFORE + x + 1 - k : words.BEFORE + x + 1]
        mirror = kmer[::-1].translate(COMPLEMENT)
        assert words.kmer_at(sixteens, x, k) == number(kmer)
        assert words.mirrored_at(mirrored, x, k) == number(mirror)
        assert hashes[x] == finalizer(number(min(kmer, mirror)))


@pytest.mark.parametrize("letter", range(256), ids=lambda x: repr(chr(x)))
def test_letters_that_are_no_bases_are_noticed(letter):
    stretch = np.frombuffer(b"ACGT" * 20 + bytes([letter]) + b"ACGT" * 20, np.uint8)
    codes = words.make_codes(len(stretch))
    assert words.encode(stretch, codes) == (chr(letter) not in "ACGTUacgtu")
    assert codes[words.BEFORE :][:80].tolist() == [0, 1, 2, 3] * 20
