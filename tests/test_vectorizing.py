"""vectorize measures every sequence once, in order, whatever the split and the threads."""

import csv
import dataclasses
import gzip
import itertools
import logging
import operator
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import bam_files
from vaebin import identity, kmers, sketches, vectorizing
from vaebin.config import VectorizeConfig
from vaebin.errors import InputError, MismatchError
from vaebin.formats import features
from vaebin.formats.ids import Ids
from vaebin.sequences import read
from vaebin.vectorizing import vectorize

DATA = Path(__file__).parent / "data"
READS = DATA / "reads.fastq.gz"
DEFAULT = VectorizeConfig()


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(vectorizing, "_BLOCK_BASES", 50_000)


@pytest.fixture
def measure(tmp_path):
    def measured(text, config=DEFAULT, **more):
        (tmp_path / "in.fa").write_text(text)
        vectorize([tmp_path / "in.fa"], tmp_path / "out.npz", config, **more)
        return features.read(tmp_path / "out.npz")

    return measured


def script(name):
    return Path(sys.executable).parent / name


def same(a, b):
    assert a.spec == b.spec
    assert a.ids == b.ids
    pairs = [(a.lengths, b.lengths), (a.counts, b.counts), (a.parts, b.parts)]
    pairs += [(getattr(a.sketch, n), getattr(b.sketch, n)) for n in ("hashes", "places", "offsets")]
    assert all(np.array_equal(x, y) for x, y in pairs)


def joined(shards):
    """Several tables as one."""

    def column(*path):
        return np.concatenate([operator.attrgetter(".".join(path))(s) for s in shards])

    sizes = np.concatenate([np.diff(s.sketch.offsets) for s in shards])
    sketch = features.Sketch(column("sketch", "hashes"), column("sketch", "places"), np.cumsum([0, *sizes]))
    columns = {name: column(name) for name in ("lengths", "counts", "parts")}
    return dataclasses.replace(shards[0], ids=Ids.joined([s.ids for s in shards]), sketch=sketch, **columns)


def test_every_row_is_what_its_sequence_yields(tmp_path, small_blocks):
    vectorize([READS], tmp_path / "out.npz", DEFAULT)
    found = features.read(tmp_path / "out.npz")
    records = list(read([READS]))
    assert list(found.ids) == [r.id for r in records]
    assert found.lengths.tolist() == [len(r.sequence) for r in records]
    assert found.records == {"read": 640, "kept": 640, "too_short": 0, "no_kmers": 0}
    for row in (0, 1, 333, 639):
        bases = np.frombuffer(records[row].sequence, np.uint8)
        offsets = np.array([0, len(bases)])
        assert np.array_equal(found.counts[row], kmers.count(bases, offsets, 4)[0])
        assert np.array_equal(found.parts[row], kmers.scan(bases, offsets, 0, 0).parts[0])
        alone = sketches.sketch(bases, offsets, 19, 16)
        a, b = found.sketch.offsets[row : row + 2]
        assert np.array_equal(found.sketch.hashes[a:b], alone.hashes)
        assert np.array_equal(found.sketch.places[a:b], alone.places)


def test_the_spec_says_how(measure):
    assert measure(">a\nACGT\n", VectorizeConfig(k=3, min_length=2)).spec == {
        "k": 3, "part_k": 4, "parts": 8, "sketch_k": 19, "sketch_fraction": 16, "min_length": 2, "samples": [],
    }  # fmt: skip
    bare = measure(">a\nACGT\n", VectorizeConfig(sketch=False))
    assert (bare.spec["sketch_k"], bare.spec["sketch_fraction"], bare.sketch) == (None, None, None)


@pytest.mark.parametrize("k", [1, 3, 5, 8])
def test_parts_are_4mers_whatever_k(tmp_path, k, small_blocks):
    for name, length in (("k", k), ("four", 4)):
        vectorize([READS], tmp_path / name, VectorizeConfig(k=length, sketch=False), records=(0, 100))
    found, four = features.read(tmp_path / "k"), features.read(tmp_path / "four")
    assert found.counts.shape == (100, features.canonical_kmers(k))
    assert np.array_equal(found.parts, four.parts)
    assert (found.counts.sum(1, dtype=np.int64) == found.lengths - k + 1).all()


