import math
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, rand_score

from vaebin import evaluation, metrics
from vaebin.formats.truth import Columns

TRUTH = Path(__file__).parent / "data" / "truth.tsv"


def table(bins, labels, lengths=None):
    bins, labels = np.array(bins, np.int64), np.array(labels, np.int64)
    return metrics.contingency(bins, labels, np.ones(len(bins), np.int64) if lengths is None else np.array(lengths))


def test_counts_pairs_in_order_of_appearance():
    found = table([1, 0, 1, -1, 0], [0, 1, 0, 1, 0], [10, 20, 30, 40, 50])
    assert found.bins.tolist() == [1, 0, 0]
    assert found.labels.tolist() == [0, 1, 0]
    assert found.sequences.tolist() == [2, 1, 1]
    assert found.bases.tolist() == [40, 20, 50]
    assert found.label_sequences.tolist() == [3, 2]
    assert found.label_bases.tolist() == [90, 60]


# bins x labels: bin 0 holds 8 of A and 2 of B, bin 1 holds 1 of A and 5 of B; 4 of B are unbinned
HAND = table([0] * 10 + [1] * 6 + [-1] * 4, [0] * 8 + [1] * 2 + [0] + [1] * 9)


def test_scores_by_lrbinners_definitions():
    found = metrics.scores(HAND)
    assert found["precision"] == pytest.approx((8 + 5) / 16)
    assert found["recall"] == pytest.approx((8 + 5) / 20)
    assert found["f1"] == pytest.approx(2 * (13 / 16) * (13 / 20) / (13 / 16 + 13 / 20))
    assert found["assigned"] == pytest.approx(16 / 20)


def test_the_ari_counts_binned_sequences_and_the_other_gives_each_unbinned_one_a_bin():
    binned = [0] * 10 + [1] * 6
    labels = [0] * 8 + [1] * 2 + [0] + [1] * 9
    found = metrics.scores(HAND)
    assert found["ari"] == pytest.approx(adjusted_rand_score(labels[:16], binned))
    assert found["ari_all"] == pytest.approx(adjusted_rand_score(labels, [*binned, 2, 3, 4, 5]))


@pytest.mark.parametrize(
    ("bins", "labels", "expected"),
    [
        pytest.param([0, 0, 1, 1], [0, 0, 1, 1], (1, 1, 1), id="perfect"),
        pytest.param([0, 0, 0, 0], [0, 0, 1, 1], (0.5, 1, 0), id="all in one bin: recall is perfect"),
        pytest.param([0, 1, 2, 3], [0, 0, 1, 1], (1, 0.5, 0), id="each alone: precision is perfect"),
        pytest.param([0, 0, -1, -1], [0, 0, 1, 1], (1, 0.5, 1), id="one label unbinned"),
        pytest.param([-1, -1, -1, -1], [0, 0, 1, 1], (0, 0, 0), id="nothing binned"),
    ],
)
def test_precision_recall_and_ari(bins, labels, expected):
    found = metrics.scores(table(bins, labels))
    assert (found["precision"], found["recall"], found["ari"]) == pytest.approx(expected)


LABELLINGS = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 4), st.integers(1, 9)), min_size=2, max_size=40)


def dense(numbers):
    kept = [n for n in numbers if n >= 0]
    return [sorted(set(kept)).index(n) if n >= 0 else -1 for n in numbers]


@given(LABELLINGS)
def test_scores_agree_with_a_dense_matrix_and_scikit_learn(rows):
    bins, labels = dense([r[0] for r in rows]), dense([r[1] for r in rows])
    matrix = np.zeros((max(bins) + 1, max(labels) + 1))
    for b, label in zip(bins, labels, strict=True):
        if b >= 0:
            matrix[b, label] += 1
    found = metrics.scores(table(bins, labels))
    if not matrix.size:
        assert set(found.values()) == {0.0}
        return
    assert found["precision"] == pytest.approx(matrix.max(1).sum() / matrix.sum())
    assert found["recall"] == pytest.approx(matrix.max(0).sum() / len(rows))
    pairs = [(b, label) for b, label in zip(bins, labels, strict=True) if b >= 0]
    assert found["ari"] == pytest.approx(adjusted_rand_score([p[1] for p in pairs], [p[0] for p in pairs]))


@given(LABELLINGS)
def test_the_names_of_bins_and_labels_do_not_matter(rows):
    bins, labels, lengths = dense([r[0] for r in rows]), dense([r[1] for r in rows]), [r[2] for r in rows]
    flipped = [max(bins) - b if b >= 0 else -1 for b in bins]
    one, other = table(bins, labels, lengths), table(flipped, [max(labels) - x for x in labels], lengths)
    assert metrics.scores(one) == pytest.approx(metrics.scores(other))
    assert metrics.amber(one) == pytest.approx(metrics.amber(other), nan_ok=True)


def test_rand_indices_of_more_bases_than_64_bits_of_pairs():
    half = 5_000_000_000
    rand, adjusted = metrics.rand_indices(*(np.array([half, half]) for _ in range(3)))
    assert (rand, adjusted) == (1.0, 1.0)
    small = table([0, 0, 1, 1, 1], [0, 1, 1, 1, 0])
    expected = rand_score([0, 1, 1, 1, 0], [0, 0, 1, 1, 1])
    assert metrics.rand_indices(small.sequences, small.bin_sequences, small.label_sequences)[0] == pytest.approx(
        expected
    )


