"""Sequences from FASTA, FASTQ, GenBank or EMBL, plain or compressed, told apart by content and never by name."""

import io
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from gzip import BadGzipFile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vaebin.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 1 << 20  # bytes read at a time
_HEAD = 512  # bytes looked at to tell what a file is
_GZIP = b"\x1f\x8b"
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18")  # a frame, or the skippable frame that pzstd begins with
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


def _read_one(path: Path) -> Iterator[Record]:
    standard = path == _STDIN
    with open(0 if standard else path, "rb", closefd=not standard) as stream:
        yield from _parse("standard input" if standard else str(path), _blocks(stream.read1))


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    return iter(lambda: read(_BLOCK), b"")


def _parse(name: str, blocks: Iterator[bytes]) -> Iterator[Record]:
    from dnaio import FileFormatError
    from isal import igzip_lib
    from zstandard import ZstdError

    number = 0
    try:
        head, blocks = _peek(blocks)
        if head.startswith(_GZIP):
            head, blocks = _peek(_gunzip(blocks))
        elif head.startswith(_ZSTD):
            head, blocks = _peek(_unzstd(blocks))
        for record in _parser(name, head.lstrip())(_buffered(blocks)):
            number += 1
            yield record
    except EOFError:
        raise InputError(
            f"{name}: the compressed data end early, after record {number}; the file was cut short, get it again"
        ) from None
    except (BadGzipFile, igzip_lib.error, ZstdError) as error:  # type: ignore[misc]
        raise InputError(
            f"{name}: the compressed data are damaged after record {number} ({error}); get the file again"
        ) from None
    except FileFormatError as error:
        where = f"record {number + 1}" if error.line is None else f"line {error.line + 1}"
        raise InputError(f"{name}: {where}: not FASTQ: {error.message.rstrip('.')}; mend or remove it") from None
    except _BadRecordError as error:
        raise InputError(f"{name}: record {number + 1}: {error}") from None


class _BadRecordError(Exception):
    """What is wrong with a record whose file and number the caller knows."""


def _peek(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all blocks with them; a pipe may hand them out one by one."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD:
            break
    return head[:_HEAD], itertools.chain([head], blocks)


class _Stream(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        target = memoryview(buffer)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _buffered(blocks: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Stream(blocks), _BLOCK)


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    from isal import igzip

    return _blocks(igzip.IGzipFile(fileobj=_buffered(blocks)).read1)  # type: ignore[no-untyped-call]


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Frame after frame; zstandard's own reader takes a cut frame for the end."""
    from zstandard import ZstdDecompressor

    decompressor = ZstdDecompressor(max_window_size=1 << 31)  # as zstd --long=31 may want
    frame = None
    for data in blocks:
        while data:
            frame = frame or decompressor.decompressobj(write_size=_BLOCK)
            yield frame.decompress(data)
            data = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError


def _parser(name: str, head: bytes) -> Callable[[io.BufferedReader], Iterable[Record]]:
    if not head:
        return lambda stream: ()
    if head.startswith(b">"):
        return _fasta
    if head.startswith(b"@"):
        return _fastq
    if head.startswith(b"LOCUS"):
        return lambda stream: _annotated(stream, "GenBank")
    if head.startswith(b"ID   "):
        return lambda stream: _annotated(stream, "EMBL")
    hint = "a BAM file; convert it with samtools fastq" if head.startswith(b"BAM\1") else "not a sequence file"
    raise InputError(f"{name}: {hint}; expected FASTA, FASTQ, GenBank or EMBL, plain or in gzip or zstd")


def _record(header: str, sequence: bytes, qualities: bytes | None) -> Record:
    words = header.split(None, 1)
    if not words:
        raise _BadRecordError("has no id; write one after the > or @")
    return Record(words[0], header, sequence, qualities)


def _fasta(stream: io.BufferedReader) -> Iterator[Record]:
    """Cut at line starts with >, which is several times faster than line by line."""
    pieces: list[bytes] = []
    begun = False
    while block := stream.read(_BLOCK) + stream.readline():
        first, *others = (b"\n" + (block if begun else block.lstrip())).split(b"\n>")
        pieces.append(first)
        for piece in others:
            if begun:
                yield _fasta_record(b"".join(pieces))
            pieces, begun = [piece], True
    if begun:
        yield _fasta_record(b"".join(pieces))


def _fasta_record(text: bytes) -> Record:
    header, _, lines = text.partition(b"\n")
    header = header.rstrip(b"\r")
    if b"\r" in header:
        raise _BadRecordError("its header line holds a carriage return; end lines in a line feed: tr '\\r' '\\n'")
    try:
        name = header.decode()
    except UnicodeDecodeError:
        raise _BadRecordError("its header is not UTF-8 text; rename it") from None
    return _record(name, lines.translate(None, b"\n\r\t "), None)


def _fastq(stream: io.BufferedReader) -> Iterator[Record]:
    from dnaio import FastqReader

    for record in FastqReader(stream, buffer_size=_BLOCK):
        yield _record(record.name, record.sequence.encode(), record.qualities_as_bytes())


def _annotated(stream: io.BufferedReader, kind: str) -> Iterator[Record]:
    from Bio import SeqIO

    records = SeqIO.parse(io.TextIOWrapper(stream, "utf-8", "replace"), kind.lower())  # type: ignore[no-untyped-call]
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