def test_the_same_bytes_again_and_for_any_threads(tmp_path, small_blocks):
    for name, threads in (("a", 1), ("b", 1), ("c", 2), ("d", 5)):
        vectorize([READS], tmp_path / name, DEFAULT, threads=threads)
    assert len({(tmp_path / name).read_bytes() for name in "abcd"}) == 1


def test_block_size_does_not_show(tmp_path, monkeypatch):
    vectorize([READS], tmp_path / "large", DEFAULT)
    monkeypatch.setattr(vectorizing, "_BLOCK_BASES", 10_000)
    vectorize([READS], tmp_path / "small", DEFAULT)
    assert (tmp_path / "large").read_bytes() == (tmp_path / "small").read_bytes()


@pytest.mark.parametrize("cuts", [[0, 100, 101, None], [0, 0, 640, None], [0, 639, 5000]], ids=str)
def test_shards_joined_equal_the_whole(tmp_path, cuts):
    vectorize([READS], tmp_path / "whole", DEFAULT)
    paths = []
    for number, bounds in enumerate(itertools.pairwise(cuts)):
        paths.append(tmp_path / f"shard{9 - number}")
        vectorize([READS], paths[-1], DEFAULT, records=bounds)
    whole, shards = features.read(tmp_path / "whole"), features.shards(*paths[::-1])
    same(whole, joined(shards))
    assert whole.records == {key: sum(s.records[key] for s in shards) for key in whole.records}


def test_all_shards_take_the_sketch_that_the_first_records_want(tmp_path, monkeypatch):
    monkeypatch.setattr(vectorizing, "SAMPLE_RECORDS", 10)
    seen = []
    monkeypatch.setattr(identity, "estimate", lambda records: seen.append(records) or identity.Estimate(0.88, "test"))
    for number, bounds in enumerate([(0, 5), (5, 30), (600, None)]):
        vectorize([READS], tmp_path / str(number), DEFAULT, records=bounds)
    assert [[r.id for r in s] for s in seen] == [[f"r{i:03}" for i in range(1, 11)]] * 3
    shards = features.shards(*(tmp_path / str(n) for n in range(3)))
    assert {(s.spec["sketch_k"], s.spec["sketch_fraction"]) for s in shards} == {(17, 8)}
    assert sum(map(len, shards)) == 70


@pytest.mark.parametrize(
    ("config", "expected"),
    [(VectorizeConfig(sketch_k=21), (21, 16)), (VectorizeConfig(sketch_fraction=5), (19, 5)),
     (VectorizeConfig(sketch_k=21, sketch_fraction=5), (21, 5))],
    ids=["k", "fraction", "both"],
)  # fmt: skip
def test_what_is_asked_for_stands(measure, config, expected):
    spec = measure(">a\nACGT\n", config).spec
    assert (spec["sketch_k"], spec["sketch_fraction"]) == expected


def test_the_sample_ends_with_enough_bases(monkeypatch):
    monkeypatch.setattr(vectorizing, "SAMPLE_BASES", 10_000)
    sample = vectorizing._sample(read([READS]))
    lengths = [len(r.sequence) for r in sample]
    assert sum(lengths[:-1]) < 10_000 <= sum(lengths)


@pytest.mark.parametrize(
    ("text", "ids", "lengths", "records"),
    [
        ("", [], [], (0, 0, 0, 0)),
        (">a\n", ["a"], [0], (1, 1, 0, 1)),
        (">a\nNNNNNNNN\n", ["a"], [8], (1, 1, 0, 1)),
        (">a\nACG\n>b\nACGT\n", ["a", "b"], [3, 4], (2, 2, 0, 1)),
        (">a\nacgu\n", ["a"], [4], (1, 1, 0, 0)),
    ],
    ids=["no records", "an empty sequence", "all N", "shorter than k", "one k-mer"],
)
def test_small_inputs_are_valid(measure, text, ids, lengths, records):
    found = measure(text)
    assert list(found.ids) == ids
    assert found.lengths.tolist() == lengths
    assert found.records == dict(zip(("read", "kept", "too_short", "no_kmers"), records, strict=True))
    assert found.counts.shape == (len(ids), 136)
    assert found.parts.shape == (len(ids), 8, 136)
    assert found.counts.sum() == records[1] - records[3]
    assert found.sketch.offsets.tolist() == [0] * (len(ids) + 1)


def test_short_sequences_are_dropped_and_counted(measure):
    found = measure(">a\nACGTA\n>b\nACGT\n>c\nACGTAC\n>d\n\n", VectorizeConfig(min_length=5))
    assert list(found.ids) == ["a", "c"]
    assert found.records == {"read": 4, "kept": 2, "too_short": 2, "no_kmers": 0}


