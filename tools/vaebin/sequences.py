"""Sequences from FASTA, FASTQ, BAM, GenBank or EMBL, plain or compressed, told apart by content and never by name."""

import io
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vaebin import bam
from vaebin.errors import InputError
from vaebin.streams import BLOCK, DamagedError, buffered, decompressed, peek, unbuffered

_STARTS = {b">": "FASTA", b"@": "FASTQ", b"LOCUS": "GenBank", b"ID   ": "EMBL"}
_LINE_FEED = ord("\n")
_CONVERT = "make BAM of it with samtools view -b"
_OTHERS = {  # what files begin with that hold sequences, too, and what to do with them
    b"CRAM": f"a CRAM file, which is not read; {_CONVERT}",
    b"BAM\1": f"a BAM file without its compression; {_CONVERT}",
    **dict.fromkeys((b"@HD\tVN:", b"@SQ\tSN:", b"@RG\tID:", b"@PG\tID:"), f"a SAM file, which is not read; {_CONVERT}"),
}
_WHITE = (b"\n", b"\r", b"\t", b" ")  # in a FASTA sequence
_STDIN = Path("-")


class Record(NamedTuple):
    """One sequence: header is its whole header line without > or @, id the header's first word."""

    id: str
    header: str
    sequence: bytes
    qualities: bytes | None


def read(paths: Sequence[Path], start: int = 0, stop: int | None = None) -> Iterator[Record]:
    """Records `start` to `stop` (counted from 0 over all the files in order), streamed.

    `-` is standard input. Raises InputError when a file is missing, cut short or no sequence file; it names the file
    and, where it can, the record (counted from 1 in its file) or line.
    """
    for path in paths:
        if path == _STDIN:
            continue
        if path.is_dir():
            raise InputError(f"{path}: is a directory; give sequence files")
        if not path.exists():
            raise InputError(f"{path}: no such file")
    return itertools.islice(itertools.chain.from_iterable(map(_read_one, paths)), start, stop)


def kind(path: Path) -> str:
    """FASTA, FASTQ, BAM, GenBank or EMBL, as the file begins; empty where it is none of them.

    Raises InputError where what it is compressed in cannot be read.
    """
    with open(path, "rb", buffering=0) as stream:
        head, blocks = peek(stream.read)
        try:
            return "BAM" if bam.is_bam(head) else _kind(decompressed(head, blocks)[0].lstrip())
        except (EOFError, DamagedError) as error:
            raise _unreadable(str(path), 0, error) from None


def _kind(head: bytes) -> str:
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), "")


def _read_one(path: Path) -> Iterator[Record]:
    standard = path == _STDIN
    with open(0 if standard else path, "rb", buffering=0, closefd=not standard) as stream:
        yield from _parse("standard input" if standard else str(path), stream.read)


def _parse(name: str, read: Callable[[int], bytes]) -> Iterator[Record]:
    from dnaio import FileFormatError

    number = 0
    try:
        for record in _records(name, read):
            number += 1
            yield record
    except (EOFError, DamagedError) as error:
        raise _unreadable(name, number, error) from None
    except FileFormatError as error:
        where = f"record {number + 1}" if error.line is None else f"line {error.line + 1}"
        raise InputError(f"{name}: {where}: not FASTQ: {error.message.rstrip('.')}; mend or remove it") from None
    except _BadRecordError as error:
        raise InputError(f"{name}: record {number + 1}: {error}") from None


def _unreadable(name: str, number: int, error: EOFError | DamagedError) -> InputError:
    """What to say of compressed data of which so many records could be read."""
    if isinstance(error, EOFError):
        return InputError(
            f"{name}: the compressed data end early, after record {number}; the file was cut short, get it again"
        )
    return InputError(f"{name}: the compressed data are damaged after record {number} ({error}); get the file again")


class _BadRecordError(Exception):
    """What is wrong with a record whose file and number the caller knows."""


def _records(name: str, read: Callable[[int], bytes]) -> Iterable[Record]:
    head, blocks = peek(read)
    if bam.is_bam(head):
        return _bam(head, blocks)
    head, blocks = decompressed(head, blocks)
    return _parser(name, head.lstrip())(blocks)


