"""Work that is not done twice: stages, and a folder's record of those that were done.

A stage is done when the record names it with the same parameters, the same inputs by content and the same version of
vaebin, and its outputs are still what it wrote.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaebin import __version__
from vaebin.errors import InputError
from vaebin.formats.atomic import writing_text
from vaebin.formats.record import FORMAT, VERSION
from vaebin.progress import log

RECORD = "run.json"
_ENDS = 1 << 20  # bytes of a large input's start and end that stand for the whole of it


@dataclass(frozen=True)
class Stage:
    """A piece of work: what it reads, what it writes, and what decides what it writes.

    inputs: files by the names that the record gives them; an output of another stage goes by its name in the folder.
    outputs: the files written, asked for when the work is done. reads: large inputs, told by size, start and end.
    """

    name: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Path]
    outputs: Callable[[], Sequence[Path]]
    work: Callable[[], object]
    reads: Sequence[Path] = ()


def perform(plan: Sequence[Stage], folder: Path, *, force: bool = False) -> None:
    """Run the stages of `plan` that are not done, and note in the folder's record what was done."""
    record = _read_record(folder)
    for stage in plan:
        wanted = _fingerprint(stage)
        before = record.pop(stage.name, {})
        if not force and _is_done(before, wanted, folder):
            log.info("%s: done before, kept", stage.name)
            record[stage.name] = before
            continue
        log.info("%s", stage.name)
        _remove(before.get("outputs", {}), folder)  # they are outdated, and not all may be written again
        stage.work()
        wanted["outputs"] = {name: _digest(folder / name) for name in _names(stage.outputs(), folder)}
        record[stage.name] = wanted
        _write_record(folder, record)
    _drop_outdated(record, {stage.name for stage in plan}, folder)


def _read_record(folder: Path) -> dict[str, Any]:
    """What was done in this folder; nothing where that cannot be told, so that all is done anew."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return dict(record["stages"]) if record["version"][0] == VERSION[0] else {}
    except (FileNotFoundError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    with writing_text(folder / RECORD) as stream:
        json.dump({"format": FORMAT, "version": VERSION, "stages": record}, stream, indent=1, sort_keys=True)
        stream.write("\n")


def _fingerprint(stage: Stage) -> dict[str, Any]:
    inputs = {f"reads {n}": _digest(path, whole=False) for n, path in enumerate(stage.reads, 1)}
    inputs |= {name: _digest(path) for name, path in stage.inputs.items()}
    made = {"writer": f"vaebin {__version__}", "parameters": dict(stage.parameters), "inputs": inputs}
    return dict(json.loads(json.dumps(made)))  # as it will be read back: tuples become lists


def _is_done(before: Mapping[str, Any], wanted: Mapping[str, Any], folder: Path) -> bool:
    made = before.get("outputs", {})
    return {**wanted, "outputs": made} == before and all(
        (folder / name).is_file() and _digest(folder / name) == sha for name, sha in made.items()
    )


def _drop_outdated(record: dict[str, Any], planned: Collection[str], folder: Path) -> None:
    """Remove what stages not asked for this time once made from files that have changed since."""
    made = {name: sha for done in record.values() for name, sha in done["outputs"].items()}
    for stage in record.keys() - planned:
        if any(made.get(name, sha) != sha for name, sha in record[stage]["inputs"].items()):
            log.info("%s: its results belonged to other bins, removed", stage)
            _remove(record.pop(stage)["outputs"], folder)
            _write_record(folder, record)


def _remove(names: Iterable[str], folder: Path) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _names(files: Iterable[Path], folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


def _digest(path: Path, whole: bool = True) -> str:
    """SHA-256 of a file's content, or of its size, start and end."""
    try:
        status = path.stat()
        return _hash(path, (status.st_ino, status.st_size, status.st_mtime_ns), whole)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; expected a file") from None


@functools.cache
def _hash(path: Path, version: tuple[int, int, int], whole: bool) -> str:
    with open(path, "rb") as stream:
        if whole:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        start, size = stream.read(_ENDS), version[1]
        stream.seek(max(0, size - _ENDS))
        return hashlib.sha256(b"%d\n%b%b" % (size, start, stream.read(_ENDS))).hexdigest()


@contextlib.contextmanager
def alone_in(folder: Path, leftovers: Sequence[str]) -> Iterator[None]:
    """Make the folder, keep other runs out of it, and clear away what a killed run had half written.

    leftovers: patterns of the names of half-written files; nobody else's are touched.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{folder}: is not a folder; give the name of a folder to write to") from None
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{folder}: another vaebin run is at work in it; wait for it or give another folder"
            ) from None
        except OSError:
            log.debug("%s: no lock on this file system", folder)
        for leftover in [path for pattern in (f".{RECORD}.*.part", *leftovers) for path in folder.glob(pattern)]:
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        yield
    finally:
        os.close(handle)
