"""Counts equal kmertools', the parts add up to the whole, and letters that are no bases break k-mers."""

import numpy as np
import pykmertools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaebin import kmers
from vaebin.formats.features import canonical_kmers

SETTINGS = settings(deadline=None, max_examples=60)
DNA = st.lists(st.text("ACGTNacgtnRYK-", max_size=300), min_size=1, max_size=8)


def pack(sequences):
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])]).astype(np.int64)
    return np.frombuffer("".join(sequences).encode(), np.uint8), offsets


def random_sequence(seed, length, others=0.003):
    rng = np.random.default_rng(seed)
    letters = np.array(list("ACGTacgt"))[rng.integers(0, 8, length)]
    letters[rng.random(length) < others] = "N"
    return "".join(letters)


def naive_parts(sequence):
    column = {name: i for i, name in enumerate(kmers.names(4))}
    parts = np.zeros((8, 136), int)
    text = sequence.upper().replace("U", "T")
    for end in range(3, len(text)):
        kmer = text[end - 3 : end + 1]
        if set(kmer) <= set("ACGT"):
            mirror = kmer[::-1].translate(str.maketrans("ACGT", "TGCA"))
            parts[end * 8 // len(text), column[min(kmer, mirror)]] += 1
    return parts


@pytest.mark.parametrize(
    ("k", "expected"),
    [(1, "A C"), (2, "AA AC AG AT CA CC CG GA GC TA")],
)
def test_names_of_short_kmers(k, expected):
    assert " ".join(kmers.names(k)) == expected


@pytest.mark.parametrize("k", range(1, 9))
def test_columns_are_those_of_kmertools(k):
    names = kmers.names(k)
    assert names == sorted(names) == pykmertools.OligoComputer(k).get_header()
    assert len(names) == canonical_kmers(k)


@pytest.mark.parametrize(
    ("sequence", "counts"),
    [
        ("AAAA", {"AA": 3}),
        ("TTTT", {"AA": 3}),
        ("ACGU", {"AC": 2, "CG": 1}),
        ("acgt", {"AC": 2, "CG": 1}),
        ("ANCG", {"CG": 1}),
        ("A-A*A", {}),
        ("C", {}),
        ("", {}),
    ],
)
def test_counts_by_hand(sequence, counts):
    row = kmers.count(*pack([sequence]), 2)[0].tolist()
    assert {n: c for n, c in zip(kmers.names(2), row, strict=True) if c} == counts


@pytest.mark.parametrize("k", range(1, 9))
@SETTINGS
@given(sequences=DNA)
def test_counts_are_those_of_kmertools(k, sequences):
    ours = kmers.count(*pack(sequences), k)
    computer = pykmertools.OligoComputer(k)
    theirs = [computer.vectorise_one(s, False) if len(s) >= k else [0.0] * ours.shape[1] for s in sequences]
    assert ours.tolist() == theirs


@SETTINGS
@given(sequences=DNA)
def test_parts_add_up_to_the_whole(sequences):
    bases, offsets = pack(sequences)
    assert np.array_equal(kmers.scan(bases, offsets, 0, 0).parts.sum(1), kmers.count(bases, offsets, 4))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7, 8, 9, 31, 511, 512, 4095, 4096, 4097, 9999])
def test_a_kmer_belongs_to_the_part_where_it_ends(length):
    sequences = [random_sequence(length, length), random_sequence(length + 1, length, others=0.2)]
    assert kmers.scan(*pack(sequences), 0, 0).parts.tolist() == [naive_parts(s).tolist() for s in sequences]


def test_a_sequence_does_not_run_into_the_next():
    assert kmers.count(*pack(["AC", "GT"]), 4).sum() == 0
    assert kmers.scan(*pack(["AC", "GT"]), 0, 0).parts.sum() == 0


@pytest.mark.parametrize(("length", "dtype"), [(65_538, np.uint16), (65_539, np.uint32), (65_540, np.uint32)], ids=str)
def test_counts_grow_wide_only_where_they_must(length, dtype):
    counts = kmers.count(*pack(["A" * length]), 4)
    assert counts.dtype == dtype
    assert counts[0, 0] == length - 3


def test_long_sequences_with_small_counts_stay_narrow():
    assert kmers.count(*pack([random_sequence(1, 100_000)]), 4).dtype == np.uint16