def test_each_bins_majority_purity_and_completeness():
    found = metrics.of_bins(table([0, 0, 0, 1, -1], [0, 0, 1, 1, 1], [10, 20, 70, 50, 50]))
    assert found["label"].tolist() == [0, 1]
    assert found["purity"].tolist() == pytest.approx([2 / 3, 1])
    assert found["completeness"].tolist() == pytest.approx([1, 1 / 3])
    assert found["purity_bases"].tolist() == pytest.approx([30 / 100, 1])
    assert found["completeness_bases"].tolist() == pytest.approx([1, 50 / 170])


def test_each_labels_bin_and_completeness():
    found = metrics.of_labels(table([0, 0, 1, -1, -1], [0, 1, 1, 1, 2], [10, 20, 30, 40, 50]))
    assert found["bin"].tolist() == [0, 0, -1]
    assert found["assigned"].tolist() == pytest.approx([1, 2 / 3, 0])
    assert found["completeness"].tolist() == pytest.approx([1, 1 / 3, 0])
    assert found["completeness_bases"].tolist() == pytest.approx([1, 20 / 90, 0])


@pytest.mark.parametrize(
    ("probability", "right", "error"),
    [
        ([], [], 0),
        ([1, 1, 1, 1], [1, 1, 1, 1], 0),
        ([1, 1, 1, 1], [1, 1, 1, 0], 0.25),
        ([0.55, 0.55], [1, 0], 0.05),
        ([0.62, 0.68, 0.98, 0.92], [1, 0, 1, 1], 0.5 * 0.15 + 0.5 * 0.05),  # two intervals of half of them each
        ([0.05, 0.95], [1, 0], 0.95),  # what is too low in one does not make up for what is too high in another
    ],
)
def test_calibration_error_by_hand(probability, right, error):
    assert metrics.calibration_error(np.array(probability), np.array(right, bool)) == pytest.approx(error)


def test_amber_has_no_purity_where_nothing_is_binned():
    found = metrics.amber(table([-1, -1], [0, 1]))
    assert math.isnan(found["precision_avg_bp"])
    assert found["recall_avg_bp"] == 0
    assert found["percentage_of_assigned_seqs"] == 0


# --- AMBER itself ---


@pytest.fixture(scope="module")
def amber_script():
    """`make test` installs AMBER in a virtual environment of its own and names it in VAEBIN_AMBER."""
    named = os.environ.get("VAEBIN_AMBER") or shutil.which("amber.py")
    if not named:
        pytest.skip("no AMBER; run `make test`, or set VAEBIN_AMBER to the path of amber.py (cami-amber 2.0.8)")
    return Path(named)


def truth_rows():
    lines = TRUTH.read_text().splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    junk = {"r600", "r601", "r602"}  # a label of its own, `none`, as simulators name reads of nothing
    return [(r[0], "none" if r[0] in junk else r[2], r[3]) for r in rows]


def binnings():
    """Binnings of the tiny set: name, and (id, bin) in the order of the file."""
    rows, rng = truth_rows(), np.random.default_rng(1)
    number = {label: f"bin_{n}" for n, label in enumerate(sorted({r[1] for r in rows}), 1)}
    good = [(i, number[label] if rng.random() < 0.95 else "bin_1") for i, label, _ in rows if rng.random() < 0.9]
    split = [(i, b + rng.choice(["a", "b"])) for i, b in good] + [("not in the truth", "bin_1a")]
    chance = [(rows[n][0], f"bin_{rng.integers(1, 40)}") for n in rng.permutation(len(rows))[:500]]
    return {"good": good, "split": split, "chance": chance, "one": [(i, "bin_1") for i, _, _ in rows]}


def write_biobox(path, columns, rows):
    text = "".join("\t".join(row) + "\n" for row in rows)
    path.write_text(f"@Version:0.10.0\n@SampleID:sample\n@@{columns}\n{text}")
    return path


@pytest.fixture(scope="module")
def amber_results(amber_script, tmp_path_factory):
    """AMBER's results of each binning, and the files that it read."""
    folder = tmp_path_factory.mktemp("amber")
    gold = write_biobox(folder / "gold.binning", "SEQUENCEID\tBINID\t_LENGTH", truth_rows())
    files = {
        name: write_biobox(folder / f"{name}.binning", "SEQUENCEID\tBINID", rows) for name, rows in binnings().items()
    }
    command = [amber_script, "-g", gold, "-l", ",".join(files), "-o", folder / "out", "--silent", *files.values()]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "MPLCONFIGDIR": str(folder)})
    header, *lines = (line.split("\t") for line in (folder / "out" / "results.tsv").read_text().splitlines())
    results = {row["Tool"]: row for row in (dict(zip(header, line, strict=True)) for line in lines)}
    return gold, {name: (path, results[name]) for name, path in files.items()}


@pytest.mark.parametrize("name", list(binnings()))
def test_ambers_scores_are_ambers(amber_results, name):
    gold, results = amber_results
    binning, expected = results[name]
    found = evaluation.evaluate(binning, gold, truth_columns=Columns("SEQUENCEID", "BINID")).amber
    assert len(found) == 22
    assert found == pytest.approx({key: float(expected[key]) for key in found}, abs=1e-6)