def _parser(name: str, head: bytes) -> Callable[[Iterator[bytes]], Iterable[Record]]:
    if not head:
        return lambda blocks: ()
    for start, other in _OTHERS.items():
        if head.startswith(start):
            raise InputError(f"{name}: {other}")
    kind = _kind(head)
    if kind in ("FASTA", "FASTQ"):
        return _fasta if kind == "FASTA" else _fastq
    if kind:
        return lambda blocks: _annotated(blocks, kind)
    raise InputError(
        f"{name}: not a sequence file; expected FASTA, FASTQ, GenBank or EMBL, plain or in gzip or zstd, or BAM"
    )


def _record(header: str, sequence: bytes, qualities: bytes | None) -> Record:
    words = header.split(None, 1)
    if not words:
        raise _BadRecordError("has no id; write one after the > or @")
    return Record(words[0], header, sequence, qualities)


def _fasta(blocks: Iterator[bytes]) -> Iterator[Record]:
    """Cut at each > that begins a line; one byte alone is searched for fastest."""
    pieces: list[bytes] = []  # of a record that began in an earlier block
    begun, new_line = False, True
    for block in blocks:
        text = block if begun else block.lstrip()
        start, at = 0, text.find(b">")
        while at >= 0:
            if text[at - 1] == _LINE_FEED if at else new_line:
                if pieces:
                    yield _fasta_record(b"".join([*pieces, text[:at]]))
                    pieces.clear()
                elif begun:
                    yield _fasta_record(text, start, at)
                begun, start = True, at + 1
            at = text.find(b">", at + 1)
        if begun:
            pieces.append(text[start:])
        new_line = text.endswith(b"\n") if text else new_line
    if begun:
        yield _fasta_record(b"".join(pieces))


def _fasta_record(text: bytes, start: int = 0, stop: int | None = None) -> Record:
    """The record from `start`, after its >, to `stop`."""
    stop = len(text) if stop is None else stop
    end = text.find(b"\n", start, stop)
    end = stop if end < 0 else end
    header, lines = text[start:end].rstrip(b"\r"), text[end + 1 : stop - text.endswith(b"\n", end + 1, stop)]
    if b"\r" in header:
        raise _BadRecordError("its header line holds a carriage return; end lines in a line feed: tr '\\r' '\\n'")
    try:
        name = header.decode()
    except UnicodeDecodeError:
        raise _BadRecordError("its header is not UTF-8 text; rename it") from None
    for white in _WHITE:
        if white in lines:  # mostly none is, and looking is faster than taking out
            lines = lines.replace(white, b"")
    return _record(name, lines, None)


def _fastq(blocks: Iterator[bytes]) -> Iterator[Record]:
    from dnaio import FastqReader

    for record in FastqReader(unbuffered(blocks), buffer_size=BLOCK):  # type: ignore[arg-type]
        yield _record(record.name, record.sequence.encode(), record.qualities_as_bytes())


def _bam(head: bytes, blocks: Iterator[bytes]) -> Iterator[Record]:
    for read in bam.reads(head, blocks):
        if not read.sequence:
            raise _BadRecordError(f"{read.name!r} has no sequence; write the BAM anew with it, or without such reads")
        yield _record(read.name, read.sequence, read.qualities)


def _annotated(blocks: Iterator[bytes], kind: str) -> Iterator[Record]:
    from Bio import SeqIO

    records = SeqIO.parse(io.TextIOWrapper(buffered(blocks), "utf-8", "replace"), kind.lower())  # type: ignore[no-untyped-call]
    try:
        while record := _next(records):
            yield _record(f"{record.id} {record.description}".rstrip(), bytes(record.seq), None)
    except (ValueError, AssertionError, AttributeError, LookupError, Warning) as error:  # Biopython raises any of these
        raise _BadRecordError(f"cannot be read as {kind}: {str(error).rstrip('.')}; mend or remove it") from None


def _next(records: Iterator[Any]) -> Any:
    """The next record of Biopython's, which only warns of a record cut short."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", "Premature end|Expected sequence length")
        return next(records, None)