class TestQuality:
    """`+` is a quality of 10, `5` of 20: together they make errors at a rate of 0.055, which is a quality of 12.6."""

    TEXT = "@a\nACGT\n+\n++++\n@b\nACGT\n+\n++55\n@c x\nACGT\n+\n5555\n@d\n\n+\n\n@e\nA\n+\n!\n"

    @pytest.mark.parametrize(
        ("least", "kept"),
        [(10, "a b c d"), (10.001, "b c d"), (12.59, "b c d"), (12.6, "c d"), (20, "c d"), (20.001, "d")],
    )
    def test_reads_of_a_lower_mean_quality_are_dropped_and_counted(self, measure, least, kept):
        found = measure(self.TEXT, VectorizeConfig(min_length=0, min_quality=least))
        assert " ".join(found.ids) == kept
        n = len(found)
        assert found.records == {"read": 5, "kept": n, "too_short": 0, "no_kmers": 1, "low_quality": 5 - n}
        assert found.spec["min_quality"] == least

    def test_what_is_too_short_is_counted_as_that_alone(self, measure):
        found = measure(self.TEXT, VectorizeConfig(min_length=2, min_quality=11))
        assert found.records == {"read": 5, "kept": 2, "too_short": 2, "no_kmers": 0, "low_quality": 1}

    def test_without_it_nothing_is_said_of_quality(self, measure):
        found = measure(self.TEXT)
        assert "min_quality" not in found.spec
        assert "low_quality" not in found.records

    def test_a_read_without_qualities_is_told(self, tmp_path, measure):
        with pytest.raises(
            InputError, match=r"^record 1 \('a'\) has no qualities, which --min-quality needs; leave the "
        ):
            measure(">a\nACGT\n", VectorizeConfig(min_quality=1))
        assert [p.name for p in tmp_path.iterdir()] == ["in.fa"]

    def test_shards_of_another_quality_do_not_go_together(self, tmp_path, measure):
        for name, least in (("all", 0), ("good", 12)):
            measure(self.TEXT, VectorizeConfig(min_quality=least))
            (tmp_path / "out.npz").rename(tmp_path / name)
        for pair in (("all", "good"), ("good", "all")):
            with pytest.raises(MismatchError, match="min_quality is "):
                features.shards(*(tmp_path / name for name in pair))

    def test_the_last_word_counts_them(self, measure, caplog):
        caplog.set_level(logging.INFO, "vaebin")
        measure(self.TEXT, VectorizeConfig(min_length=2, min_quality=11))
        assert caplog.messages[-1].startswith("2 sequences, 8 bases, 2 shorter ones and 1 of lower quality left out; ")


def test_counts_are_wide_where_a_sequence_needs_it(measure, small_blocks):
    found = measure(">a\nACGTA\n>b\n" + "A" * 600_000 + "\n>c\nACGTA\n")
    assert found.counts.dtype == found.parts.dtype == np.uint32
    assert found.counts[:, 0].tolist() == [0, 599_997, 0]
    assert found.parts[1, :, 0].tolist() == [74_997] + [75_000] * 7


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([">a\nA\n>b\nC\n>a\nG\n"], "records 1 and 3 share the id 'a'; ids must differ"),
        ([">a\nA\n", ">b\nC\n>a x\nG\n"], "records 1 and 3 share the id 'a'; ids must differ"),
    ],
    ids=["in one file", "in two"],
)
def test_ids_must_differ(tmp_path, files, message):
    paths = [tmp_path / str(number) for number in range(len(files))]
    for path, text in zip(paths, files, strict=True):
        path.write_text(text)
    with pytest.raises(InputError, match=f"^{message}$"):
        vectorize(paths, tmp_path / "out.npz", DEFAULT)


def test_record_numbers_of_a_range_are_those_of_the_input(measure):
    with pytest.raises(InputError, match="records 2 and 4 share the id 'b'"):
        measure(">a\nA\n>b\nC\n>c\nG\n>b\nT\n", records=(1, None))
    assert len(measure(">a\nA\n>b\nC\n>c\nG\n>b\nT\n", records=(2, None))) == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_a_failure_leaves_nothing(tmp_path, threads, small_blocks):
    (tmp_path / "in.gz").write_bytes(READS.read_bytes()[:300_000])
    with pytest.raises(InputError, match="the compressed data end early, after record "):
        vectorize([tmp_path / "in.gz"], tmp_path / "out", DEFAULT, threads=threads, export=tmp_path / "table")
    assert [p.name for p in tmp_path.iterdir()] == ["in.gz"]


