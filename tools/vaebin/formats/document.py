"""JSON documents that carry a format's name and version, as headers do."""

import json
from pathlib import Path
from typing import Any

from vaebin.errors import FormatError, InputError
from vaebin.formats.container import require_version


def read(path: Path, format_name: str, major: int) -> dict[str, Any]:
    """Read a document of the named format and major version.

    Raises InputError without such a file, FormatError when it is something else.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        require_version(path, content, format_name, major)
        return dict(content)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; expected a {format_name} file") from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise FormatError(f"{path}: not a {format_name} file; make it again") from None
