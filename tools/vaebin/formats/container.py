"""Arrays and a JSON header in one uncompressed `.npz`, each member memory-mappable, the same bytes every time."""

import json
import mmap
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import FormatError, InputError
from vaebin.formats.atomic import writing_bytes

_HEADER = "header"
_COPY_BYTES = 1 << 18  # few enough to stay in the cache and in memory that is used again


class Contents(NamedTuple):
    """What `read` returns: the header and the members, memory-mapped where they are not empty."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


class Spool:
    """A column of unknown length, kept in an unlinked temporary file until it is written, once: memory stays flat."""

    def __init__(self, stream: BinaryIO, dtype: Any, row_shape: tuple[int, ...] = ()) -> None:
        self.stream = stream
        self.dtype = np.dtype(dtype)
        self.row_shape = row_shape
        self.rows = 0

    def append(self, block: NDArray[Any]) -> None:
        """Add rows; they are cast to the column's type, which must hold them."""
        block = np.ascontiguousarray(block, self.dtype)
        if block.shape[1:] != self.row_shape:
            raise ValueError(f"rows of shape {block.shape[1:]} in a column of {self.row_shape}")
        self.stream.write(block.data if block.size else b"")
        self.rows += len(block)


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | Spool]) -> None:
    """Write a container; `header` comes from `provenance.header`."""
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    with writing_bytes(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        _write_member(archive, _HEADER, np.frombuffer(text, np.uint8))
        for name, array in arrays.items():
            _write_member(archive, name, array)


def _write_member(archive: zipfile.ZipFile, name: str, array: NDArray[Any] | Spool) -> None:
    info = zipfile.ZipInfo(f"{name}.npy")  # dated 1980-01-01, so that equal content gives equal bytes
    with archive.open(info, "w", force_zip64=True) as member:
        if isinstance(array, Spool):
            shape = (array.rows, *array.row_shape)
            described = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_2_0(member, described)
            array.stream.seek(0)
            while block := array.stream.read(_COPY_BYTES):
                member.write(block)
            array.stream.truncate(0)  # room on the disk for the next column
        else:
            np.lib.format.write_array(member, np.ascontiguousarray(array), (2, 0), allow_pickle=False)


def read(path: Path, format_name: str, major: int, members: Iterable[str] = ()) -> Contents:
    """Open a container of the named format and major version, with at least `members`.

    Raises InputError when there is no such file, FormatError when it is another kind of file.
    """
    path = Path(path)
    try:
        with open(path, "rb") as stream, zipfile.ZipFile(stream) as archive:
            arrays = {
                info.filename.removesuffix(".npy"): _map_member(path, stream, info) for info in archive.infolist()
            }
        header = json.loads(bytes(arrays.pop(_HEADER)))
        require_version(path, header, format_name, major)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; expected a {format_name} file") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError):
        raise FormatError(f"{path}: not a {format_name} file, or cut short; make it again") from None
    for name in members:
        if name not in arrays:
            raise FormatError(f"{path}: a {format_name} file that lacks {name}; make it again")
    return Contents(header, arrays)


def header(path: Path) -> dict[str, Any]:
    """The header of a container of whatever format; empty where the file is none."""
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = json.loads(bytes(archive[_HEADER]))
            return found if isinstance(found, dict) else {}
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError):
        return {}


def require_version(path: Path, header: Mapping[str, Any], format_name: str, major: int) -> None:
    """Raise FormatError unless a header, of whatever kind of file, names this format and major version."""
    found, version = header["format"], header["version"]
    if found != format_name:
        raise FormatError(f"{path}: a {found} file; expected {format_name}")
    if version[0] != major:
        raise FormatError(
            f"{path}: {format_name} version {version[0]}.{version[1]}, written by {header.get('writer')}; "
            f"this vaebin reads version {major}.x: make the file again, or use the vaebin that wrote it"
        )


def _map_member(path: Path, stream: BinaryIO, info: zipfile.ZipInfo) -> NDArray[Any]:
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError("compressed member")
    stream.seek(info.header_offset + 26)
    name_length, extra_length = np.frombuffer(stream.read(4), "<u2").tolist()
    stream.seek(info.header_offset + 30 + name_length + extra_length)
    version = np.lib.format.read_magic(stream)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = reader(stream)
    if fortran or dtype.hasobject:
        raise ValueError("not a plain array")
    start = stream.tell()
    size = int(np.prod(shape)) * dtype.itemsize
    if start + size > os.fstat(stream.fileno()).st_size:
        raise ValueError("cut short")
    if size == 0:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", start, shape)


def release(*arrays: NDArray[Any]) -> None:
    """Let go of the memory that members of a file have taken so far; they come back where they are touched."""
    for array in arrays:
        mapped = getattr(array, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)
