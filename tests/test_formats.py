"""The files between stages: what goes in comes out, the same bytes every time, and other files are told apart."""

import hashlib
import json
import os
import re
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from vaebin import provenance
from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.formats import (
    bins,
    checkpoint,
    container,
    coordinates,
    features,
    guards,
    history,
    latent,
    model,
    overlaps,
    record,
    scores,
    summary,
    table,
)
from vaebin.formats.atomic import writing_bytes, writing_text
from vaebin.formats.ids import Ids, require_same

IDS = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1), unique=True)


def header(**more):
    return provenance.header("test", (1, 2), {"k": 4}, **more)


class TestAtomicWriting:
    def test_nothing_is_there_before_the_end(self, tmp_path):
        with writing_text(tmp_path / "x") as stream:
            stream.write("half")
            assert not (tmp_path / "x").exists()
        assert (tmp_path / "x").read_text() == "half"

    def test_a_failure_keeps_the_old_file_and_leaves_no_other(self, tmp_path):
        (tmp_path / "x").write_text("old")
        with pytest.raises(TypeError), writing_text(tmp_path / "x") as stream:
            stream.writelines(["new", None])
        assert [p.name for p in tmp_path.iterdir()] == ["x"]
        assert (tmp_path / "x").read_text() == "old"

    @pytest.mark.parametrize("mask", [0o022, 0o077, 0o002], ids=oct)
    def test_the_mode_follows_the_umask(self, tmp_path, mask):
        before = os.umask(mask)
        try:
            with writing_bytes(tmp_path / "x"):
                pass
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o666 & ~mask

    def test_a_link_is_written_through(self, tmp_path):
        (tmp_path / "link").symlink_to(tmp_path / "target")
        with writing_text(tmp_path / "link") as stream:
            stream.write("text")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_text() == "text"

    def test_lines_end_the_unix_way(self, tmp_path):
        with writing_text(tmp_path / "x") as stream:
            stream.write("a\nb\n")
        assert (tmp_path / "x").read_bytes() == b"a\nb\n"

    @pytest.mark.parametrize(
        ("path", "message"),
        [("", "is a directory; give the name of a file"), ("no/x", "the folder .*no does not exist; make it first")],
        ids=["directory", "no folder"],
    )
    def test_impossible_targets_are_refused(self, tmp_path, path, message):
        with pytest.raises(InputError, match=message), writing_text(tmp_path / path):
            pass


