"""Sketches hold what a plain reading of their definition says."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_kmers import pack, random_sequence
from vaebin.sketches import limit, sketch

COMPLEMENT = str.maketrans("ACGT", "TGCA")
WORD = (1 << 64) - 1


def finalizer(x):
    """MurmurHash3's fmix64."""
    x ^= x >> 33
    x = x * 0xFF51AFD7ED558CCD & WORD
    x ^= x >> 33
    x = x * 0xC4CEB9FE1A85EC53 & WORD
    return x ^ x >> 33


def naive(sequence, k, fraction):
    first = {}
    text = sequence.upper()
    for start in range(len(text) - k + 1):
        kmer = text[start : start + k]
        if set(kmer) <= set("ACGT") and not any(kmer[p:] == kmer[:-p] for p in (1, 2, 3)):
            mirror = kmer[::-1].translate(COMPLEMENT)
            code = int("".join(str("ACGT".index(c)) for c in min(kmer, mirror)), 4)
            hash_ = finalizer(code)
            if hash_ * fraction < 1 << 64:
                first.setdefault(hash_, start * 2 + (mirror < kmer))
    return sorted(first.items())


def rows(sketched):
    bounds = sketched.offsets.tolist()
    pairs = list(zip(sketched.hashes.tolist(), sketched.places.tolist(), strict=True))
    return [pairs[a:b] for a, b in itertools.pairwise(bounds)]


def test_the_hash_is_murmur3s():
    assert finalizer(1) == 0xB456BCFC34C2CB2C  # SMHasher's fmix64(1)


@pytest.mark.parametrize(("k", "fraction"), [(15, 8), (17, 8), (19, 16), (31, 4), (16, 2), (11, 1), (31, 1)])
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), length=st.integers(0, 3000), others=st.sampled_from([0, 0.001, 0.05]))
def test_equal_to_a_naive_sketch(k, fraction, seed, length, others):
    sequences = [random_sequence(seed, length, others), "", random_sequence(seed + 1, length // 2) * 2]
    assert rows(sketch(*pack(sequences), k, fraction)) == [naive(s, k, fraction) for s in sequences]


@pytest.mark.parametrize("fraction", [1, 2, 3, 7, 16, 1000])
def test_the_limit_is_the_largest_hash_below_a_fraction_of_all(fraction):
    assert limit(fraction) * fraction < 1 << 64 <= (limit(fraction) + 1) * fraction


def test_a_kmer_is_kept_once_at_its_first_place():
    unit = random_sequence(5, 500, others=0)
    once, thrice = rows(sketch(*pack([unit, unit * 3]), 19, 4))
    across = {h for h, _ in thrice} - {h for h, _ in once}
    assert [pair for pair in thrice if pair[0] not in across] == once
    assert all(500 - 19 < place // 2 < 500 for h, place in thrice if h in across)


def test_the_reverse_complement_has_the_same_kmers_mirrored():
    forward = random_sequence(3, 5000, others=0).upper()
    here, there = (dict(r) for r in rows(sketch(*pack([forward, forward[::-1].translate(COMPLEMENT)]), 19, 8)))
    assert here.keys() == there.keys()
    assert all(here[h] // 2 + there[h] // 2 == 5000 - 19 and (here[h] ^ there[h]) & 1 for h in here)


@pytest.mark.parametrize("unit", ["A", "T", "AC", "GT", "ACG", "AAT"])
def test_periodic_kmers_are_left_out(unit):
    assert len(sketch(*pack([unit * 200]), 19, 1).hashes) == 0


def test_a_period_of_four_is_kept():
    assert len(sketch(*pack(["ACGG" * 50]), 19, 1).hashes) == 4


def test_the_kept_share_is_the_fraction():
    kept = len(sketch(*pack([random_sequence(9, 400_000, others=0)]), 19, 16).hashes)
    assert abs(kept / 400_000 - 1 / 16) < 5 * np.sqrt(400_000 / 16) / 400_000


@pytest.mark.parametrize("lengths", [[], [0], [18], [0, 0, 18]], ids=str)
def test_nothing_to_keep(lengths):
    sketched = sketch(*pack(["A" * n for n in lengths]), 19, 16)
    assert sketched.offsets.tolist() == [0] * (len(lengths) + 1)
    assert len(sketched.hashes) == len(sketched.places) == 0
