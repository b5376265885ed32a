"""Reads in BAM, aligned or not, as the machine gave them.

pysam parses; the blocks are decompressed as any gzip file's, in a thread of its own. That is as fast as htslib's own
threads are for one file, and htslib waits for ever on some files that were cut short.
"""

import os
import threading
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vaebin.progress import log
from vaebin.streams import DamagedError, decompressed

if TYPE_CHECKING:
    from pysam import AlignedSegment

_MAGIC = b"BAM\1"
_BGZF = b"BC\2\0"  # the extra field of each block's header
_HEADER = 18  # bytes of it
_EOF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # the empty block that ends a file
_PHRED = bytes(min(quality + 33, 126) for quality in range(256))


class Read(NamedTuple):
    """One read as sequenced: on its own strand, with qualities as in FASTQ, where it has some."""

    name: str
    sequence: bytes
    qualities: bytes | None


def is_bam(head: bytes) -> bool:
    """Whether a file that begins so is BAM: its magic number in a block of BGZF."""
    if not head.startswith(b"\x1f\x8b") or _BGZF not in head[:_HEADER]:
        return False
    try:
        return zlib.decompressobj(31).decompress(head, len(_MAGIC)) == _MAGIC
    except zlib.error:
        return False


def reads(head: bytes, blocks: Iterator[bytes]) -> Iterator[Read]:
    """The reads of a BAM file, in its order; `head` and `blocks` are what `streams.peek` returned of it.

    Of a read aligned in several places the primary alignment counts alone; how many others there were is logged.
    Raises EOFError where the file ends early, DamagedError where it cannot be read.
    """
    import pysam

    pysam.set_verbosity(0)  # what is wrong is for us to say
    source = _Source(blocks)
    feed = _Feed(decompressed(head, source)[1])
    repeats = 0
    try:
        with open(feed.reader, "rb", buffering=0) as pipe, pysam.AlignmentFile(pipe, "rb", check_sq=False) as file:
            for segment in file.fetch(until_eof=True):
                if segment.is_secondary or segment.is_supplementary:
                    repeats += 1
                else:
                    yield _read(segment)
    except (OSError, ValueError):
        feed.require_success()
        raise DamagedError("what is in them is not BAM") from None
    feed.require_success()
    source.require_end()
    if repeats:
        log.info("%s secondary and supplementary alignments left out: they repeat parts of reads", f"{repeats:,}")


def _read(segment: "AlignedSegment") -> Read:
    sequence = (segment.get_forward_sequence() or "").encode()
    qualities = segment.get_forward_qualities() if sequence else None
    return Read(
        segment.query_name or "", sequence, None if qualities is None else qualities.tobytes().translate(_PHRED)
    )


class _Source:
    """Blocks of a file, which remembers how they end."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._tail = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = next(self._blocks)
        self._tail = (self._tail + block)[-len(_EOF) :]
        return block

    def require_end(self) -> None:
        """Raise EOFError unless the last block was the one that ends BGZF."""
        if self._tail != _EOF:
            raise EOFError


class _Feed:
    """A pipe into which a thread writes blocks of bytes: pysam reads files, not iterators."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.reader, self._writer = os.pipe()
        self._blocks = blocks
        self._error: BaseException | None = None
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        with open(self._writer, "wb", buffering=0) as pipe:
            try:
                for block in self._blocks:
                    rest = memoryview(block)
                    while rest:
                        rest = rest[pipe.write(rest) :]
            except BrokenPipeError:
                pass  # nobody reads any more
            except BaseException as error:  # kept before the pipe ends, so that its reader finds it
                self._error = error

    def require_success(self) -> None:
        """Raise what was raised instead of a block."""
        if self._error:
            raise self._error
