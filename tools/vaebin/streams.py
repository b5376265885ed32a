"""Streams as blocks of bytes, decompressed by what they begin with."""

import contextlib
import io
import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from gzip import BadGzipFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 1 << 19  # bytes read at a time: with fewer, threads hand over to one another more often
_UNPACKED = 1 << 17  # and decompressed: what stands before damage is still read, but for so many
_AHEAD = 8  # blocks decompressed before they are asked for, at most
_HEAD = 512  # bytes looked at to tell what a file is
_GZIP = b"\x1f\x8b"
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18")  # a frame, or the skippable frame that pzstd begins with


class DamagedError(Exception):
    """What is wrong with compressed data."""


def peek(read: Callable[[int], bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a stream, and blocks of all of them; `read` returns at most so many bytes, none at the end."""
    return _peek(_blocks(read))


def decompressed(head: bytes, blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """What `peek` returned, out of gzip or zstd where it is in them.

    The blocks raise EOFError where compressed data end early, DamagedError where they cannot be read.
    """
    if head.startswith(_GZIP):
        return _peek(_ahead(_gunzip(blocks)))
    if head.startswith(_ZSTD):
        return _peek(_ahead(_unzstd(blocks)))
    return head, blocks


def _blocks(read: Callable[[int], bytes], size: int = BLOCK) -> Iterator[bytes]:
    return iter(lambda: read(size), b"")


def _peek(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all blocks with them; a pipe may hand them out one by one."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD:
            break
    return head[:_HEAD], itertools.chain([head], blocks)


def _ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks drawn by a thread of their own; it ends when nobody takes them any more."""
    ready: queue.Queue[bytes | BaseException] = queue.Queue(_AHEAD)
    left = threading.Event()

    def draw() -> None:
        try:
            for block in itertools.takewhile(lambda _: not left.is_set(), filter(None, blocks)):
                ready.put(block)
            ready.put(b"")
        except BaseException as error:  # raised where the block would have been taken
            ready.put(error)

    threading.Thread(target=draw, daemon=True).start()
    try:
        while item := ready.get():
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        with contextlib.suppress(queue.Empty):
            while True:
                ready.get_nowait()


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    from isal import igzip, igzip_lib

    try:
        yield from _blocks(igzip.IGzipFile(fileobj=buffered(blocks)).read1, _UNPACKED)  # type: ignore[no-untyped-call]
    except (BadGzipFile, igzip_lib.error) as error:  # type: ignore[misc]
        raise DamagedError(str(error)) from None


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Frame after frame; zstandard's own reader takes a cut frame for the end."""
    from zstandard import ZstdDecompressor, ZstdError

    decompressor = ZstdDecompressor(max_window_size=1 << 31)  # as zstd --long=31 may want
    frame = None
    for data in blocks:
        while data:
            frame = frame or decompressor.decompressobj(write_size=_UNPACKED)
            try:
                block = frame.decompress(data)
            except ZstdError as error:
                raise DamagedError(str(error)) from None
            yield block
            data = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError


class _Stream(io.RawIOBase):
    """Blocks of bytes to read from."""

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


def unbuffered(blocks: Iterator[bytes]) -> io.RawIOBase:
    """Blocks of bytes as a file."""
    return _Stream(blocks)


def buffered(blocks: Iterator[bytes]) -> io.BufferedReader:
    """Blocks of bytes as a file that can be read line by line."""
    return io.BufferedReader(unbuffered(blocks), BLOCK)
