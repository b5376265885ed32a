"""Every default and constant, stage by stage; presets change several at once."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from vaebin.errors import InputError

SEED = 1
PARTS = 8  # every sequence is counted in 8 consecutive parts, of which train draws its two views
MAX_EPOCHS = 25  # unless epochs are asked for: a small set seen more often is learnt by heart
THREADS = 2  # of torch; fixed: it shares sums out among its threads, so their number would change results
PART_K = 4  # k of the parts' counts, whatever k the sequence's own counts have

# Lowest identity of the reads, and the k and fraction of the sketch that suits them. Of 10,000 simulated reads of
# 10 species those left without an overlap (5 shared k-mers) by the first and the second row: 9 % and 7 % at an
# identity of 0.93, 15 % and 8 % at 0.91, 31 % and 10 % at 0.89, 59 % and 18 % at 0.875 (11 % by the third row);
# 36 % by the second row and 18 % by the third at 0.86. The longer the k-mer, the fewer false overlaps.
SKETCHES = ((0.915, 19, 16), (0.865, 17, 8), (0.0, 15, 8))
CONTIG_BIN_BASES = 200_000  # that a bin of contigs must have for `run` to extract it; less is hardly a genome
ASSUMED_IDENTITY = 0.93  # where neither overlaps nor qualities tell
SAMPLE_RECORDS = 5_000  # of the whole input that tell the reads' identity
SAMPLE_BASES = 100_000_000

Device = Literal["auto", "cpu", "cuda"]
Scaling = Literal["hellinger", "frequency", "minmax"]
PictureFormat = Literal["png", "svg", "pdf"]
Reconstruction = Literal["multinomial", "mse", "bce"]
Noise = Literal["keep", "assign"]
Selection = Literal["leaf", "eom"]
Optimizer = Literal["muon", "adam"]
Assembler = Literal["flye", "miniasm"]
Platform = Literal["ont", "ont-hq", "clr", "hifi"]
Config = TypeVar("Config")


@dataclass(frozen=True)
class VectorizeConfig:
    """What `vectorize` measures of each sequence."""

    k: int = 4
    min_length: int = 0
    min_quality: float = 0.0  # mean Phred quality; 0: whatever it is, and sequences need have none
    sketch: bool = True
    sketch_k: int = 0  # 0: by the reads' identity
    sketch_fraction: int = 0  # one k-mer in so many is kept; 0: by the reads' identity
    min_identity: float = 0.0  # share of an alignment's columns that match, from which it counts as depth of a contig


@dataclass(frozen=True)
class TrainConfig:
    """The VAE and how it is trained."""

    latent_dim: int = 24
    hidden: tuple[int, ...] = (256, 256)
    batch_norm: bool = True
    dropout: float = 0.0
    views: bool = True  # the encoder sees one random half of a sequence and reconstructs the other
    scaling: Scaling = "hellinger"  # square roots of frequencies, standardised; or frequencies, or these to 0..1
    reconstruction: Reconstruction = "multinomial"
    effective_count: float = 300.0  # multinomial: how many k-mers one sequence counts for
    kl_weight: float = 1.0
    kl_warmup: float = 0.0  # share of the steps over which the KL weight rises from 0
    contrast_weight: float = 2.0
    contrast_temperature: float = 0.1
    logvar: Literal["linear", "softplus"] = "linear"
    batch_size: int = 1024
    epochs: int = 0  # 0: as many as make `steps` steps, at most MAX_EPOCHS
    steps: int = 330
    optimizer: Optimizer = "muon"  # of the hidden layers' matrices; Adam moves the rest
    learning_rate: float = 5e-3
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
    min_probability: float = 0.9  # with noise kept, sequences less sure than this stay unbinned
    min_bin_size: int = 0  # sequences; 0: as min_cluster_size
    min_cluster_size: int = 0  # 0: by the number of points
    min_samples: int = 0  # 0: a fifth of min_cluster_size
    selection: Selection = "leaf"
    sample: int = 50_000  # points that HDBSCAN sees at most; the others take their nearest neighbours' bin
    community_size: int = 0  # reads; 0: 60, more of over 100,000 sequences
    runs: int = 5  # seeds of the communities whose bins are averaged
    split_by_sample: str = ""  # what parts the sample from the contig in ids of several assemblies; none: one assembly
    seed: int = SEED


@dataclass(frozen=True)
class PlotConfig:
    """What `plot` draws."""

    sample: int = 10_000
    n_neighbors: int = 15
    min_dist: float = 0.5  # UMAP's own default, 0.1, shrinks bins to dots with much nothing between them
    seed: int = SEED


@dataclass(frozen=True)
class ExtractConfig:
    """Which bins `extract` writes, and how."""

    format: Literal["auto", "fasta", "fastq"] = "auto"  # auto: FASTQ where the first sequence has qualities
    gzip: bool = True
    unbinned: bool = False
    bins: tuple[str, ...] = ()  # names of the bins to write; none: all
    min_bin_bases: int = 0
    ignore_missing: bool = False  # pass over sequences that the bin table does not hold


@dataclass(frozen=True)
class AssembleConfig:
    """Which bins `assemble` assembles, and by what."""

    assembler: Assembler = "flye"
    platform: Platform = "ont"
    polish: int = 2  # rounds of racon after miniasm, whose contigs are as wrong as the reads; Flye polishes by itself
    min_depth: float = 5.0  # other reads over a base; with fewer, an assembler finds gaps rather than contigs
    min_size: int = 20_000  # estimated bases of the genome


_ARTICLE: dict[str, dict[str, Any]] = {
    "vectorize": {"sketch": False},
    "train": {
        "latent_dim": 8,
        "hidden": (128, 128),
        "batch_norm": False,
        "views": False,
        "scaling": "minmax",
        "reconstruction": "mse",
        "kl_weight": 1e-3,
        "logvar": "softplus",
        "batch_size": 1024,
        "epochs": 50,
        "optimizer": "adam",
        "learning_rate": 1e-2,
        "schedule": "constant",
    },
    "cluster": {"overlaps": False, "selection": "eom", "noise": "keep"},
}

# LRBinner 2.1 (Wickramarachchi & Lin 2022, doi:10.1186/s13015-022-00221-z), as near as our parts come. Not reproduced:
# its second input, histograms of 15-mers' frequencies in all reads (32 bins, weighted 0.1); leaky ReLU, batch norm
# after dropout and a linear output; the batch that doubles at epochs 50, 100 and 150; and its search for clusters.
_LRBINNER: dict[str, dict[str, Any]] = {
    "vectorize": {"k": 3, "sketch": False},
    "train": {
        **_ARTICLE["train"],
        "batch_norm": True,
        "dropout": 0.1,
        "kl_weight": 1 / (32 * 5),  # 32 canonical 3-mers, beta 5
        "batch_size": 10_240,
        "epochs": 200,
        "learning_rate": 1e-3,
    },
    "cluster": _ARTICLE["cluster"],
}

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "default": {},
    "article": _ARTICLE,
    "lrbinner": _LRBINNER,
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
