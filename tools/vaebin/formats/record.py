"""The record of a run: which stage was done with what. Specified in README.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaebin.errors import FormatError
from vaebin.formats import document

FORMAT = "vaebin-run"
VERSION = (1, 0)


def parameters(path: Path) -> dict[str, Mapping[str, Any]]:
    """The parameters of each stage by its name, as a run's record tells them."""
    stages = document.read(path, FORMAT, VERSION[0]).get("stages")
    try:
        return {name: dict(stage["parameters"]) for name, stage in dict(stages or {}).items()}
    except (KeyError, TypeError, ValueError):
        raise FormatError(f"{path}: a {FORMAT} file whose stages cannot be read; run vaebin again") from None
