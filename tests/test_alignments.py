"""Depth from BAM files: by hand, as samtools counts it, and one line for whatever is wrong."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pysam
import pytest

from bam_files import write
from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.formats.alignments import Alignments

FORWARD, REVERSE, UNMAPPED, SECONDARY, FAILED, DUPLICATE, SUPPLEMENTARY = 0, 0x10, 0x4, 0x100, 0x200, 0x400, 0x800
LENGTHS = {"c1": 100, "c2": 50}


def depth(paths, ids=("c1",), min_identity=0.0, lengths=LENGTHS):
    return Alignments(paths, min_identity).of(ids, np.array([lengths[i] for i in ids])).tolist()


BY_HAND = {
    "none": ([], 0.0),
    "one read over a half": ([("c1", 0, "50M", FORWARD, 0)], 0.5),
    "both strands": ([("c1", 0, "50M", FORWARD, 0), ("c1", 20, "50M", REVERSE, 0)], 1.0),
    "equal and different": ([("c1", 0, "30=10X10=", FORWARD, 10)], 0.5),
    "an insertion lies over no base": ([("c1", 0, "20M30I20M", FORWARD, 30)], 0.4),
    "under a deletion lies no read": ([("c1", 0, "20M30D20M", FORWARD, 30)], 0.4),
    "nor in a gap": ([("c1", 0, "20M30N20M", FORWARD, 0)], 0.4),
    "clipped ends": ([("c1", 0, "5S20M10S", FORWARD, 0), ("c1", 1, "5H20M", FORWARD, 0)], 0.4),
    "mates, even where they overlap": ([("c1", 0, "50M", 0x63, 0), ("c1", 25, "50M", 0x93, 0)], 1.0),
    "unmapped": ([("c1", 0, "50M", UNMAPPED, 0)], 0.0),
    "secondary": ([("c1", 0, "50M", SECONDARY, 0)], 0.0),
    "failed": ([("c1", 0, "50M", FAILED, 0)], 0.0),
    "a duplicate": ([("c1", 0, "50M", DUPLICATE, 0)], 0.0),
    "supplementary": ([("c1", 0, "50M", SUPPLEMENTARY | REVERSE, 0)], 0.0),
    "placed, but not how": ([("c1", 0, None, FORWARD, None)], 0.0),
    "of another contig": ([("c2", 0, "50M", FORWARD, 0)], 0.0),
}


@pytest.mark.parametrize(("alignments", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_reads_over_a_base_by_hand(tmp_path, alignments, expected):
    assert depth([write(tmp_path / "a.bam", LENGTHS, alignments)]) == [[pytest.approx(expected)]]


@pytest.mark.parametrize(
    ("cigar", "edits", "identity"),
    [("50M", 5, 0.9), ("45=5X", 5, 0.9), ("40M10I", 10, 0.8), ("40M10D", 12, 0.76), ("10S40M", 0, 1.0)],
    ids=["differences", "spelt out", "an insertion", "a deletion", "clips do not count"],
)
def test_alignments_from_an_identity_on_count(tmp_path, cigar, edits, identity):
    path = write(tmp_path / "a.bam", LENGTHS, [("c1", 0, cigar, FORWARD, edits)])
    assert depth([path], min_identity=identity - 1e-9) == depth([path])
    assert depth([path], min_identity=identity + 1e-9) == [[0.0]]


@pytest.fixture
def many(tmp_path):
    """A thousand alignments of every kind on three contigs, of which one has none."""
    rng = np.random.default_rng(0)
    lengths = {"long": 5000, "short": 700, "bare": 300}
    flags = [FORWARD, REVERSE, SECONDARY, FAILED, DUPLICATE, SUPPLEMENTARY]
    drawn = []
    for _ in range(1000):
        contig = ("long", "short")[rng.integers(2)]
        before, gap, after, clip = rng.integers(1, 60, 4).tolist()
        cigar = f"{clip}S{before}M{gap}{'IDN'[rng.integers(3)]}{after}M"
        drawn.append((contig, int(rng.integers(lengths[contig] - 200)), cigar, int(rng.choice(flags)), gap))
    drawn.sort(key=lambda a: (list(lengths).index(a[0]), a[1]))
    drawn += [(None, 0, None, UNMAPPED, None)] * 20
    return write(tmp_path / "many.bam", lengths, drawn), lengths


class TestAsSamtoolsCounts:
    """samtools itself counts supplementary alignments, unless told not to."""

    def test_mean_depth_of_coverage(self, many):
        path, lengths = many
        left_out = "UNMAP,SECONDARY,QCFAIL,DUP,SUPPLEMENTARY"
        header, *rows = [line.split("\t") for line in pysam.coverage("--ff", left_out, str(path)).splitlines()]
        theirs = {row[0]: float(row[header.index("meandepth")]) for row in rows}
        assert list(theirs) == list(lengths)
        assert theirs["long"] > 1
        ours = depth([path], list(lengths), lengths=lengths)
        assert np.ravel(ours) == pytest.approx(list(theirs.values()), rel=1e-4)

    def test_mean_over_positions_of_depth(self, many):
        path, lengths = many
        rows = [line.split("\t") for line in pysam.depth("-aa", "-G", "SUPPLEMENTARY", str(path)).splitlines()]
        for name, length in lengths.items():
            positions = [int(row[2]) for row in rows if row[0] == name]
            assert len(positions) == length
            assert depth([path], [name], lengths=lengths) == [[pytest.approx(np.mean(positions))]]


def test_contigs_come_in_the_order_asked_for_and_a_file_is_a_sample(tmp_path):
    first = write(tmp_path / "a.bam", LENGTHS, [("c1", 0, "50M", FORWARD, 0)])
    second = write(tmp_path / "b.bam", LENGTHS, [("c2", 0, "50M", FORWARD, 0)])
    assert depth([first, second], ["c2", "c1"]) == [[0, 1], [0.5, 0]]
    assert Alignments([first, second]).of([], np.empty(0, np.int64)).shape == (0, 2)


def test_threads_may_ask_at_once(many):
    path, lengths = many
    alignments, ids = Alignments([path]), list(lengths)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: alignments.of(ids, np.array(list(lengths.values()))).tolist(), range(40)))
    assert found == [depth([path], ids, lengths=lengths)] * 40


@pytest.mark.parametrize(
    ("samples", "expected"),
    [((), "reads"), (("gut",), "gut"), (("gut", "gut"), "gut"), (("gut", "soil"), "reads"), (("",), "reads")],
    ids=["no read group", "one", "two of one sample", "of two", "without a name"],
)
def test_a_sample_is_named_by_its_read_groups_or_its_file(tmp_path, samples, expected):
    assert Alignments([write(tmp_path / "reads.bam", LENGTHS, [], samples=samples)]).samples == [expected]


def test_an_old_header_that_tells_no_order_will_do_where_there_is_an_index(tmp_path):
    assert depth([write(tmp_path / "a.bam", LENGTHS, [("c1", 0, "50M", FORWARD, 0)], order=None)]) == [[0.5]]


def unsorted(path):
    write(path, LENGTHS, [], order="unsorted", index=False)


def by_name(path):
    write(path, LENGTHS, [], order="queryname", index=False)


def sorted_once(path):
    """An index is left of when it was sorted."""
    write(path, LENGTHS, [])
    write(path, LENGTHS, [], order="unsorted", index=False)


def of_no_order(path):
    write(path, LENGTHS, [], order=None, index=False)


def unindexed(path):
    write(path, LENGTHS, [], index=False)


def cut_short(path):
    write(path, LENGTHS, [("c1", 0, "50M", FORWARD, 0)])
    path.write_bytes(path.read_bytes()[:-40])


def text(path):
    path.write_text("Dear reader,\n")


def sam(path):
    path.write_text("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:100\n")


def empty(path):
    path.touch()


def folder(path):
    path.mkdir()


def missing(path):
    pass


UNSORTED = "not sorted by position; use samtools sort on it, then samtools index"
WRONG = {
    unsorted: (InputError, UNSORTED),
    by_name: (InputError, UNSORTED),
    sorted_once: (InputError, UNSORTED),
    of_no_order: (InputError, UNSORTED),
    unindexed: (InputError, "has no index beside it; use samtools index on it"),
    cut_short: (FormatError, "cut short; copy it again"),
    text: (FormatError, "not a BAM file of reads mapped to the contigs"),
    sam: (FormatError, "not a BAM file of reads mapped to the contigs, but SAM or CRAM; use samtools sort on it, then"),
    empty: (FormatError, "not a BAM file of reads mapped to the contigs"),
    folder: (InputError, "is a directory; expected a BAM file"),
    missing: (InputError, "no such file"),
}


@pytest.mark.parametrize("make", WRONG, ids=lambda make: make.__name__)
def test_what_is_wrong_is_told_in_one_line_with_the_file(tmp_path, make, capfd):
    path = tmp_path / "a.bam"
    make(path)
    error, said = WRONG[make]
    with pytest.raises(error) as raised:
        Alignments([path])
    assert str(raised.value).startswith(f"{path}: {said}")
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")  # htslib keeps its mouth shut


def test_damage_in_the_middle_is_told_with_the_contig(tmp_path, capfd):
    reads = [("c1", 0, "50M", FORWARD, 0)] * 20_000
    path = write(tmp_path / "a.bam", LENGTHS, reads)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 200] = bytes(200)
    path.write_bytes(whole)
    with pytest.raises(FormatError, match=r"a\.bam: damaged or cut short at 'c1'; make it and its index again"):
        depth([path])
    assert capfd.readouterr().err == ""


def test_the_first_contig_that_the_header_lacks_is_named(tmp_path):
    path = write(tmp_path / "a.bam", LENGTHS, [])
    with pytest.raises(MismatchError, match=rf"^{re.escape(str(path))}: 'c7' of the sequences is none of those"):
        depth([path], ["c1", "c7", "c8"], lengths={**LENGTHS, "c7": 1, "c8": 1})


def test_a_contig_of_another_length_is_another(tmp_path):
    path = write(tmp_path / "a.bam", LENGTHS, [])
    with pytest.raises(MismatchError, match="'c1' has 100 bases, but 99 in the sequences"):
        depth([path], lengths={"c1": 99})


def test_one_sample_in_two_files_is_refused(tmp_path):
    (tmp_path / "again").mkdir()
    first = write(tmp_path / "a.bam", LENGTHS, [])
    second = shutil.copy(first, tmp_path / "again" / "a.bam")
    shutil.copy(f"{first}.bai", f"{second}.bai")
    with pytest.raises(InputError, match=rf"{first} and {second}: both of sample 'a'; merge them or rename one"):
        Alignments([first, second])


def test_an_identity_without_its_tag_is_refused(tmp_path):
    path = write(tmp_path / "a.bam", LENGTHS, [("c1", 0, "50M", FORWARD, None)])
    assert depth([path]) == [[0.5]]
    assert depth([write(tmp_path / "b.bam", LENGTHS, [("c1", 0, None, FORWARD, None)])], min_identity=0.9) == [[0.0]]
    with pytest.raises(FormatError, match="'read0' has no NM tag, by which --min-identity goes"):
        depth([path], min_identity=0.9)