class TestContainer:
    @given(
        matrix=arrays_of.arrays(
            st.sampled_from([np.uint8, np.uint16, np.int64, np.float32, np.float64]),
            arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
        )
    )
    def test_arrays_come_back(self, tmp_path_factory, matrix):
        path = tmp_path_factory.mktemp("container") / "x"
        container.write(path, header(note="ü"), {"matrix": matrix})
        found = container.read(path, "test", 1)
        assert found.header == header(note="ü")
        assert found.arrays["matrix"].dtype == matrix.dtype
        assert np.array_equal(found.arrays["matrix"], matrix, equal_nan=matrix.dtype.kind == "f")

    def test_numpy_reads_it_too(self, tmp_path):
        container.write(tmp_path / "x.npz", header(), {"a": np.arange(3)})
        with np.load(tmp_path / "x.npz") as plain:
            assert plain["a"].tolist() == [0, 1, 2]
            assert json.loads(bytes(plain["header"])) == header()

    def test_equal_content_gives_equal_bytes(self, tmp_path):
        for name in "ab":
            container.write(tmp_path / name, header(), {"a": np.arange(5), "b": np.eye(2)})
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_members_are_mapped_not_read(self, tmp_path):
        container.write(tmp_path / "x", header(), {"a": np.arange(1000)})
        mapped = container.read(tmp_path / "x", "test", 1).arrays["a"]
        assert isinstance(mapped, np.memmap)
        assert not mapped.flags.writeable

    def test_a_spool_is_written_as_one_array(self, tmp_path):
        with open(tmp_path / "spool", "w+b") as stream:
            spool = container.Spool(stream, np.uint16, (2,))
            spool.append(np.array([[1, 2]]))
            spool.append(np.array([[3, 4], [5, 6]]))
            with pytest.raises(ValueError, match="rows of shape"):
                spool.append(np.array([[1, 2, 3]]))
            container.write(tmp_path / "x", header(), {"a": spool})
            assert (tmp_path / "spool").stat().st_size == 0  # so that the disk holds no column twice
        found = container.read(tmp_path / "x", "test", 1).arrays["a"]
        assert found.dtype == np.uint16
        assert found.tolist() == [[1, 2], [3, 4], [5, 6]]

    @pytest.mark.parametrize("version", [(1, 0), (1, 2), (1, 99)], ids=str)
    def test_any_minor_version_is_read(self, tmp_path, version):
        container.write(tmp_path / "x", provenance.header("test", version, {}), {})
        assert container.read(tmp_path / "x", "test", 1).arrays == {}

    def _garbage(self, path):
        path.write_bytes(b"PK\x03\x04 and then nothing")

    def _truncated(self, path):
        container.write(path, header(), {"a": np.arange(1000)})
        path.write_bytes(path.read_bytes()[:-100])

    def _no_header(self, path):
        np.savez(path, a=np.arange(3))

    def _compressed(self, path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("header.npy", b"x" * 100)

    def _pickled(self, path):
        with open(path, "wb") as stream:
            np.savez(stream, header=np.array([{"format": "test", "version": [1, 0]}], object))

    def _empty(self, path):
        path.write_bytes(b"")

    def _overlong(self, path):
        """A member whose own header promises more rows than the file holds."""
        container.write(path, header(), {"a": np.arange(300)})
        path.write_bytes(path.read_bytes().replace(b"(300,)", b"(900,)"))

    @pytest.mark.parametrize(
        "make", ["_garbage", "_truncated", "_no_header", "_compressed", "_pickled", "_empty", "_overlong"]
    )
    def test_other_files_are_refused(self, tmp_path, make):
        path = tmp_path / "x.npz"
        getattr(self, make)(path)
        with pytest.raises(FormatError, match="x.npz: not a test file, or cut short; make it again"):
            container.read(path, "test", 1)

    @pytest.mark.parametrize(
        ("name", "version", "message"),
        [
            ("other", (1, 0), "a other file; expected test"),
            ("test", (2, 3), "test version 2.3, written by vaebin .*; this vaebin reads version 1.x"),
            ("test", (0, 9), "test version 0.9"),
        ],
        ids=["another format", "a newer major", "an older major"],
    )
    def test_unknown_formats_and_majors_are_refused(self, tmp_path, name, version, message):
        container.write(tmp_path / "x", provenance.header(name, version, {}), {})
        with pytest.raises(FormatError, match=message):
            container.read(tmp_path / "x", "test", 1)

    def test_missing_files_and_directories_are_the_users_error(self, tmp_path):
        with pytest.raises(InputError, match="no such file"):
            container.read(tmp_path / "x", "test", 1)
        with pytest.raises(InputError, match="is a directory; expected a test file"):
            container.read(tmp_path, "test", 1)


class TestProvenance:
    def test_a_header_says_what_wrote_it(self):
        assert header(digest="d") == {
            "format": "test", "version": [1, 2], "writer": f"vaebin {provenance.__version__}",
            "parameters": {"k": 4}, "digest": "d",
        }  # fmt: skip

    @given(st.lists(st.tuples(st.text(min_size=1), st.integers(0, 10**9))), st.integers(0, 10))
    def test_the_digest_does_not_depend_on_the_split(self, records, cut):
        names, lengths = [r[0] for r in records], [r[1] for r in records]
        split = provenance.SequenceDigest()
        split.update(names[:cut], lengths[:cut])
        split.update(names[cut:], lengths[cut:])
        assert split.hexdigest() == provenance.digest(names, lengths)

    def test_the_digest_depends_on_order(self):
        assert provenance.digest("ab", [1, 1]) != provenance.digest("ba", [1, 1])

    @pytest.mark.parametrize("n", range(6))
    def test_the_digest_is_of_all_lines_however_many_are_hashed_at_once(self, monkeypatch, n):
        monkeypatch.setattr("vaebin.provenance._LINES", 2)
        lines = [("a", 5), ("bb", 70), ("c", 0), ("d", 1), ("e", 2)][:n]
        expected = hashlib.sha256("".join(f"{name}\t{length}\n" for name, length in lines).encode()).hexdigest()
        assert provenance.digest([name for name, _ in lines], [length for _, length in lines]) == expected


class TestTable:
    def write(self, path, rows):
        table.write(path, "test", (1, 0), ("a", "b"), rows)

    def read(self, path):
        return list(table.read(path, "test", 1, ("a", "b")))

    def test_its_bytes(self, tmp_path):
        self.write(tmp_path / "x", [("ü", 1), (None, "0.5000")])
        assert (tmp_path / "x").read_text("utf-8") == "# test 1.0\na\tb\nü\t1\n\t0.5000\n"

    @given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)] * 2)))
    def test_rows_come_back(self, tmp_path_factory, rows):
        path = tmp_path_factory.mktemp("table") / "x"
        self.write(path, rows)
        assert self.read(path) == [{"a": a, "b": b} for a, b in rows]

    def test_more_columns_are_welcome(self, tmp_path):
        (tmp_path / "x").write_text("# test 1.7\nb\tc\ta\n1\t2\t3\n")
        assert self.read(tmp_path / "x") == [{"b": "1", "c": "2", "a": "3"}]

    @pytest.mark.parametrize("cell", ["a\tb", "a\nb"], ids=["tab", "line end"])
    def test_a_cell_that_would_break_the_table_is_refused(self, tmp_path, cell):
        with pytest.raises(InputError, match="holds a tab or a line end"):
            self.write(tmp_path / "x", [(cell, 1)])
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "line 1 is not '# test VERSION'"),
            (b"a\tb\n1\t2\n", "line 1 is not '# test VERSION'"),
            (b"# other 1.0\na\tb\n", "line 1 is not '# test VERSION'"),
            (b"# test 2.0\na\tb\n", "test version 2.0; this vaebin reads version 1.x"),
            (b"# test 1.0\n", "line 2 has no column 'a'; it has none"),
            (b"# test 1.0\na\tc\n", "line 2 has no column 'b'; it has a, c"),
            (b"# test 1.0\na\tb\n1\t2\n3\n", "line 4: 1 cells, expected 2"),
            (b"# test 1.0\na\tb\n\xff\t1\n", "not text; expected a test table"),
        ],
        ids=["empty", "no first line", "other", "major", "no header", "no column", "short row", "not UTF-8"],
    )
    def test_other_files_are_refused(self, tmp_path, content, message):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(FormatError, match=message):
            self.read(tmp_path / "x")


