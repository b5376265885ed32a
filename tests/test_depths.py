"""Tables of depth: three layouts in, one array out, and one line for whatever is wrong."""

import gzip

import numpy as np
import pytest

from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.formats import depths

METABAT = "contigName\tcontigLen\ttotalAvgDepth\ta.bam\ta.bam-var\tb.bam\tb.bam-var\n"
LAYOUTS = {
    "MetaBAT": METABAT + "c2\t500\t7\t3\t0.1\t4\t0.2\nc1\t900\t1.5\t1\t0\t0.5\t9\n",
    "VAMB": "contigname\ta.bam\tb.bam\nc2\t3\t4\nc1\t1\t0.5\n",
    "CoverM": "Contig\ta.bam Mean\tb.bam Mean\nc2\t3\t4\nc1\t1\t0.5\n",
    "CoverM, more methods": "Contig\ta.bam Mean\ta.bam Variance\tb.bam Mean\nc2\t3\t1\t4\nc1\t1\t1\t.5\n",
    "CoverM, two means": "Contig\ta.bam Trimmed Mean\ta.bam Mean\tb.bam Mean\nc2\t9\t3\t4\nc1\t9\t1\t.5\n",
    "CoverM, trimmed means": "Contig\ta.bam Trimmed Mean\tb.bam Trimmed Mean\nc2\t3\t4\nc1\t1\t.5\n",
}  # fmt: skip


def table(tmp_path, text):
    path = tmp_path / "depth.tsv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
class TestLayouts:
    def test_depths_come_in_the_order_asked_for(self, tmp_path, text):
        read = depths.read(table(tmp_path, text))
        assert read.samples == ["a.bam", "b.bam"]
        assert read.of(["c1", "c2"]).tolist() == [[1, 0.5], [3, 4]]
        assert read.of([]).shape == (0, 2)
        assert read.values.dtype == np.float32

    def test_in_gzip_and_with_windows_line_ends(self, tmp_path, text):
        path = tmp_path / "depth"
        path.write_bytes(gzip.compress(text.replace("\n", "\r\n").encode()))
        assert depths.read(path).of(["c2"]).tolist() == [[3, 4]]


WRONG = {
    "another table": ("id\tdepth\n", FormatError, "line 1 begins with 'id'"),
    "nothing": ("", FormatError, "line 1 begins with ''"),
    "no sample": ("contigname\nc1\n", FormatError, "line 1 names no column of mean depths"),
    "no mean": ("Contig\ta.bam RPKM\nc1\t1\n", FormatError, "line 1 names no column of mean depths"),
    "a sample twice": ("contigname\ta\ta\nc1\t1\t1\n", InputError, "line 1: two columns are named 'a'"),
    "a negative": ("contigname\ta\nc1\t1\nc2\t-1\n", FormatError, "line 3, column a: '-1' is not a depth"),
    "not a number": ("contigname\ta\nc1\tnan\n", FormatError, "line 2, column a: 'nan' is not a depth"),
    "infinite": ("contigname\ta\nc1\tinf\n", FormatError, "line 2, column a: 'inf' is not a depth"),
    "text": ("contigname\ta\nc1\thigh\n", FormatError, "line 2, column a: 'high' is not a depth"),
    "a column less": ("contigname\ta\tb\nc1\t1\n", FormatError, "line 2: 2 columns, expected 3"),
    "a column more": ("contigname\ta\nc1\t1\t1\n", FormatError, "line 2: 3 columns, expected 2"),
    "a contig twice": ("contigname\ta\nc1\t1\nc2\t1\nc1\t2\n", InputError, "lines 2 and 4: both for 'c1'"),
}


@pytest.mark.parametrize(("text", "error", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_one_line_with_the_file(tmp_path, text, error, said):
    path = table(tmp_path, text)
    with pytest.raises(error) as raised:
        depths.read(path)
    assert str(raised.value).startswith(f"{path}: {said}")
    assert "\n" not in str(raised.value)


def test_the_first_contig_without_a_row_is_named(tmp_path):
    path = table(tmp_path, LAYOUTS["VAMB"])
    with pytest.raises(MismatchError, match=f"^{path}: no row for 'c7' of the sequences"):
        depths.read(path).of(["c1", "c7", "c8"])
