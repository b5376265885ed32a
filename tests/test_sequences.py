"""Sequence files of every kind are read alike, and broken ones are told apart in one line."""

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import zstandard
from Bio import SeqIO, bgzf
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord

from vaebin.errors import InputError
from vaebin.sequences import Record, read

DATA = Path(__file__).parent / "data"
SEQUENCES = {"s1": b"ACGTNacgtn" * 30, "s2": b"GGCAT", "s3": b"TTTTACGTAC" * 200}


def fasta(width=60, end="\n"):
    lines = []
    for name, sequence in SEQUENCES.items():
        text = sequence.decode()
        lines += [f">{name} of a test", *(text[i : i + width] for i in range(0, len(text), width))]
    return end.join([*lines, ""]).encode()


def fastq(end="\n"):
    return "".join(
        f"@{name} of a test{end}{s.decode()}{end}+{end}{'I' * len(s)}{end}" for name, s in SEQUENCES.items()
    ).encode()


def annotated(kind):
    records = [
        SeqRecord(Seq(s.upper()), i, i, "of a test", annotations={"molecule_type": "DNA"}) for i, s in SEQUENCES.items()
    ]
    stream = io.StringIO()
    SeqIO.write(records, stream, kind)
    return stream.getvalue().encode()


def bgzip(data):
    stream = io.BytesIO()
    with bgzf.BgzfWriter(fileobj=stream) as writer:
        writer.write(data)
        writer.flush()
        return stream.getvalue()


def halves(compress):
    return lambda data: compress(data[:1001]) + compress(data[1001:])


FORMATS = {
    "fasta": fasta(),
    "fasta, one line": fasta(10**6),
    "fasta, no last line end": fasta().rstrip(),
    "fasta, DOS line ends": fasta(end="\r\n"),
    "fasta, spaces first": b"  " + fasta(),
    "fasta, blank lines": b"\n\n" + fasta().replace(b"\n>", b"\n\n>") + b"\n\n",
    "fastq": fastq(),
    "fastq, DOS line ends": fastq("\r\n"),
    "fastq, no last line end": fastq().rstrip(),
    "genbank": annotated("genbank"),
    "embl": annotated("embl"),
}
COMPRESSIONS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip, several members": halves(gzip.compress),
    "gzip, zero padded": lambda data: gzip.compress(data) + bytes(512),
    "bgzip": bgzip,
    "zstd": zstandard.compress,
    "zstd, several frames": halves(zstandard.compress),
    "zstd, skippable frame first": lambda data: b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstandard.compress(data),
}


@pytest.fixture
def file(tmp_path):
    def write(content, name="input.dat"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_in_every_compression(file, kind, compress):
    records = list(read([file(compress(FORMATS[kind]), "named.misleadingly.bam")]))
    cased = (lambda s: s.upper()) if kind in ("genbank", "embl") else (lambda s: s)
    assert [(r.id.split(".")[0], r.sequence) for r in records] == [(i, cased(s)) for i, s in SEQUENCES.items()]
    assert all(r.header.endswith(" of a test") for r in records)
    qualities = [b"I" * len(s) for s in SEQUENCES.values()] if kind.startswith("fastq") else [None] * 3
    assert [r.qualities for r in records] == qualities


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b" \n\n", []),
        (gzip.compress(b""), []),
        (zstandard.compress(b""), []),
        (b">a\n>b\n\n>c", [Record(n, n, b"", None) for n in "abc"]),
        (b"@a\n\n+\n\n", [Record("a", "a", b"", b"")]),
        (b"@a x\nAC\n+a x\nII\n", [Record("a", "a x", b"AC", b"II")]),
        (b">a\tBC:Z:1\nAC GT\n", [Record("a", "a\tBC:Z:1", b"ACGT", None)]),
        (">é ü\nAC\n".encode(), [Record("é", "é ü", b"AC", None)]),
        (b">a>b\nAC>\n>c\nG", [Record("a>b", "a>b", b"AC>", None), Record("c", "c", b"G", None)]),
    ],
    ids=["empty", "blank", "empty gzip", "empty zstd", "empty sequences", "empty FASTQ sequence", "repeated header",
         "tags after a tab", "UTF-8", "> inside a line"],
)  # fmt: skip
def test_what_is_unusual_but_right(file, content, expected):
    assert list(read([file(content)])) == expected


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) - 1, (1 << 20) - 3, 3 << 20])
def test_records_that_end_where_a_block_does(file, size):
    first = b">a\n" + b"A" * (size - 4) + b"\n"
    assert [(r.id, len(r.sequence)) for r in read([file(first + b">b\nCC\n")])] == [("a", size - 4), ("b", 2)]