class TestIds:
    @given(IDS)
    def test_they_come_back(self, names):
        ids = Ids.of(names)
        assert list(ids) == names
        assert [ids[i] for i in range(len(ids))] == names
        assert ids[1:] == names[1:]
        assert ids == Ids.of(names)

    @pytest.mark.parametrize("n", range(6))
    def test_they_come_back_block_by_block(self, monkeypatch, n):
        monkeypatch.setattr("vaebin.formats.ids._BLOCK", 2)
        names = ["a", "bb", "é", "read 4", "e"][:n]
        assert list(Ids.of(names)) == names

    @given(IDS, IDS)
    def test_joined(self, first, second):
        assert list(Ids.joined([Ids.of(first), Ids.of(second)])) == first + second

    def test_negative_and_outside_indices(self):
        ids = Ids.of(["a", "b"])
        assert ids[-1] == "b"
        with pytest.raises(IndexError):
            ids[2]

    @pytest.mark.parametrize(
        ("first", "second", "message"),
        [
            (["a", "b"], ["a", "c"], "two: record 2 is 'c', but one has 'b' there"),
            (["a", "b"], ["a"], "two: 1 records, but one has 2"),
            ([], ["a"], "two: 1 records, but one has 0"),
        ],
        ids=["differ", "fewer", "none"],
    )
    def test_the_first_difference_is_named(self, first, second, message):
        with pytest.raises(MismatchError, match=message):
            require_same(Ids.of(first), "one", Ids.of(second), "two")

    def test_the_same_ids_pass(self):
        require_same(Ids.of(["a"]), "one", Ids.of(["a"]), "two")


