"""Sequence ids as two arrays, so that they need no pickle and can be memory-mapped."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import InputError, MismatchError

_BLOCK = 10_000  # ids that are strings at one time, while one after the other is asked for


class Ids(Sequence[str]):
    """n ids held as one UTF-8 blob (uint8) and n + 1 offsets (int64) into it."""

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        self.blob = blob
        self.offsets = offsets

    @classmethod
    def of(cls, ids: Sequence[str]) -> "Ids":
        """Pack strings."""
        encoded = [i.encode() for i in ids]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(e) for e in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def joined(cls, parts: Sequence["Ids"]) -> "Ids":
        """The ids of several files in order."""
        blob = np.concatenate([np.empty(0, np.uint8), *(p.blob for p in parts)])
        lengths = np.concatenate([np.empty(0, np.int64), *(np.diff(p.offsets) for p in parts)])
        return cls(blob, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return bytes(self.blob[self.offsets[index] : self.offsets[index + 1]]).decode()

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _BLOCK):
            offsets = self.offsets[start : start + _BLOCK + 1]
            text = self.blob[offsets[0] : offsets[-1]].tobytes()
            yield from (text[a:b].decode() for a, b in itertools.pairwise((offsets - offsets[0]).tolist()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ids):
            return NotImplemented
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.blob, other.blob)

    __hash__ = None  # type: ignore[assignment]


def require_distinct(tables: Iterable[tuple[Ids, Path]]) -> None:
    """Raise InputError naming the first id that stands in two files."""
    seen: dict[str, Path] = {}
    for ids, path in tables:
        for name in ids:
            if name in seen:
                raise InputError(f"{path}: id {name!r} is also in {seen[name]}; ids must differ between files")
            seen[name] = path


def require_same(first: Ids, first_name: str, second: Ids, second_name: str) -> None:
    """Raise MismatchError naming the first difference between two lists of ids."""
    if first == second:
        return
    for number, (a, b) in enumerate(zip(first, second, strict=False), 1):
        if a != b:
            raise MismatchError(
                f"{second_name}: record {number} is {b!r}, but {first_name} has {a!r} there; "
                "make both from the same sequences"
            )
    raise MismatchError(
        f"{second_name}: {len(second)} records, but {first_name} has {len(first)}; make both from the same sequences"
    )
