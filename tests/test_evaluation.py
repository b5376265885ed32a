import json
import logging
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vaebin import evaluation
from vaebin.errors import InputError
from vaebin.figures import confusion
from vaebin.formats import bins as bin_table
from vaebin.formats import scores
from vaebin.formats.bins import Bins
from vaebin.formats.truth import Columns
from vaebin.metrics import contingency

TRUTH = Path(__file__).parent / "data" / "truth.tsv"
CONTIGS = Path(__file__).parent / "data" / "contigs.truth.tsv"


def write(path, *rows):
    path.write_text("".join(row.replace(" ", "\t") + "\n" for row in rows))
    return path


@pytest.fixture
def truth(tmp_path):
    return write(tmp_path / "truth.tsv", "read_id species length", "a A 10", "b A 20", "c B 30", "d B 40", "e none 5")


@pytest.fixture
def bins(tmp_path):
    return write(tmp_path / "bins.tsv", "a bin_10", "b bin_10", "c bin_2", "d bin_10")


@pytest.fixture
def warnings(caplog, monkeypatch):
    """A function that returns the warnings so far."""
    monkeypatch.setattr(logging.getLogger("vaebin"), "propagate", True)
    with caplog.at_level(logging.WARNING, "vaebin"):
        yield lambda: list(caplog.messages)


def test_every_bin_and_label_gets_its_row(bins, truth):
    found = evaluation.evaluate(bins, truth)
    assert [(b.bin, b.label, b.sequences, b.bases) for b in found.bins] == [
        ("bin_2", "B", 1, 30),
        ("bin_10", "A", 3, 70),
    ]
    assert [(x.label, x.sequences, x.bin, x.completeness) for x in found.labels] == [
        ("A", 2, "bin_10", 1.0),
        ("B", 2, "bin_2", 0.5),
        ("none", 1, None, 0.0),
    ]
    assert found.scores["precision"] == pytest.approx(3 / 4)
    assert found.scores["recall"] == pytest.approx(3 / 5)  # junk is a class, and unbinned


def test_a_perfect_binning_of_the_tiny_set(tmp_path):
    rows = [line.split("\t") for line in TRUTH.read_text().splitlines()[1:]]
    perfect = tmp_path / "bins.tsv"
    perfect.write_text("".join(f"{r[0]}\t{r[2]}\n" for r in rows))
    found = evaluation.evaluate(perfect, TRUTH)
    assert set(found.scores.values()) == {1.0}
    assert found.counts == {"sequences": 640, "only_in_bins": 0, "only_in_truth": 0}
    assert len(found.bins) == 4
    assert all(b.purity == b.completeness == b.purity_bases == b.completeness_bases == 1 for b in found.bins)


def test_columns_by_name(tmp_path):
    rows = [line.split("\t") for line in CONTIGS.read_text().splitlines()[1:]]
    binned = tmp_path / "clusters.tsv"
    binned.write_text("cluster\tcontig\n" + "".join(f"{r[1]}\t{r[0]}\n" for r in rows))
    columns = Columns("contig_id", "species")
    found = evaluation.evaluate(binned, CONTIGS, bin_columns=Columns("contig", "cluster"), truth_columns=columns)
    assert found.scores["f1"] == 1.0


def test_our_bins_or_the_likeliest_ones(tmp_path, truth):
    path = tmp_path / "ours.tsv"
    ones = np.ones(5)
    reason = np.array([0, 0, 0, 0, 1])
    bin_table.write(path, Bins(list("abcde"), np.array([10, 20, 30, 40, 5]), np.array([1, 1, 2, 2, 2]), ones, reason))
    assert evaluation.evaluate(path, truth).scores["assigned"] == 4 / 5
    likeliest = evaluation.evaluate(path, truth, bin_columns=Columns("sequence_id", "best_bin"))
    assert likeliest.scores["assigned"] == 1
    assert [b.bin for b in likeliest.bins] == ["bin_1", "bin_2"]


def test_the_truth_may_be_simlord_reads(tmp_path, bins):
    reads = tmp_path / "reads.fastq"
    chromosomes = {"a": "A", "b": "A", "c": "B", "d": "B"}
    reads.write_text("".join(f"@{i} length=4bp;chromosome={c};x=1\nACGT\n+\nIIII\n" for i, c in chromosomes.items()))
    found = evaluation.evaluate(bins, reads)
    assert [(b.label, b.sequences, b.bases) for b in found.bins] == [("B", 1, 4), ("A", 3, 12)]


