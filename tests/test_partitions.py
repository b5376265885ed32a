"""All kept k-mers come by, each once, in partitions and buckets of ascending hashes."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaebin import partitions
from vaebin.formats.features import Sketch

FRACTION = 16
TOP = ((1 << 64) - 1) // FRACTION
READS = st.lists(st.lists(st.integers(0, TOP) | st.integers(0, 20), unique=True, max_size=30), max_size=20)


def make_sketch(reads):
    hashes = np.array(list(itertools.chain.from_iterable(map(sorted, reads))), np.uint64)
    return Sketch(hashes, np.arange(len(hashes), dtype=np.uint32), np.cumsum([0, *map(len, reads)]))


def walk(*sketches, threads=1):
    """Every bucket of every partition as (hash, read, place)."""
    with ThreadPoolExecutor(threads) as pool:
        for part in partitions.partitions(sketches, FRACTION, pool):
            rows = list(zip(*(a.tolist() for a in part[:3]), strict=True))
            yield [rows[a:b] for a, b in itertools.pairwise(part.bounds)]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "sizes", [{}, {"PARTITION": 7}, {"PARTITION": 20, "BUCKET": 2, "STRETCH": 5}, {"BUCKET": 1}], ids=str
)
@settings(deadline=None, max_examples=50)
@given(reads=READS)
def test_every_kmer_comes_once_in_order(threads, sizes, reads):
    with pytest.MonkeyPatch.context() as patch:
        for name, size in sizes.items():
            patch.setattr(partitions, name, size)
        buckets = [b for part in walk(make_sketch(reads), threads=threads) for b in part]
    owners = [(h, read) for read, hashes in enumerate(reads) for h in sorted(hashes)]
    expected = [(h, read, place) for place, (h, read) in enumerate(owners)]
    assert sorted(itertools.chain.from_iterable(buckets)) == sorted(expected)
    assert all([place for _, _, place in b] == sorted(place for _, _, place in b) for b in buckets)
    filled = [b for b in buckets if b]
    assert all(max(a)[0] < min(b)[0] for a, b in itertools.pairwise(filled))


def test_partitions_and_buckets_are_about_as_large_as_asked_for(monkeypatch):
    monkeypatch.setattr(partitions, "PARTITION", 5000)
    monkeypatch.setattr(partitions, "BUCKET", 100)
    hashes = np.random.default_rng(1).integers(0, TOP, (50, 400), np.uint64)
    found = list(walk(make_sketch(hashes.tolist())))
    assert 4 <= len(found) <= 8
    assert all(sum(map(len, part)) < 7500 for part in found)
    assert all(len(bucket) < 400 for part in found for bucket in part)


@pytest.mark.parametrize(
    ("total", "expected"),
    [(0, 0), (99, 99), (300, 100), (2000, 200), (10**6, 400)],
    ids=["none", "few", "more than one", "a tenth", "the largest"],
)
def test_size_of_a_partition(total, expected, monkeypatch):
    monkeypatch.setattr(partitions, "PARTITION", 100)
    monkeypatch.setattr(partitions, "LARGEST", 400)
    assert partitions.size(total) == expected


def test_what_is_on_disk_is_read_alike(tmp_path):
    sketch = make_sketch(np.random.default_rng(1).integers(0, TOP, (50, 400), np.uint64).tolist())
    np.save(tmp_path / "hashes.npy", sketch.hashes)
    np.save(tmp_path / "places.npy", sketch.places)
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("hashes", "places")]
    assert list(walk(Sketch(*mapped, sketch.offsets))) == list(walk(sketch))


@pytest.mark.parametrize("cuts", [[0, 20, 50], [0, 0, 1, 50, 50]], ids=str)
def test_reads_in_several_files_are_numbered_on(cuts):
    reads = np.random.default_rng(2).integers(0, TOP, (50, 40), np.uint64).tolist()
    whole = make_sketch(reads)
    ends = whole.offsets[cuts]
    shards = [
        Sketch(whole.hashes[a:b], whole.places[a:b], whole.offsets[i : j + 1] - a)
        for (i, j), (a, b) in zip(itertools.pairwise(cuts), itertools.pairwise(ends), strict=True)
    ]
    assert list(walk(*shards)) == list(walk(whole))