SPEC = {"k": 4, "part_k": 4, "parts": 8, "sketch_k": 15, "sketch_fraction": 8, "min_length": 0, "samples": []}
RECORDS = {"read": 2, "kept": 2}


def block(names, *, wide=False, sketch=True, samples=0):
    n = len(names)
    kept = features.Sketch(
        np.arange(2 * n, dtype=np.uint64), np.arange(2 * n, dtype=np.uint32), np.arange(0, 2 * n + 1, 2)
    )
    return features.Block(
        names,
        np.arange(100, 100 + n),
        np.full((n, 136), 70_000 if wide else 7, np.uint32 if wide else np.uint16),
        np.full((n, 8, 136), 1, np.uint16),
        kept if sketch else None,
        np.full((n, samples), 2.5, np.float32) if samples else None,
    )


def write_features(path, *blocks, first_record=0, **spec):
    with features.Writer(path, {**SPEC, **spec}, first_record) as writer:
        for b in blocks:
            writer.append(b)
        writer.finish({"read": sum(len(b.ids) for b in blocks), "kept": sum(len(b.ids) for b in blocks)})
    return path


class TestFeatures:
    def test_blocks_come_back_as_one_table(self, tmp_path):
        found = features.read(write_features(tmp_path / "x", block(["a", "b"]), block(["c"])))
        assert list(found.ids) == ["a", "b", "c"]
        assert found.lengths.tolist() == [100, 101, 100]
        assert found.counts.shape == (3, 136)
        assert found.parts.shape == (3, 8, 136)
        assert found.sketch.offsets.tolist() == [0, 2, 4, 6]
        assert found.sketch.hashes.tolist() == [0, 1, 2, 3, 0, 1]
        assert found.depth is None
        assert found.records == {"read": 3, "kept": 3}

    @pytest.mark.parametrize(("more", "version"), [({}, [1, 0]), ({"min_quality": 10.0}, [1, 1])], ids=["all", "good"])
    def test_a_file_that_1_0_can_tell_of_says_so(self, tmp_path, more, version):
        path = write_features(tmp_path / "x", block(["a"]), **more)
        assert container.read(path, features.FORMAT, 1).header["version"] == version
        assert features.read(path).spec == {**SPEC, **more}

    def test_no_sequences_make_a_valid_file(self, tmp_path):
        found = features.read(write_features(tmp_path / "x"))
        assert len(found) == 0
        assert found.counts.shape == (0, 136)
        assert found.sketch.offsets.tolist() == [0]

    def test_the_split_into_blocks_does_not_show(self, tmp_path):
        whole = write_features(tmp_path / "whole", block(["a", "b", "c"], sketch=False), sketch_k=None)
        rows = block(["a", "b", "c"], sketch=False)
        parts = [
            features.Block(rows.ids[s], rows.lengths[s], rows.counts[s], rows.parts[s])
            for s in (slice(0, 1), slice(1, 3))
        ]
        split = write_features(tmp_path / "split", *parts, sketch_k=None)
        assert whole.read_bytes() == split.read_bytes()

    def test_counts_beyond_sixteen_bits_widen_the_column(self, tmp_path):
        found = features.read(write_features(tmp_path / "x", block(["a"]), block(["b"], wide=True), block(["c"])))
        assert found.counts.dtype == np.uint32
        assert found.counts[:, 0].tolist() == [7, 70_000, 7]

    def test_a_column_takes_one_temporary_file_a_type(self, tmp_path):
        with features.Writer(tmp_path / "x", SPEC) as writer:
            for number in range(6):
                writer.append(block([str(number)], wide=number % 2 == 1))
            assert {name: len(spools) for name, spools in writer._columns.items() if len(spools) > 2} == {}

    def test_depth_and_no_sketch(self, tmp_path):
        path = write_features(
            tmp_path / "x", block(["a"], sketch=False, samples=2), sketch_k=None, samples=["s1", "s2"]
        )
        found = features.read(path)
        assert found.depth.tolist() == [[2.5, 2.5]]
        assert found.sketch is None

    def test_shards_are_ordered_by_record_not_by_name(self, tmp_path):
        second = write_features(tmp_path / "1", block(["c"]), first_record=2)
        first = write_features(tmp_path / "2", block(["a", "b"]))
        assert [list(shard.ids) for shard in features.shards(second, first)] == [["a", "b"], ["c"]]

    def test_mixed_specs_are_refused(self, tmp_path):
        first = write_features(tmp_path / "first", block(["a"]))
        second = write_features(tmp_path / "second", block(["b"]), first_record=1, sketch_k=17)
        with pytest.raises(MismatchError, match="second: sketch_k is 17, but .*first has 15; run vectorize with"):
            features.shards(first, second)

    def test_an_id_in_two_files_is_refused(self, tmp_path):
        first = write_features(tmp_path / "first", block(["a"]))
        second = write_features(tmp_path / "second", block(["a"]), first_record=1)
        with pytest.raises(InputError, match="second: id 'a' is also in .*first"):
            features.shards(first, second)

    def test_nothing_is_left_when_writing_is_broken_off(self, tmp_path):
        with features.Writer(tmp_path / "x", SPEC) as writer:
            writer.append(block(["a"]))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(("k", "expected"), [(1, 2), (2, 10), (3, 32), (4, 136), (5, 512), (8, 32896)])
    def test_canonical_kmers(self, k, expected):
        assert features.canonical_kmers(k) == expected