GZIPPED, ZSTD = gzip.compress(fastq() * 500), zstandard.compress(fasta() * 500)
ERRORS = {
    "truncated gzip": (GZIPPED[:-20], "the compressed data end early, after record [0-9]+; .*cut short"),
    "gzip cut in its header": (GZIPPED[:5], "the compressed data end early, after record 0; "),
    "truncated zstd": (ZSTD[:-20], "the compressed data end early, after record [0-9]+; .*cut short"),
    "damaged gzip": (
        GZIPPED[:-8] + b"checksum",
        "the compressed data are damaged after record [0-9]+ .CRC check failed",
    ),
    "garbage in gzip": (GZIPPED[:20] + b"\xff" * 50 + GZIPPED[70:], "the compressed data are damaged after record 0 "),
    "damaged zstd": (ZSTD[:20] + b"\xff" * 50 + ZSTD[70:], "the compressed data are damaged after record 0 "),
    "FASTQ cut in a record": (fastq()[:-8] + b"\n", "line 12: not FASTQ: Length of sequence and qualities differ; "),
    "FASTQ cut after a line": (b"@a\nAC\n+\nII\n@b\nAC\n", "line 7: not FASTQ: Premature end of file"),
    "FASTQ of several lines": (b"@a\nAC\nGT\n+\nIIII\n", "line 3: not FASTQ: Line expected to start with '\\+'"),
    "FASTQ that is not ASCII": ("@é\nA\n+\nI\n".encode(), "record 1: not FASTQ: Non-ASCII"),
    "FASTA without an id": (b">a\nAC\n>\nAC\n", "record 2: has no id; write one after the > or @"),
    "FASTQ without an id": (b"@\nAC\n+\nII\n", "record 1: has no id; write one after the > or @"),
    "FASTA with the line ends of old Macs": (
        b">a\rAC\r>b\rAC\r",
        "record 1: its header line holds a carriage return; ",
    ),
    "FASTA that is not UTF-8": (b">a\nA\n>\xe9\nA\n", "record 2: its header is not UTF-8 text; rename it"),
    "a table": (
        b"read\tspecies\n",
        "not a sequence file; expected FASTA, FASTQ, GenBank or EMBL, plain or in gzip or zstd, or BAM$",
    ),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0", "not a sequence file; expected FASTA, "),
    "GenBank cut short": (
        FORMATS["genbank"][:-200],
        "record 3: cannot be read as GenBank: Premature end of file in sequence data; ",
    ),
    "GenBank without its sequence": (
        FORMATS["genbank"].partition(b"ORIGIN")[0] + b"CONTIG      join(X1:1..300)\n//\n",
        "record 1: cannot be read as GenBank: Sequence content is undefined; mend or remove it",
    ),
}


@pytest.mark.parametrize(("content", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_name_file_and_place(file, content, message):
    path = file(content)
    with pytest.raises(InputError, match=f"^{path}: {message}") as caught:
        list(read([path]))
    assert "\n" not in str(caught.value)


def test_files_that_are_none_are_found_before_any_is_read(file, tmp_path):
    with pytest.raises(InputError, match=f"^{tmp_path}/none: no such file$"):
        read([file(fasta()), tmp_path / "none"])
    with pytest.raises(InputError, match=f"^{tmp_path}: is a directory; give sequence files$"):
        read([file(fasta()), tmp_path])


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, None, "s1 s2 s3 s1 s2 s3"), (2, 4, "s3 s1"), (4, 100, "s2 s3"), (6, None, ""), (3, 3, "")],
)
def test_a_range_counts_over_all_files(file, start, stop, expected):
    paths = [file(fastq(), "a"), file(b"", "b"), file(GZIP_FASTA, "c")]
    assert " ".join(r.id for r in read(paths, start, stop)) == expected


GZIP_FASTA = gzip.compress(fasta())


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress])
def test_standard_input(compress):
    code = "from pathlib import Path; from vaebin.sequences import read; print(*(r.id for r in read([Path('-')])))"
    done = subprocess.run([sys.executable, "-c", code], input=compress(fasta()), capture_output=True, check=True)
    assert done.stdout == b"s1 s2 s3\n"


def test_errors_on_standard_input_say_so():
    code = "from pathlib import Path; from vaebin.sequences import read; list(read([Path('-')]))"
    done = subprocess.run([sys.executable, "-c", code], input=b"no", capture_output=True, check=False)
    assert b"InputError: standard input: not a sequence file; " in done.stderr


def test_a_pipe_that_hands_out_single_bytes(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    def feed():
        with open(tmp_path / "pipe", "wb", buffering=0) as stream:
            for byte in GZIP_FASTA:
                stream.write(bytes([byte]))

    thread = threading.Thread(target=feed)
    thread.start()
    assert [(r.id, r.sequence) for r in read([tmp_path / "pipe"])] == list(SEQUENCES.items())
    thread.join()


def test_fasta_and_fastq_of_the_same_reads_agree():
    pairs = zip(read([DATA / "reads.fasta.gz"]), read([DATA / "reads.fastq.gz"]), strict=True)
    assert all(a.id == b.id and a.sequence == b.sequence for a, b in pairs)
