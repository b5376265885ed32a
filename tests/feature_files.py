"""Features files of sequences drawn from made-up species, for tests that need no reads."""

from pathlib import Path

import numpy as np

from vaebin.config import PARTS
from vaebin.formats.features import Block, Writer, canonical_kmers


def compositions(species: int, seed: int = 0) -> np.ndarray:
    """(species, 136) frequencies of 4-mers."""
    return np.random.default_rng(seed).dirichlet(np.full(136, 5.0), species)


def parts_of(n: int, species: int = 3, bases: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(n, 8, 136) counts drawn from the species in turn, and (n,) which."""
    rng = np.random.default_rng([seed, 1])
    label = np.arange(n) % species
    parts = rng.multinomial(bases // PARTS, compositions(species)[label][:, None], (n, PARTS))
    return parts.astype(np.uint16), label


def spec(k: int = 4, **changes) -> dict:
    return {"k": k, "part_k": 4, "parts": PARTS, "sketch_k": None, "sketch_fraction": None, "min_length": 0,
            "samples": [], **changes}  # fmt: skip


def depths_of(label: np.ndarray, samples: int, seed: int = 0) -> np.ndarray:
    """(n, samples) depths of sequences by their species' number, a tenth up or down."""
    rng = np.random.default_rng([seed, 2])
    mean = rng.lognormal(2, 1, (label.max() + 1, samples))
    return (mean[label] * rng.lognormal(0, 0.1, (len(label), samples))).astype(np.float32)


def write(
    path: Path, parts: np.ndarray, first: int = 0, k: int = 4, prefix: str = "s", depth: np.ndarray | None = None
) -> Path:
    """A features file; sequences are named by their number from `first`. Counts of k other than 4 are made up."""
    whole = parts.sum(1).astype(np.uint16)
    if k != 4:
        whole = np.resize(whole, (len(parts), canonical_kmers(k)))
    samples = [] if depth is None else [f"sample{number + 1}" for number in range(depth.shape[1])]
    with Writer(path, spec(k, samples=samples), first) as writer:
        if len(parts):
            ids = [f"{prefix}{first + i}" for i in range(len(parts))]
            writer.append(Block(ids, parts.sum((1, 2)).astype(np.int64), whole, parts, depth=depth))
        writer.finish({"read": len(parts), "kept": len(parts)})
    return path