class TestDepth:
    TEXT = ">c1 first\nACGTACGT\n>c2\nTTTTTTTT\n>c3\nCCCCCCCC\n"
    TABLE = "contigname\ta\tb\nc3\t3\t30\nc1\t1\t10\nc2\t2\t20\n"

    @pytest.fixture
    def table(self, tmp_path):
        path = tmp_path / "depth.tsv"
        path.write_text(self.TABLE)
        return path

    def test_is_a_column_a_sample_in_the_order_of_the_sequences_and_there_is_no_sketch(self, measure, table):
        measured = measure(self.TEXT, depth=table)
        assert measured.spec["samples"] == ["a", "b"]
        assert measured.depth.tolist() == [[1, 10], [2, 20], [3, 30]]
        assert measured.sketch is None

    def test_of_a_range_of_records(self, measure, table):
        assert measure(self.TEXT, depth=table, records=(1, 2)).depth.tolist() == [[2, 20]]

    def test_of_nothing(self, measure, table):
        assert measure("", depth=table).depth.shape == (0, 2)

    def test_a_missing_contig_is_named_and_no_file_is_left(self, tmp_path, measure, table):
        with pytest.raises(MismatchError, match="depth.tsv: no row for 'c4'"):
            measure(self.TEXT + ">c4\nACGT\n", depth=table)
        assert not [path for path in tmp_path.iterdir() if path.name.endswith(("npz", "part"))]


class TestDepthFromReads:
    CONTIGS = ">c1\n" + "ACGT" * 25 + "\n>c2\n" + "CCCG" * 10 + "\n"
    LENGTHS: ClassVar = {"c1": 100, "c2": 40}

    @pytest.fixture
    def files(self, tmp_path):
        reads = [("c1", 0, "50M", 0, 0), ("c1", 0, "50M", 0, 10), ("c2", 0, "40M", 0, 0)]
        gut = bam_files.write(tmp_path / "1.bam", self.LENGTHS, reads, samples=("gut",))
        return [gut, bam_files.write(tmp_path / "soil.bam", self.LENGTHS, reads[2:])]

    def test_is_a_column_a_file(self, measure, files):
        measured = measure(self.CONTIGS, bams=files)
        assert measured.spec["samples"] == ["gut", "soil"]
        assert measured.depth.tolist() == [[1, 0], [1, 1]]
        assert measured.sketch is None

    def test_of_alignments_that_are_like_enough(self, measure, files):
        assert measure(self.CONTIGS, VectorizeConfig(min_identity=0.9), bams=files).depth.tolist() == [[0.5, 0], [1, 1]]

    def test_of_contigs_that_are_kept_alone(self, measure, files):
        stranger = ">c3\nACGT\n"
        assert measure(stranger + self.CONTIGS, VectorizeConfig(min_length=50), bams=files).ids == Ids.of(["c1"])
        with pytest.raises(MismatchError, match="'c3' of the sequences is none of those"):
            measure(self.CONTIGS + stranger, bams=files)

    def test_threads_change_nothing(self, tmp_path, measure, files, monkeypatch):
        monkeypatch.setattr(vectorizing, "_BLOCK_BASES", 10)
        measure(self.CONTIGS, bams=files, threads=1)
        alone = (tmp_path / "out.npz").read_bytes()
        measure(self.CONTIGS, bams=files, threads=3)
        assert (tmp_path / "out.npz").read_bytes() == alone

    def test_not_beside_a_table(self, tmp_path, measure, files):
        with pytest.raises(InputError, match="from a table or from BAM files, not from both"):
            measure(self.CONTIGS, depth=tmp_path / "depth.tsv", bams=files)


