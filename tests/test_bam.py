"""BAM gives the reads that samtools fastq gives, and what is wrong with it in one line."""

import array
import io
import itertools
import logging
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pysam
import pytest
from Bio import bgzf

from vaebin import bam
from vaebin.errors import InputError
from vaebin.sequences import Record, read

DATA = Path(__file__).parent / "data"
READS = DATA / "reads.fastq.gz"
HEADER = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 10_000}], "RG": [{"ID": "run"}]}
PAIRED, UNMAPPED, REVERSE, SECONDARY, FAILED, DUPLICATE, SUPPLEMENTARY = 1, 4, 16, 256, 512, 1024, 2048
END = bgzf._bgzf_eof


def segment(name, sequence, qualities=None, flag=UNMAPPED, cigar=None):
    made = pysam.AlignedSegment(pysam.AlignmentHeader.from_dict(HEADER))
    made.query_name, made.flag, made.query_sequence = name, flag, sequence
    made.query_qualities = None if qualities is None else array.array("B", qualities)
    if not flag & UNMAPPED:
        made.reference_id, made.reference_start, made.cigarstring = 0, 100, cigar or f"{len(sequence)}M"
    made.set_tag("MM", "C+m?,1;")
    return made


def write(path, segments, mode="wb"):
    with pysam.AlignmentFile(path, mode, header=HEADER) as file:
        for one in segments:
            file.write(one)
    return path


UNALIGNED = [
    segment("a", "ACGTN", [0, 10, 20, 40, 93]),
    segment("b/ccs", "RYKMSWBDHVN" * 20, [30] * 220),
    segment("c", "A", [1], UNMAPPED | FAILED),
]
ALIGNED = [
    segment("forward", "AACCGT", [1, 2, 3, 4, 5, 6], 0),
    segment("reverse", "AACCGT", [1, 2, 3, 4, 5, 6], REVERSE, "2S4M"),
    segment("forward", "GT", [5, 6], SECONDARY, "4H2M"),
    segment("reverse", "AACC", [1, 2, 3, 4], REVERSE | SUPPLEMENTARY, "4M2H"),
    segment("elsewhere", "AACCGN", [1, 2, 3, 4, 5, 6]),
    segment("copy", "AACCGTR", [9] * 7, REVERSE | DUPLICATE),
    segment("forward", None, None, SECONDARY, "6M"),
]


@pytest.fixture
def file(tmp_path):
    return lambda segments, name="named.misleadingly.fasta": write(tmp_path / name, segments)


@pytest.fixture
def samtools():
    """The command, run with its output as text."""
    if not shutil.which("samtools"):
        pytest.skip("no samtools here")
    return lambda *command: subprocess.run(["samtools", *command], capture_output=True, check=True)


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = threading.active_count()
    yield
    assert any(threading.active_count() <= before or time.sleep(0.01) for _ in range(500))


def fastq(records):
    return b"".join(b"@%s\n%s\n+\n%s\n" % (r.header.encode(), r.sequence, r.qualities) for r in records)


@pytest.mark.parametrize("segments", [UNALIGNED, ALIGNED, []], ids=["unaligned", "aligned", "none"])
def test_reads_are_those_of_samtools_fastq(file, samtools, segments):
    path = file(segments)
    assert fastq(read([path])) == samtools("fastq", path).stdout


def test_fastq_that_samtools_imports_comes_back(tmp_path, samtools):
    samtools("import", "-0", READS, "-O", "bam", "-o", tmp_path / "reads")
    assert list(read([tmp_path / "reads"])) == list(read([READS]))


def test_a_read_on_the_other_strand_is_given_as_sequenced(file):
    assert list(read([file(ALIGNED[:2])])) == [
        Record("forward", "forward", b"AACCGT", b"\"#$%&'"),
        Record("reverse", "reverse", b"ACGGTT", b"'&%$#\""),
    ]


def test_alignments_that_repeat_a_read_are_left_out_and_counted(file, caplog):
    caplog.set_level(logging.INFO, "vaebin")
    assert [r.id for r in read([file(ALIGNED)])] == ["forward", "reverse", "elsewhere", "copy"]
    assert caplog.messages == ["3 secondary and supplementary alignments left out: they repeat parts of reads"]


def test_a_read_without_qualities_has_none(file):
    assert [r.qualities for r in read([file([segment("a", "ACGT"), segment("b", "AC", [2, 3])])])] == [None, b"#$"]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, None, "a b/ccs c s forward reverse elsewhere copy"), (2, 6, "c s forward reverse")],
)
def test_among_other_files_by_ranges(file, tmp_path, start, stop, expected):
    (tmp_path / "other").write_text(">s\nACGT\n")
    paths = [file(UNALIGNED, "one"), tmp_path / "other", file(ALIGNED, "two")]
    assert " ".join(r.id for r in read(paths, start, stop)) == expected


