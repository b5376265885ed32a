"""What every file says of its origin: never a time, host, user, path or thread count."""

import dataclasses
import hashlib
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from vaebin import __version__

_LINES = 10_000  # hashed at once: of many millions not all are text at one time


def header(format_name: str, version: tuple[int, int], parameters: Any, **more: Any) -> dict[str, Any]:
    """The header that every file of ours carries.

    `parameters` is a mapping or a frozen dataclass; `more` are further entries (a digest, a feature spec).
    """
    if dataclasses.is_dataclass(parameters) and not isinstance(parameters, type):
        parameters = dataclasses.asdict(parameters)
    if not isinstance(parameters, Mapping):
        raise TypeError(f"parameters must be a mapping or a dataclass, not {type(parameters).__name__}")
    return {
        "format": format_name,
        "version": list(version),
        "writer": f"vaebin {__version__}",
        "parameters": dict(parameters),
        **more,
    }


class SequenceDigest:
    """SHA-256 of ids and lengths in order: the same for any split of the input into files or blocks."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def update(self, ids: Iterable[str], lengths: Iterable[int]) -> None:
        """Add the next records; lengths may be an array, of which no list is made."""
        lines = (f"{i}\t{n}\n" for i, n in zip(ids, map(int, lengths), strict=True))
        while text := "".join(itertools.islice(lines, _LINES)):
            self._sha.update(text.encode())

    def hexdigest(self) -> str:
        """64 hexadecimal digits."""
        return self._sha.hexdigest()


def digest(ids: Iterable[str], lengths: Iterable[int]) -> str:
    """`SequenceDigest` of one list of records."""
    sha = SequenceDigest()
    sha.update(ids, lengths)
    return sha.hexdigest()
