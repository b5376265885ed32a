import gzip
import io
import logging
import subprocess
import sys
from pathlib import Path

import dnaio
import numpy as np
import pytest

from vaebin import extraction, sequences
from vaebin.config import ExtractConfig
from vaebin.errors import InputError, MismatchError
from vaebin.formats import bins as bin_table
from vaebin.formats import fastx, table
from vaebin.formats.bins import Bins

DATA = Path(__file__).parent / "data"
READS = DATA / "reads.fastq.gz"

FASTQ = (
    "@a first read\nACGTN\n+\nIIII!\n"
    "@b\nggcc\n+\n!!!!\n"
    "@c  two  spaces\tand a tab\nAC\n+\n@+\n"
    "@d\nAAAAAAAAAA\n+\nIIIIIIIIII\n"
)
LENGTHS = {"a": 5, "b": 4, "c": 2, "d": 10}
BINNED = {"a": 1, "b": 2, "c": 1, "d": 0}


def write_bins(path, numbers, lengths, probability=0.5):
    """A bin table; sequences of bin 0 are unbinned."""
    best, n = np.array(list(numbers.values()), np.int64), len(numbers)
    sizes = np.array([lengths[i] for i in numbers], np.int64)
    bin_table.write(path, Bins(list(numbers), sizes, best, np.full(n, probability), (best == 0).astype(np.int64)))
    return path


@pytest.fixture
def reads(tmp_path):
    path = tmp_path / "reads.fastq"
    path.write_text(FASTQ)
    return path


@pytest.fixture
def bins(tmp_path):
    return write_bins(tmp_path / "bins.tsv", BINNED, LENGTHS)


@pytest.fixture
def warnings(caplog, monkeypatch):
    """A function that returns the warnings so far."""
    monkeypatch.setattr(logging.getLogger("vaebin"), "propagate", True)
    with caplog.at_level(logging.WARNING, "vaebin"):
        yield lambda: list(caplog.messages)


def held(folder):
    return {
        p.name: (gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()).decode()
        for p in folder.iterdir()
    }


BIN_1 = "@a first read\nACGTN\n+\nIIII!\n@c  two  spaces\tand a tab\nAC\n+\n@+\n"
BIN_2 = "@b\nggcc\n+\n!!!!\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, {"bin_1.fastq.gz": BIN_1, "bin_2.fastq.gz": BIN_2}, id="default"),
        pytest.param({"gzip": False}, {"bin_1.fastq": BIN_1, "bin_2.fastq": BIN_2}, id="plain"),
        pytest.param({"bins": ("bin_2",)}, {"bin_2.fastq.gz": BIN_2}, id="one bin"),
        pytest.param({"min_bin_bases": 5}, {"bin_1.fastq.gz": BIN_1}, id="large bins"),
        pytest.param({"min_bin_bases": 100}, {}, id="no bin so large"),
        pytest.param(
            {"unbinned": True, "bins": ("bin_2",)},
            {"bin_2.fastq.gz": BIN_2, "unbinned.fastq.gz": "@d\nAAAAAAAAAA\n+\nIIIIIIIIII\n"},
            id="unbinned too",
        ),
        pytest.param(
            {"format": "fasta", "bins": ("bin_1",)},
            {"bin_1.fasta.gz": ">a first read\nACGTN\n>c  two  spaces\tand a tab\nAC\n"},
            id="as FASTA",
        ),
    ],
)
def test_files(tmp_path, reads, bins, options, expected):
    extraction.extract([reads], bins, tmp_path / "out", ExtractConfig(**options))
    assert held(tmp_path / "out") == expected


def test_all_that_was_in_the_reads_comes_out_in_order(tmp_path):
    records = list(sequences.read([READS]))
    numbers = {r.id: number % 7 for number, r in enumerate(records)}
    bins = write_bins(tmp_path / "bins.tsv", numbers, {r.id: len(r.sequence) for r in records})
    extraction.extract([READS], bins, tmp_path / "out", ExtractConfig(unbinned=True))
    for number in range(7):
        with dnaio.open(tmp_path / "out" / f"{bin_table.name(number)}.fastq.gz") as stream:
            found = [(r.name, r.sequence.encode(), r.qualities.encode()) for r in stream]
        assert found == [r[1:] for r in records if numbers[r.id] == number]


