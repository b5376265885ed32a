"""Every default and constant, stage by stage; presets change several at once."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from vaebin.errors import InputError

SEED = 1
PARTS = 8  # every sequence is counted in 8 consecutive parts, of which train draws its two views
PART_K = 4  # k of the parts' counts, whatever k the sequence's own counts have

Device = Literal["auto", "cpu", "cuda"]
Reconstruction = Literal["multinomial", "mse", "bce"]
Noise = Literal["keep", "assign"]
Config = TypeVar("Config")


@dataclass(frozen=True)
class VectorizeConfig:
    """What `vectorize` measures of each sequence."""

    k: int = 4
    min_length: int = 0
    sketch: bool = True
    sketch_k: int = 0  # 0: by the reads' identity
    sketch_fraction: int = 0  # one k-mer in so many is kept; 0: by the reads' identity


@dataclass(frozen=True)
class TrainConfig:
    """The VAE and how it is trained."""

    latent_dim: int = 12
    hidden: tuple[int, ...] = (256, 256)
    batch_norm: bool = True
    dropout: float = 0.0
    views: bool = True  # the encoder sees one random half of a sequence and reconstructs the other
    reconstruction: Reconstruction = "multinomial"
    effective_count: float = 300.0  # multinomial: how many k-mers one sequence counts for
    kl_weight: float = 1.0
    kl_warmup: float = 0.0  # share of the steps over which the KL weight rises from 0
    contrast_weight: float = 1.0
    contrast_temperature: float = 0.1
    logvar: Literal["linear", "softplus"] = "linear"
    batch_size: int = 2048
    epochs: int = 0  # 0: as many as make `steps` steps
    steps: int = 400
    learning_rate: float = 2e-3
    schedule: Literal["onecycle", "constant"] = "onecycle"
    validation: float = 0.05
    patience: int = 0  # epochs without a better validation loss before training stops; 0: never
    sample: int = 200_000  # sequences to train on at most
    seed: int = SEED


@dataclass(frozen=True)
class EmbedConfig:
    """How latent means are written."""

    variance: bool = False
    block: int = 1024  # rows a pass; fixed, since torch's rows depend on the batch's size


@dataclass(frozen=True)
class ClusterConfig:
    """How latent means, overlaps and coverage become bins."""

    overlaps: bool = True
    noise: Noise = "assign"
    min_bin_size: int = 2
    min_cluster_size: int = 0  # 0: by the number of points
    min_samples: int = 0
    selection: Literal["leaf", "eom"] = "leaf"
    sample: int = 50_000  # points that HDBSCAN sees at most; the others take their nearest neighbours' bin
    community_size: int = 60
    seed: int = SEED


@dataclass(frozen=True)
class PlotConfig:
    """What `plot` draws."""

    sample: int = 10_000
    n_neighbors: int = 15
    min_dist: float = 0.1
    seed: int = SEED


_ARTICLE: dict[str, dict[str, Any]] = {
    "vectorize": {"sketch": False},
    "train": {
        "latent_dim": 8,
        "hidden": (128, 128),
        "batch_norm": False,
        "views": False,
        "reconstruction": "mse",
        "contrast_weight": 0.0,
        "logvar": "softplus",
        "batch_size": 1024,
        "epochs": 50,
        "learning_rate": 1e-2,
        "schedule": "constant",
    },
    "cluster": {"overlaps": False, "selection": "eom", "noise": "keep"},
}

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "default": {},
    "article": _ARTICLE,
    "lrbinner": _ARTICLE,
}


def preset(config: type[Config], stage: str, name: str, **options: Any) -> Config:
    """The stage's configuration under a preset, with the options that are not None set over it."""
    if name not in PRESETS:
        raise InputError(f"preset {name!r}: expected one of {', '.join(PRESETS)}")
    values = {**PRESETS[name].get(stage, {}), **{k: v for k, v in options.items() if v is not None}}
    known = {f.name for f in dataclasses.fields(config)}  # type: ignore[arg-type]
    if unknown := values.keys() - known:
        raise TypeError(f"{config.__name__} has no {', '.join(sorted(unknown))}")
    return config(**values)