def a_latent(names, model="m", first_record=0, logvar=True):
    n = len(names)
    return latent.Latent(
        Ids.of(names), np.arange(1, n + 1), np.arange(2 * n, dtype=np.float32).reshape(n, 2),
        np.zeros((n, 2), np.float32) if logvar else None, np.eye(2), model, first_record,
    )  # fmt: skip


class TestLatent:
    @pytest.mark.parametrize("logvar", [True, False])
    @pytest.mark.parametrize("names", [[], ["a"], ["a", "b"]], ids=len)
    def test_it_comes_back(self, tmp_path, names, logvar):
        written = a_latent(names, logvar=logvar)
        latent.write(tmp_path / "x", written, {"block": 1024})
        found = latent.read(tmp_path / "x")
        assert found.ids == written.ids
        assert np.array_equal(found.means, written.means)
        assert (found.logvar is not None) == logvar
        assert np.array_equal(found.noise, np.eye(2))
        assert found.model == "m"

    def test_shards_are_ordered_by_record(self, tmp_path):
        latent.write(tmp_path / "1", a_latent(["c"], first_record=2), {})
        latent.write(tmp_path / "2", a_latent(["a", "b"]), {})
        found = latent.read(tmp_path / "1", tmp_path / "2")
        assert list(found.ids) == ["a", "b", "c"]
        assert found.means.shape == (3, 2)

    def test_a_file_that_lacks_a_member_is_refused(self, tmp_path):
        container.write(tmp_path / "x", provenance.header("vaebin-latent", (1, 0), {}), {"ids": np.zeros(1, np.uint8)})
        with pytest.raises(FormatError, match="x: a vaebin-latent file that lacks id_offsets; make it again"):
            latent.read(tmp_path / "x")

    def test_shards_of_two_models_are_refused(self, tmp_path):
        latent.write(tmp_path / "1", a_latent(["a"]), {})
        latent.write(tmp_path / "2", a_latent(["b"], model="n", first_record=1), {})
        with pytest.raises(MismatchError, match="2: made with another model than .*1; embed both with the same model"):
            latent.read(tmp_path / "1", tmp_path / "2")

    def test_an_id_in_two_files_is_refused(self, tmp_path):
        latent.write(tmp_path / "1", a_latent(["a"]), {})
        latent.write(tmp_path / "2", a_latent(["a"], first_record=1), {})
        with pytest.raises(InputError, match="2: id 'a' is also in .*1; ids must differ between files"):
            latent.read(tmp_path / "1", tmp_path / "2")

    def test_a_features_file_is_not_a_latent_file(self, tmp_path):
        with pytest.raises(FormatError, match="a vaebin-features file; expected vaebin-latent"):
            latent.read(write_features(tmp_path / "x", block(["a"])))


