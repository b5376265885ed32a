"""The history table: what each epoch of a training came to. Specified in README.md."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaebin.formats import table

FORMAT = "vaebin-history"
VERSION = (1, 0)


@dataclass(frozen=True)
class Epoch:
    """One epoch. Losses are means over sequences, each term before its weight; `loss` is their weighted sum.

    validation and validation_contrast are of sequences held out, None without any. kl_weight and learning_rate are
    those of the last step. active: how many latent dimensions carry anything.
    """

    epoch: int
    loss: float
    reconstruction: float
    kl: float
    contrast: float
    validation: float | None
    validation_contrast: float | None
    kl_weight: float
    learning_rate: float
    active: int


COLUMNS = tuple(f.name for f in dataclasses.fields(Epoch))
_WHOLE = ("epoch", "active")


def write(path: Path, epochs: Sequence[Epoch]) -> None:
    """Write a history table; six significant digits."""
    table.write(path, FORMAT, VERSION, COLUMNS, ([_cell(v) for v in dataclasses.astuple(e)] for e in epochs))


def _cell(value: float | None) -> str | None:
    return f"{value:.6g}" if isinstance(value, float) else value if value is None else str(value)


def read(path: Path) -> list[Epoch]:
    """Read a history table. Raises FormatError where a cell is no number."""
    return list(table.parsed(path, FORMAT, VERSION[0], COLUMNS, _parse))


def _parse(row: Mapping[str, str]) -> Epoch:
    return Epoch(**{name: _value(name, row[name]) for name in COLUMNS})  # type: ignore[arg-type]


def _value(name: str, text: str) -> float | None:
    if name in _WHOLE:
        return int(text)
    return float(text) if text else None
