"""Whole files or none: write beside the target, then rename."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from vaebin.errors import InputError


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def require_places(*paths: Path | None) -> None:
    """Raise InputError where no file could be written: to be told before long work, not after it."""
    for path in paths:
        if path is not None and path.is_dir():
            raise InputError(f"{path}: is a directory; give the name of a file to write")
        if path is not None and not path.parent.is_dir():
            raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")


@contextlib.contextmanager
def _replacing(path: Path, mode: str) -> Iterator[IO[bytes] | IO[str]]:
    require_places(path)
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to rename onto
        with open(path, mode, encoding=None if "b" in mode else "utf-8") as stream:
            yield stream
        return
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with open(
            handle, mode, encoding=None if "b" in mode else "utf-8", newline=None if "b" in mode else "\n"
        ) as stream:
            yield stream
        part.chmod(0o666 & ~_umask())
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


@contextlib.contextmanager
def writing_bytes(path: Path) -> Iterator[BinaryIO]:
    """A binary stream that becomes `path` when the block ends well, and vanishes when it does not."""
    with _replacing(Path(path), "w+b") as stream:
        yield stream  # type: ignore[misc]


@contextlib.contextmanager
def writing_text(path: Path) -> Iterator[TextIO]:
    """The same for UTF-8 text with Unix line ends."""
    with _replacing(Path(path), "w") as stream:
        yield stream  # type: ignore[misc]