def test_sequences_in_one_table_only_are_counted_and_told(tmp_path, truth, warnings):
    binned = write(tmp_path / "bins.tsv", "a x", "b x", "stranger x", "another y")
    found = evaluation.evaluate(binned, truth)
    assert found.counts == {"sequences": 2, "only_in_bins": 2, "only_in_truth": 3}
    assert [b.bin for b in found.bins] == ["x"]
    assert found.scores["recall"] == pytest.approx(2 / 5)
    assert warnings() == [
        "of the sequences, 2 in the bins have no label in the truth and are left out; "
        "3 in the truth are not in the bins and count as unbinned"
    ]


@pytest.mark.parametrize("rows", [["a unbinned", "b unbinned"], []], ids=["all unbinned", "empty"])
def test_no_bin_is_a_result(tmp_path, truth, rows):
    found = evaluation.evaluate(write(tmp_path / "bins.tsv", *rows), truth, heatmap=tmp_path / "h.png")
    assert set(found.scores.values()) == {0.0}
    assert math.isnan(found.amber["precision_avg_bp"])
    assert scores.text(found).startswith("0 bins, 3 labels")


def test_nothing_in_common_is_an_error_that_names_both(tmp_path, truth):
    binned = write(tmp_path / "bins.tsv", "r1 x")
    with pytest.raises(InputError, match=r"bins.tsv and .*truth.tsv have no sequence in common: 'r1' there, 'a' here"):
        evaluation.evaluate(binned, truth)


def test_a_truth_of_nothing_is_an_error(tmp_path, bins):
    with pytest.raises(InputError, match="no sequence has a label"):
        evaluation.evaluate(bins, write(tmp_path / "empty.tsv", "read_id species"))


@pytest.mark.parametrize(
    ("of_truth", "of_bins", "expected"),
    [
        pytest.param(["a A 10", "b B 20"], ["a x 1", "b y 1"], 10, id="the truth's first"),
        pytest.param(["a A", "b B"], ["a x 1", "b y 1"], 1, id="else the bins'"),
        pytest.param(["a A", "b B"], ["a x 1"], None, id="unless they lack some"),
        pytest.param(["a A", "b B"], ["a x", "b y"], None, id="none"),
    ],
)
def test_where_lengths_come_from(tmp_path, of_truth, of_bins, expected):
    def with_names(rows, names):
        return [names + " length" * (len(rows[0].split()) - 2), *rows]

    truth = write(tmp_path / "truth.tsv", *with_names(of_truth, "read_id species"))
    binned = write(tmp_path / "bins.tsv", *with_names(of_bins, "sequence_id bin"))
    found = evaluation.evaluate(binned, truth)
    assert found.bins[0].bases == expected
    assert bool(found.amber) == (expected is not None)
    assert ("by bases" in scores.text(found)) == (expected is not None)


def test_text(bins, truth):
    lines = scores.text(evaluation.evaluate(bins, truth)).splitlines()
    assert lines[0] == "2 bins, 3 labels"
    assert lines[2:6] == [
        "                              by sequences  by bases",
        "assigned                            0.8000    0.9524",
        "precision                           0.7500    0.7000",  # by bases bin_10 is B's: 40 of 70
        "recall                              0.6000    0.6667",
    ]
    assert lines[-3:] == [
        "bin     majority label  sequences  purity  completeness  bases  purity  completeness",
        "bin_2   B                       1  1.0000        0.5000     30  1.0000        0.4286",
        "bin_10  A                       3  0.6667        1.0000     70  0.4286        1.0000",
    ]


def test_text_lists_few_bins_only(tmp_path):
    ids = [f"r{n}" for n in range(31)]
    truth = write(tmp_path / "truth.tsv", *(f"{i} A" for i in ids))
    many = evaluation.evaluate(write(tmp_path / "bins.tsv", *(f"{i} b{i}" for i in ids)), truth)
    assert "majority label" not in scores.text(many)


def outputs(folder):
    folder.mkdir()
    return {name: folder / name for name in ("tsv", "bin_tsv", "label_tsv", "json", "heatmap")}


