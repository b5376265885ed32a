"""The model file: all that `embed` needs to put sequences where training put its own. Specified in README.md."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import provenance
from vaebin.config import TrainConfig
from vaebin.errors import FormatError
from vaebin.formats import tensors

FORMAT = "vaebin-model"
VERSION = (1, 1)
WITHOUT_DEPTH = (1, 0)  # what a model is that knows no depth, so that its bytes stay as they were
SPEC = ("k", "part_k", "parts")  # what features must share with the model's
_WEIGHTS = "vae."


@dataclass(frozen=True)
class Model:
    """A trained VAE.

    spec: the SPEC entries of the training features. weights: the network's arrays by name, among them `base`, the
    training data's k-mer frequencies. offset, scale: (k-mers,) float32 of the scaler. noise: (latent, latent) float64,
    as in the latent file; None without views. sequences: digest of the training sequences. depth_offset, depth_scale:
    float32 of the depths' scaler, None where the training features had no depth; else spec holds `samples`, how many.
    """

    config: TrainConfig
    spec: dict[str, int]
    weights: Mapping[str, NDArray[Any]]
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]
    noise: NDArray[np.float64] | None
    sequences: str
    depth_offset: NDArray[np.float32] | None = None
    depth_scale: NDArray[np.float32] | None = None

    @property
    def samples(self) -> int:
        """In how many samples the training sequences had a depth."""
        return self.spec.get("samples", 0)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Every array by its name in the file."""
        named = {_WEIGHTS + name: value for name, value in self.weights.items()}
        named |= {"scaler.offset": self.offset, "scaler.scale": self.scale}
        optional = {"noise": self.noise, "depth.offset": self.depth_offset, "depth.scale": self.depth_scale}
        return named | {name: value for name, value in optional.items() if value is not None}

    def header(self) -> dict[str, Any]:
        """What the file says of itself."""
        version = VERSION if self.samples else WITHOUT_DEPTH
        return provenance.header(FORMAT, version, self.config, spec=self.spec, sequences=self.sequences)

    def digest(self) -> str:
        """SHA-256 of configuration, spec, training sequences and arrays: 64 hexadecimal digits."""
        said = {key: value for key, value in self.header().items() if key != "writer"}
        if self.config.optimizer == "adam":  # as models of before there was another, whose files do not tell
            said["parameters"] = {key: value for key, value in said["parameters"].items() if key != "optimizer"}
        sha = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        for name, value in sorted(self.tensors().items()):
            sha.update(f"{name} {value.dtype} {value.shape}".encode())
            sha.update(np.ascontiguousarray(value).tobytes())
        return sha.hexdigest()


def write(path: Path, model: Model) -> None:
    """Write a model file."""
    tensors.write(path, model.header(), model.tensors())


def read(path: Path) -> Model:
    """Read a model file."""
    header, arrays = tensors.read(path, FORMAT, VERSION[0])
    try:
        weights = {name.removeprefix(_WEIGHTS): value for name, value in arrays.items() if name.startswith(_WEIGHTS)}
        return Model(
            config(header["parameters"]), header["spec"], weights, arrays["scaler.offset"], arrays["scaler.scale"],
            arrays.get("noise"), header["sequences"], arrays.get("depth.offset"), arrays.get("depth.scale"),
        )  # fmt: skip
    except (KeyError, TypeError):
        raise FormatError(f"{path}: a {FORMAT} file that lacks parts; train the model again") from None


def config(parameters: Mapping[str, Any]) -> TrainConfig:
    """The configuration in a file's header; what a later minor version added is left out.

    A file that does not tell its optimizer is of before there was any but Adam.
    """
    known = {f.name for f in dataclasses.fields(TrainConfig)}
    values = {key: value for key, value in parameters.items() if key in known}
    return TrainConfig(**{"optimizer": "adam", **values, "hidden": tuple(values["hidden"])})
