"""Named arrays and a JSON header in one `.safetensors` file, the same bytes every time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vaebin.errors import FormatError, InputError
from vaebin.formats.atomic import writing_bytes
from vaebin.formats.container import require_version

_KEY = "vaebin"  # one key: safetensors writes several in no fixed order


def write(path: Path, header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays; `header` comes from `provenance.header`."""
    plain = {name: np.array(value, order="C") for name, value in tensors.items()}
    data = save(plain, {_KEY: json.dumps(header, sort_keys=True, separators=(",", ":"))})
    with writing_bytes(path) as stream:
        stream.write(data)


def header(path: Path) -> dict[str, Any]:
    """The header of a file of ours of whatever format; empty where the file is none."""
    try:
        with safe_open(path, "numpy") as file:
            found = json.loads((file.metadata() or {})[_KEY])
            return found if isinstance(found, dict) else {}
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return {}


def read(path: Path, format_name: str, major: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays of the named format and major version.

    Raises InputError when there is no such file, FormatError when it is another kind of file.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a directory; expected a {format_name} file")
    try:
        with safe_open(path, "numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        require_version(path, header, format_name, major)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise FormatError(f"{path}: not a {format_name} file, or cut short; make it again") from None
    return header, tensors
