"""The estimate of the reads' identity follows the truth, and falls back on something sensible."""

import numpy as np
import pytest

from vaebin import identity
from vaebin.config import SKETCHES
from vaebin.sequences import Record

LETTERS = np.frombuffer(b"ACGT", np.uint8)
COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


def make_reads(true_identity, count=240, length=5000, genome=100_000, seed=0, qualities=None):
    """Reads of both strands with substitutions, insertions and deletions in equal shares."""
    rng = np.random.default_rng(seed)
    source = LETTERS[rng.integers(0, 4, genome)]
    reads = []
    for number in range(count):
        start = rng.integers(0, genome - length)
        kind = rng.choice(4, length, p=[true_identity, *[(1 - true_identity) / 3] * 3])
        kept = np.where(kind == 1, LETTERS[(np.searchsorted(LETTERS, source[start : start + length]) + 1) % 4],
                        source[start : start + length])  # fmt: skip
        copies = np.array([1, 1, 2, 0])[kind]
        sequence = np.repeat(kept, copies)
        inserted = np.cumsum(copies)[kind == 2] - 1
        sequence[inserted] = LETTERS[rng.integers(0, 4, len(inserted))]
        text = sequence.tobytes()
        text = text[::-1].translate(COMPLEMENT) if rng.random() < 0.5 else text
        reads.append(Record(f"r{number}", f"r{number}", text, None if qualities is None else qualities(rng, len(text))))
    return reads


@pytest.mark.parametrize("truth", [0.999, 0.97, 0.94, 0.92, 0.90, 0.88, 0.86])
def test_the_estimate_follows_the_truth(truth):
    found = identity.estimate(make_reads(truth))
    assert found.identity == pytest.approx(truth, abs=0.01)
    assert found.basis.endswith(" overlaps")


def test_the_order_of_the_reads_does_not_matter():
    reads = make_reads(0.93)
    assert identity.estimate(reads) == identity.estimate(reads[::-1])


def test_a_sample_of_the_matches_tells_the_same(monkeypatch):
    reads = make_reads(0.93)
    monkeypatch.setattr(identity, "_MOST_MATCHES", 20_000)
    sampled = identity.estimate(reads)
    assert int(sampled.basis.split()[0].replace(",", "")) < 1000
    assert sampled.identity == pytest.approx(0.93, abs=0.01)


def test_an_adapter_on_every_read_does_not_matter():
    adapter = LETTERS[np.random.default_rng(7).integers(0, 4, 70)].tobytes()
    reads = [r._replace(sequence=adapter + r.sequence) for r in make_reads(0.90, seed=3)]
    assert identity.estimate(reads).identity == pytest.approx(0.90, abs=0.01)


def phred(error):
    """Qualities of which half say twice the error, half none to speak of."""
    high = chr(33 + round(-10 * np.log10(2 * error))).encode()
    return lambda rng, n: bytes(np.where(np.arange(n) % 2, high[0], ord("~")).astype(np.uint8))


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([], identity.Estimate(0.93, "assumed")),
        ([Record("a", "a", b"", None)], identity.Estimate(0.93, "assumed")),
        (make_reads(0.9, count=1, length=50_000), identity.Estimate(0.93, "assumed")),
        (make_reads(0.9, count=2), identity.Estimate(0.93, "assumed")),
        (make_reads(0.9, count=2, qualities=lambda _, n: b"!" * n), identity.Estimate(0.93, "assumed")),
        (
            make_reads(0.9, count=2, qualities=phred(0.08)),
            identity.Estimate(pytest.approx(0.92, abs=0.003), "qualities"),
        ),
    ],
    ids=["no reads", "an empty read", "a contig", "few pairs", "qualities that all say the same", "qualities"],
)
def test_without_overlaps(reads, expected):
    assert identity.estimate(reads) == expected


def test_contigs_that_do_not_overlap():
    rng = np.random.default_rng(1)
    contigs = [Record(str(i), str(i), LETTERS[rng.integers(0, 4, 20_000)].tobytes(), None) for i in range(100)]
    assert identity.estimate(contigs) == identity.Estimate(0.93, "assumed")


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (1.0, (19, 16)),
        (0.93, (19, 16)),
        (0.915, (19, 16)),
        (0.91, (17, 8)),
        (0.865, (17, 8)),
        (0.86, (15, 8)),
        (0.0, (15, 8)),
    ],
)
def test_the_sketch_follows_the_identity(estimate, expected):
    assert identity.choose(estimate) == expected


def test_the_table_falls_to_zero():
    lowest = [row[0] for row in SKETCHES]
    assert lowest == sorted(lowest, reverse=True)
    assert lowest[-1] == 0