def test_tables(tmp_path, bins, truth):
    paths = outputs(tmp_path / "out")
    evaluation.evaluate(bins, truth, **paths)
    assert paths["tsv"].read_text().splitlines()[:7] == [
        "# vaebin-scores 1.0",
        "score\tvalue",
        "sequences\t4",
        "only_in_bins\t0",
        "only_in_truth\t1",
        "bins\t2",
        "precision\t0.750000",
    ]
    assert paths["bin_tsv"].read_text() == (
        "# vaebin-bin-scores 1.0\n"
        "bin\tlabel\tsequences\tpurity\tcompleteness\tbases\tpurity_bases\tcompleteness_bases\n"
        "bin_2\tB\t1\t1.000000\t0.500000\t30\t1.000000\t0.428571\n"
        "bin_10\tA\t3\t0.666667\t1.000000\t70\t0.428571\t1.000000\n"
    )
    assert paths["label_tsv"].read_text().endswith("none\t1\t0.000000\t\t0.000000\t5\t0.000000\n")


def test_json_holds_all_and_nothing_that_is_not_json(tmp_path, truth):
    path = tmp_path / "scores.json"
    found = evaluation.evaluate(write(tmp_path / "bins.tsv", "a unbinned"), truth, json=path)
    read = json.loads(path.read_text())
    assert read["format"] == "vaebin-evaluation"
    assert read["scores"] == found.scores
    assert read["amber"]["precision_avg_bp"] is None
    assert [label["label"] for label in read["labels"]] == ["A", "B", "none"]
    assert str(tmp_path) not in path.read_text()


@pytest.mark.parametrize("picture", ["png", "svg", "pdf"])
def test_the_same_bytes_twice(tmp_path, bins, truth, picture):
    first, second = outputs(tmp_path / "first"), outputs(tmp_path / "second")
    for paths in (first, second):
        evaluation.evaluate(bins, truth, **paths, heatmap_format=picture)
    for name in first:
        assert first[name].read_bytes() == second[name].read_bytes(), name
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[picture]
    assert first["heatmap"].read_bytes().startswith(start)  # whatever the file is called


def figure_texts(monkeypatch, tmp_path, table, bins, labels):
    """The names of rows and columns of the heat map."""
    drawn = []
    original = confusion._figure
    monkeypatch.setattr(confusion, "_figure", lambda *a: drawn.append(a) or original(*a))
    confusion.draw(tmp_path / "h.svg", "svg", table, bins, labels)
    return drawn[0]


def test_columns_of_the_heat_map_follow_the_bins(monkeypatch, tmp_path):
    table = contingency(np.array([0, 0, 0, 1, 1, -1]), np.array([2, 2, 1, 1, 1, 0]), np.ones(6, np.int64))
    shares, rows, columns = figure_texts(monkeypatch, tmp_path, table, ["bin_1", "bin_2"], ["A", "B", "C"])
    assert rows == ["bin_1 (3)", "bin_2 (2)"]
    assert columns == ["C", "B", "A"]
    assert shares == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0, 1, 0]]))


def test_the_heat_map_puts_what_is_beyond_its_size_together(monkeypatch, tmp_path):
    n = 150
    numbers = np.concatenate([np.arange(n), np.arange(100)])  # the first 100 twice
    table = contingency(numbers, numbers, np.ones(len(numbers), np.int64))
    names = [str(i) for i in range(n)]
    shares, rows, columns = figure_texts(monkeypatch, tmp_path, table, names, names)
    assert shares.shape == (121, 61)
    assert rows[0] == "0 (2)"
    assert rows[-1] == "30 smaller bins (30)"
    assert columns[-1] == "90 smaller labels"
    assert shares.sum(1) == pytest.approx(np.ones(121))


def test_command(tmp_path, bins, truth):
    command = [sys.executable, "-c", "from vaebin.cli.evaluate import main; main()"]
    done = subprocess.run(
        [*command, bins, "--truth", truth, "--json", tmp_path / "s.json"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("2 bins, 3 labels\n")
    assert "1 in the truth are not in the bins" in done.stderr
    assert json.loads((tmp_path / "s.json").read_text())["counts"]["sequences"] == 4
    wrong = subprocess.run([*command, bins, "--truth", tmp_path / "none.tsv"], capture_output=True, text=True)
    assert wrong.returncode == 1
    assert wrong.stderr.endswith("none.tsv: no such file\n")
    assert len(wrong.stderr.splitlines()) == 1