@pytest.fixture
def long(tmp_path):
    """Many blocks of BGZF."""
    letters = itertools.cycle(["ACGTTGCA", "GGATTACA", "CCCTAGGA"])
    return write(tmp_path / "long", [segment(f"r{n}", next(letters) * 300, [n % 60] * 2400) for n in range(500)])


def test_nothing_stays_when_nobody_reads_on(long):
    stream = read([long])
    assert next(stream).id == "r0"
    del stream


def test_from_standard_input(long):
    code = "from pathlib import Path; from vaebin.sequences import read; print(*(r.id for r in read([Path('-')])))"
    done = subprocess.run([sys.executable, "-c", code], input=long.read_bytes(), capture_output=True, check=True)
    assert done.stdout.decode().split() == [f"r{n}" for n in range(500)]
    assert done.stderr == b""


def test_from_a_pipe_that_hands_out_single_bytes(file, tmp_path):
    content = file(UNALIGNED).read_bytes()
    os.mkfifo(tmp_path / "pipe")

    def feed():
        with open(tmp_path / "pipe", "wb", buffering=0) as stream:
            for byte in content:
                stream.write(bytes([byte]))

    thread = threading.Thread(target=feed)
    thread.start()
    assert [r.id for r in read([tmp_path / "pipe"])] == ["a", "b/ccs", "c"]
    thread.join()


def bgzip(data):
    stream = io.BytesIO()
    with bgzf.BgzfWriter(fileobj=stream) as writer:
        writer.write(data)
        writer.flush()
        return stream.getvalue() + END


def damaged(content):
    middle = len(content) // 2
    return content[:middle] + b"\xff" * 50 + content[middle + 50 :]


CUT = "the compressed data end early, after record {}; the file was cut short, get it again"
DAMAGED = "the compressed data are damaged after record {} "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[: len(content) // 2], CUT.format("[0-9]+")),
        (lambda content: content[: -len(END)], CUT.format(500)),
        (lambda content: content[: -len(END) - 10], CUT.format("[0-9]+")),
        (lambda content: content[:700], CUT.format(0)),
        (damaged, DAMAGED.format("[0-9]+")),
        (lambda content: bgzip(b"BAM\1" + bytes(600)), DAMAGED.format(0)),
        (lambda content: bgzip(b"BAM\1" + struct.pack("<i", 10**9)), DAMAGED.format(0)),
    ],
    ids=[
        "cut in the middle",
        "no end",
        "cut at the end",
        "cut at the start",
        "damaged",
        "no records in it",
        "no header",
    ],
)
def test_what_is_wrong_is_one_line(long, change, message):
    long.write_bytes(change(long.read_bytes()))
    with pytest.raises(InputError, match=f"^{long}: {message}") as caught:
        list(read([long]))
    assert "\n" not in str(caught.value)


def test_a_failure_to_read_is_told(long):
    def blocks():
        yield long.read_bytes()[:5000]
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        list(bam.reads(b"\x1f\x8b", blocks()))


def test_a_read_without_its_sequence_is_named(file):
    path = file([UNALIGNED[0], segment("bare", None)])
    with pytest.raises(InputError, match=f"^{path}: record 2: 'bare' has no sequence; write the BAM anew with it, "):
        list(read([path]))


@pytest.mark.parametrize(
    ("mode", "message"),
    [("wc", "a CRAM file, which is not read"), ("w", "a SAM file, which is not read"), ("wbu", None)],
)
def test_relatives_of_bam(tmp_path, mode, message):
    path = write(tmp_path / "x", UNALIGNED, mode)
    if message is None:
        assert len(list(read([path]))) == 3
        return
    with pytest.raises(InputError, match=f"^{path}: {message}; make BAM of it with samtools view -b$"):
        list(read([path]))


def test_bam_without_blocks(tmp_path):
    (tmp_path / "x").write_bytes(b"BAM\1" + bytes(100))
    with pytest.raises(InputError, match="a BAM file without its compression; make BAM of it"):
        list(read([tmp_path / "x"]))


@pytest.mark.parametrize("head", [b"", b"\x1f\x8b", bgzip(b">a\nACGT\n"), bgzip(b"BAM\1")[:17], b"BAM\1"])
def test_what_is_no_bam(head):
    assert not bam.is_bam(head)
