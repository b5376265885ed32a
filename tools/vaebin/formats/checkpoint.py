"""The checkpoint: a training between two epochs, to go on from. Specified in README.md."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vaebin import provenance
from vaebin.config import TrainConfig
from vaebin.errors import MismatchError
from vaebin.formats import tensors
from vaebin.formats.history import Epoch

FORMAT = "vaebin-checkpoint"
VERSION = (2, 0)


@dataclass(frozen=True)
class Checkpoint:
    """Epochs done, and the network's, the best epoch's (empty without patience) and the optimizers' arrays by name."""

    epochs: list[Epoch]
    weights: Mapping[str, NDArray[Any]]
    best: Mapping[str, NDArray[Any]]
    moments: Mapping[str, NDArray[Any]]


def write(path: Path, config: TrainConfig, sequences: str, state: Checkpoint) -> None:
    """Write a checkpoint of a training with `config` on the sequences of that digest."""
    rows = [dataclasses.asdict(epoch) for epoch in state.epochs]
    header = provenance.header(FORMAT, VERSION, config, sequences=sequences, epochs=rows)
    groups = {"vae": state.weights, "best": state.best, "optimizer": state.moments}
    named = {f"{group}.{name}": value for group, values in groups.items() for name, value in values.items()}
    tensors.write(path, header, named)


def read(path: Path, config: TrainConfig, sequences: str) -> Checkpoint:
    """Read a checkpoint. Raises MismatchError when it is of another configuration or other sequences."""
    header, arrays = tensors.read(path, FORMAT, VERSION[0])
    for name, value in dataclasses.asdict(config).items():
        found = header["parameters"].get(name)
        if found != (list(value) if isinstance(value, tuple) else value):
            raise MismatchError(f"{path}: {name} is {found}, now {value}; resume with the options it was begun with")
    if header["sequences"] != sequences:
        raise MismatchError(f"{path}: begun on other sequences; resume with the same features files")
    groups: dict[str, dict[str, NDArray[Any]]] = {"vae": {}, "best": {}, "optimizer": {}}
    for name, value in arrays.items():
        group, _, rest = name.partition(".")
        groups[group][rest] = value
    epochs = [Epoch(**row) for row in header["epochs"]]
    return Checkpoint(epochs, groups["vae"], groups["best"], groups["optimizer"])