SOME_BINS = bins.Bins(
    ["a", "b", "c", "d"],
    np.array([10, 20, 30, 40]),
    np.array([1, 2, 0, 1]),
    np.array([0.99, 0.41, 0.0, 1.0]),
    np.array([0, 1, 2, 3]),
)


class TestBins:
    def test_its_bytes(self, tmp_path):
        bins.write(tmp_path / "x", SOME_BINS)
        assert (tmp_path / "x").read_text() == (
            "# vaebin-bins 1.0\n"
            "sequence_id\tbin\tprobability\tlength\tbest_bin\treason\n"
            "a\tbin_1\t0.9900\t10\tbin_1\tassigned\n"
            "b\tunbinned\t0.4100\t20\tbin_2\tunsure\n"
            "c\tunbinned\t0.0000\t30\tunbinned\tjunk\n"
            "d\tunbinned\t1.0000\t40\tbin_1\tchimera\n"
        )

    def test_it_comes_back(self, tmp_path):
        bins.write(tmp_path / "x", SOME_BINS)
        found = bins.read(tmp_path / "x")
        assert found.ids == SOME_BINS.ids
        assert found.assigned.tolist() == [1, 0, 0, 0]
        for column in ("lengths", "best", "probability", "reason"):
            assert getattr(found, column).tolist() == getattr(SOME_BINS, column).tolist()

    def test_an_empty_table_comes_back(self, tmp_path):
        nothing = bins.Bins([], *[np.empty(0, t) for t in (np.int64, np.int64, np.float64, np.int64)])
        bins.write(tmp_path / "x", nothing)
        assert len(bins.read(tmp_path / "x").ids) == 0

    def test_the_biobox_holds_assigned_sequences_only(self, tmp_path):
        bins.write_biobox(tmp_path / "x", zip(SOME_BINS.ids, SOME_BINS.assigned.tolist(), strict=True), sample="s")
        assert (tmp_path / "x").read_text() == "@Version:0.10.0\n@SampleID:s\n@@SEQUENCEID\tBINID\na\tbin_1\n"

    @pytest.mark.parametrize(
        "row",
        ["a\tbin_1\t0.9\tlong\tbin_1\tassigned", "a\tbin_x\t0.9\t1\tbin_x\tassigned", "a\tbin_1\t0.9\t1\tbin_1\tlost"],
        ids=["length", "bin", "reason"],
    )
    def test_a_cell_that_cannot_be_is_refused(self, tmp_path, row):
        (tmp_path / "x").write_text("# vaebin-bins 1.0\n" + "\t".join(bins.COLUMNS) + "\n" + row + "\n")
        with pytest.raises(FormatError, match="line 3"):
            bins.read(tmp_path / "x")


SPECIFICATION = (Path(features.__file__).parent / "README.md").read_text(encoding="utf-8")
MODULES = [bins, checkpoint, coordinates, features, guards, history, latent, model, overlaps, record, scores, summary]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_the_specification_names_each_format_at_its_version(module):
    assert re.search(rf"`{module.FORMAT}`.* {module.VERSION[0]}\.{module.VERSION[1]}\b", SPECIFICATION)


def test_the_specification_names_each_column_and_member(tmp_path):
    columns = [*bins.COLUMNS, *history.COLUMNS, *summary.COLUMNS, *guards.Guard._fields, *coordinates.COLUMNS]
    members = container.read(write_features(tmp_path / "x", block(["a"])), features.FORMAT, 1).arrays
    latent.write(tmp_path / "y", a_latent(["a"]), {})
    members |= container.read(tmp_path / "y", latent.FORMAT, 1).arrays
    assert [name for name in [*columns, *members] if f"`{name}`" not in SPECIFICATION] == []