def test_several_files_of_fasta(tmp_path):
    (tmp_path / "1.fa").write_text(">a x\nAC\nGT\n")
    (tmp_path / "2.fa").write_text(">b\nGG\n")
    bins = write_bins(tmp_path / "bins.tsv", {"a": 1, "b": 1}, {"a": 4, "b": 2})
    extraction.extract([tmp_path / "1.fa", tmp_path / "2.fa"], bins, tmp_path / "out")
    assert held(tmp_path / "out") == {"bin_1.fasta.gz": ">a x\nACGT\n>b\nGG\n"}


def test_summary(tmp_path, reads, bins):
    path = tmp_path / "summary.tsv"
    extraction.extract([reads], bins, tmp_path / "out", ExtractConfig(unbinned=True), summary=path)
    assert path.read_text() == (
        "# vaebin-bin-sequences 1.0\n"
        "bin\tfile\tsequences\tbases\tn50\tlongest\tgc\tmean_probability\n"
        "bin_1\tbin_1.fastq.gz\t2\t7\t5\t5\t0.5000\t0.5000\n"
        "bin_2\tbin_2.fastq.gz\t1\t4\t4\t4\t1.0000\t0.5000\n"
        "unbinned\tunbinned.fastq.gz\t1\t10\t10\t10\t0.0000\t0.5000\n"
    )


def test_gc_of_nothing_but_n_is_empty(tmp_path):
    (tmp_path / "n.fa").write_text(">a\nNNNN\n")
    bins = write_bins(tmp_path / "bins.tsv", {"a": 1}, {"a": 4})
    extraction.extract([tmp_path / "n.fa"], bins, tmp_path / "out", summary=tmp_path / "s.tsv")
    (row,) = table.read(tmp_path / "s.tsv", extraction.FORMAT, 1, extraction.COLUMNS)
    assert row["gc"] == ""


@pytest.mark.parametrize(
    ("numbers", "lengths", "says"),
    [
        pytest.param({"a": 1, "c": 1, "d": 0}, {}, "does not hold 'b' of the sequences", id="a read that bins lack"),
        pytest.param(
            {**BINNED, "e": 1}, {"e": 3}, "holds 'e', which the sequences do not", id="a bin's read that is not there"
        ),
        pytest.param(BINNED, {"c": 3}, "'c' has 3 bases, but 2 in the sequences", id="another length"),
    ],
)
def test_what_does_not_belong_together_is_named_and_leaves_nothing(tmp_path, reads, numbers, lengths, says):
    bins = write_bins(tmp_path / "bins.tsv", numbers, {**LENGTHS, **lengths})
    with pytest.raises(MismatchError) as raised:
        extraction.extract([reads], bins, tmp_path / "out", summary=tmp_path / "s.tsv")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert held(tmp_path / "out") == {}
    assert not (tmp_path / "s.tsv").exists()


def test_reads_that_vectorize_left_out_may_be_passed_over(tmp_path, reads, warnings):
    bins = write_bins(tmp_path / "bins.tsv", {"a": 1, "c": 1}, LENGTHS)
    extraction.extract([reads], bins, tmp_path / "out", ExtractConfig(ignore_missing=True))
    assert held(tmp_path / "out") == {"bin_1.fastq.gz": BIN_1}
    assert warnings() == ["2 sequences are not in the bin table and were passed over"]


def test_refuses_a_read_twice(tmp_path, reads, bins):
    with pytest.raises(InputError, match="'a' stands twice in the sequences"):
        extraction.extract([reads, reads], bins, tmp_path / "out")


def test_refuses_fastq_without_qualities(tmp_path, bins):
    (tmp_path / "reads.fasta").write_text(">a\nACGTN\n")
    with pytest.raises(InputError, match="'a' has no qualities, which FASTQ needs; write FASTA with --format fasta"):
        extraction.extract([tmp_path / "reads.fasta"], bins, tmp_path / "out", ExtractConfig(format="fastq"))


def test_refuses_a_bin_that_is_not_there(tmp_path, reads, bins):
    with pytest.raises(InputError, match="there is no bin 'bin_3'; its bins are bin_1 to bin_2"):
        extraction.extract([reads], bins, tmp_path / "out", ExtractConfig(bins=("bin_1", "bin_3")))


def test_refuses_a_folder_that_is_a_file_or_has_no_parent(tmp_path, reads, bins):
    with pytest.raises(InputError, match="is a file; give the name of a folder"):
        extraction.extract([reads], bins, reads)
    with pytest.raises(InputError, match="does not exist; make it first"):
        extraction.extract([reads], bins, tmp_path / "no" / "out")