class TestExport:
    @pytest.mark.parametrize("kind", ["csv", "tsv"])
    def test_bare_it_is_what_kmertools_writes(self, tmp_path, kind):
        (tmp_path / "in.fa").write_bytes(gzip.decompress((DATA / "reads.fasta.gz").read_bytes()))
        command = [script("kmertools"), "comp", "oligo", "-i", "in.fa", "-o", "theirs", "-k", "4", "-p", kind]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        options = {"export": tmp_path / "ours", "export_format": kind, "bare": True}
        vectorize([tmp_path / "in.fa"], tmp_path / "out", VectorizeConfig(sketch=False), **options)
        assert (tmp_path / "ours").read_text() == (tmp_path / "theirs").read_text()

    @pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("tsv", "\t")])
    def test_header_and_ids(self, measure, tmp_path, kind, delimiter):
        text = '>a,"b" x\nACAC\n>c\nNN\n'
        measure(text, VectorizeConfig(k=2), export=tmp_path / "table", export_format=kind)
        with open(tmp_path / "table", newline="") as stream:
            header, *rows = csv.reader(stream, delimiter=delimiter)
        assert header == ["sequence_id", *kmers.names(2)]
        assert rows == [
            ['a,"b"', "0.000000", "0.666667", "0.000000", "0.000000", "0.333333", *["0.000000"] * 5],
            ["c", *["0.000000"] * 10],
        ]


def test_the_last_word_sums_up(measure, caplog):
    caplog.set_level(logging.INFO, "vaebin")
    measure(">a\nACGTA\n>b\nA\n", VectorizeConfig(min_length=2))
    assert caplog.messages[-1].startswith(
        "1 sequences, 5 bases, 1 shorter ones left out; 4-mers; "
        "sketch of 1/16 of the 19-mers (identity 0.930, assumed); "
    )


class TestCommand:
    def call(self, *arguments, **more):
        return subprocess.run(
            [script("vaebin-vectorize"), *arguments], capture_output=True, check=False, timeout=120, **more
        )

    def test_standard_input_and_every_option(self, tmp_path):
        options = (
            "--k 3 --min-length 2000 --min-quality 3 --sketch-k 21 --sketch-fraction 8 --records 10:60 --threads 2"
        )
        out = ["-o", tmp_path / "out", "--export", tmp_path / "table", "--export-format", "csv", "--bare"]
        done = self.call("-", *out, *options.split(), input=READS.read_bytes())
        assert done.returncode == 0
        config = VectorizeConfig(3, 2000, 3.0, True, 21, 8)
        vectorize([READS], tmp_path / "expected", config, records=(10, 60))
        assert (tmp_path / "out").read_bytes() == (tmp_path / "expected").read_bytes()
        found = features.read(tmp_path / "out")
        assert found.first_record == 10
        assert len((tmp_path / "table").read_text().splitlines()) == len(found)

    def test_reads_mapped_to_the_contigs(self, tmp_path):
        files = [bam_files.write(tmp_path / name, {"c": 40}, [("c", 0, "40M", 0, 4)]) for name in ("a.bam", "b.bam")]
        (tmp_path / "in").write_text(">c\n" + "ACGT" * 10 + "\n")
        bams = ["--bam", files[0], "--bam", files[1]]
        for least, expected in (("0.9", 1), ("0.91", 0)):
            assert not self.call(tmp_path / "in", "-o", tmp_path / "out", *bams, "--min-identity", least).returncode
            assert features.read(tmp_path / "out").depth.tolist() == [[expected] * 2]

    def test_a_preset_and_what_overrules_it(self, tmp_path):
        self.call(READS, "-o", tmp_path / "a", "--preset", "article", "--quiet")
        self.call(READS, "-o", tmp_path / "b", "--preset", "article", "--sketch")
        assert features.read(tmp_path / "a").sketch is None
        assert features.read(tmp_path / "b").sketch is not None

    def test_bad_data_is_one_line(self, tmp_path):
        done = self.call(tmp_path / "none", "-o", tmp_path / "out")
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr == f"vaebin-vectorize: error: {tmp_path}/none: no such file\n".encode()

    @pytest.mark.parametrize(
        "options",
        [["--records", "5"], ["--records", "5:x"], ["--records=-1:5"], ["--records", "5:4"], ["--k", "9"], ["--k", "0"],
         ["--sketch-k", "32"], ["--sketch-fraction", "0"], ["--min-length=-1"], ["--min-quality=-1"],
         ["--export-format", "xls"], ["--min-identity", "0.9"], ["--bam", "a.bam", "--min-identity", "90"],
         ["--bam", "a.bam", "--depth", "a.tsv"]],
        ids=" ".join,
    )  # fmt: skip
    def test_bad_usage(self, tmp_path, options):
        done = self.call(READS, "-o", tmp_path / "out", *options)
        assert done.returncode == 2
        assert list(tmp_path.iterdir()) == []
