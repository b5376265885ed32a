"""FASTA and FASTQ files, many at a time, plain or gzipped."""

import shutil
import tempfile
from pathlib import Path
from typing import Literal, Self

from vaebin.errors import InputError

Format = Literal["fasta", "fastq"]

_LEVEL = 1  # of igzip: on reads, the higher ones take longer and save little
_BUFFER = 1 << 20  # bytes of one file that make one gzip member
_BUFFERS = 1 << 26  # bytes held for all files together


def record(header: str, sequence: bytes, qualities: bytes | None) -> bytes:
    """A record's text: FASTQ with qualities, FASTA without, the sequence on one line."""
    if qualities is None:
        return b">%s\n%s\n" % (header.encode(), sequence)
    return b"@%s\n%s\n+\n%s\n" % (header.encode(), sequence, qualities)


class Files:
    """Writes any number of files in `folder` side by side, one open at a time, gzip in members of about a megabyte.

    Use as a context manager: the files get their names when it ends well, and vanish when it does not. Others in the
    folder stay. The folder is made if need be, but not its parents. The same records give the same bytes.
    """

    def __init__(self, folder: Path, gzip: bool) -> None:
        self.folder = Path(folder)
        self._gzip = gzip
        self._buffers: dict[str, bytearray] = {}
        self._held = 0

    def __enter__(self) -> Self:
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder}: is a file; give the name of a folder to write to")
        if not self.folder.parent.is_dir():
            raise InputError(f"{self.folder}: the folder {self.folder.parent} does not exist; make it first")
        self.folder.mkdir(exist_ok=True)
        self._parts = Path(tempfile.mkdtemp(prefix=".vaebin.", suffix=".part", dir=self.folder))
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None:
                self._flush_all()
                for name in self._buffers:
                    (self._parts / name).replace(self.folder / name)
        finally:
            shutil.rmtree(self._parts, ignore_errors=True)

    def append(self, name: str, text: bytes) -> None:
        """Add to the file `name`."""
        buffer = self._buffers.setdefault(name, bytearray())
        buffer += text
        self._held += len(text)
        if len(buffer) >= _BUFFER:
            self._flush(name, buffer)
        elif self._held >= _BUFFERS:
            self._flush_all()

    def _flush_all(self) -> None:
        for name, buffer in self._buffers.items():
            self._flush(name, buffer)

    def _flush(self, name: str, buffer: bytearray) -> None:
        if buffer:
            with open(self._parts / name, "ab") as stream:
                stream.write(self._compressed(buffer))
        self._held -= len(buffer)
        buffer.clear()

    def _compressed(self, data: bytearray) -> bytes | bytearray:
        if not self._gzip:
            return data
        from isal import igzip

        compressed: bytes = igzip.compress(data, _LEVEL, mtime=0)
        return compressed