def test_no_sequence_and_no_bin_is_a_result(tmp_path, warnings):
    (tmp_path / "none.fasta").write_text("")
    bins = write_bins(tmp_path / "bins.tsv", {}, {})
    extraction.extract([tmp_path / "none.fasta"], bins, tmp_path / "out", summary=tmp_path / "s.tsv")
    assert held(tmp_path / "out") == {}
    assert list(table.read(tmp_path / "s.tsv", extraction.FORMAT, 1, extraction.COLUMNS)) == []
    assert warnings() == ["no bin to write"]


def test_a_folder_keeps_what_else_it_holds(tmp_path, reads, bins, warnings):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("bin_1.fastq.gz", "bin_9.fastq.gz", "notes.txt"):
        (out / name).write_bytes(gzip.compress(b"old") if name.endswith("gz") else b"mine")
    extraction.extract([reads], bins, out)
    found = held(out)
    assert found == {"bin_1.fastq.gz": BIN_1, "bin_2.fastq.gz": BIN_2, "bin_9.fastq.gz": "old", "notes.txt": "mine"}
    assert warnings() == [f"{out}: still holds bin_9.fastq.gz of an earlier run"]


def test_a_failed_run_leaves_older_files_as_they_were(tmp_path, reads, bins):
    extraction.extract([reads], bins, tmp_path / "out")
    before = held(tmp_path / "out")
    with pytest.raises(InputError):
        extraction.extract([reads, reads], bins, tmp_path / "out")
    assert held(tmp_path / "out") == before


def test_the_same_bytes_twice(tmp_path):
    records = list(sequences.read([READS]))
    numbers = {r.id: 1 + number % 3 for number, r in enumerate(records)}
    bins = write_bins(tmp_path / "bins.tsv", numbers, {r.id: len(r.sequence) for r in records})
    for folder in ("first", "second"):
        extraction.extract([READS], bins, tmp_path / folder)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_more_bins_than_files_may_be_open(tmp_path, monkeypatch):
    monkeypatch.setattr(fastx, "_BUFFERS", 1000)
    with fastx.Files(tmp_path / "out", gzip=True) as files:
        for turn in range(2):
            for number in range(3000):
                files.append(f"bin_{number}", b"%d,%d;" % (turn, number))
    found = held_gz(tmp_path / "out")
    assert len(found) == 3000
    assert all(found[f"bin_{number}"] == b"0,%d;1,%d;" % (number, number) for number in range(3000))


def held_gz(folder):
    return {p.name: gzip.decompress(p.read_bytes()) for p in folder.iterdir()}


@pytest.mark.parametrize("buffer", [1, 10, 1 << 20])
def test_the_content_does_not_depend_on_the_buffers(tmp_path, monkeypatch, buffer):
    monkeypatch.setattr(fastx, "_BUFFER", buffer)
    with fastx.Files(tmp_path, gzip=True) as files:
        for number in range(20):
            files.append("one", b"%d" % number)
            files.append("two", b"-")
    assert held_gz(tmp_path) == {"one": b"".join(b"%d" % n for n in range(20)), "two": b"-" * 20}


def test_records_round_trip():
    text = fastx.record("a é", b"ACGT", b"II+@") + fastx.record("b", b"", b"")
    assert text == "@a é\nACGT\n+\nII+@\n@b\n\n+\n\n".encode()
    with dnaio.open(io.BytesIO(fastx.record("x y", b"ACGT", None))) as stream:
        assert [(r.name, r.sequence) for r in stream] == [("x y", "ACGT")]


def test_command(tmp_path, reads, bins):
    command = [sys.executable, "-c", "from vaebin.cli.extract import main; main()"]
    options = ["--bins", bins, "-o", tmp_path / "out", "--no-gzip", "--unbinned", "--bin", "bin_1", "--bin", "bin_2"]
    done = subprocess.run([*command, "-", *options], capture_output=True, text=True, input=FASTQ)
    assert done.returncode == 0, done.stderr
    assert sorted(held(tmp_path / "out")) == ["bin_1.fastq", "bin_2.fastq", "unbinned.fastq"]
    wrong = subprocess.run([*command, reads, *options[:4], "--bin", "x"], capture_output=True, text=True)
    assert wrong.returncode == 1
    assert "there is no bin 'x'" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
