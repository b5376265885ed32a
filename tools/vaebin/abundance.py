"""Depth of contigs in samples as the network sees it: numpy only, one row at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PSEUDO_DEPTH = 0.1  # added before the logarithm: less depth than this is none
SPREAD = 0.125  # how far the log depths of one genome's contigs differ beyond the chance of which reads were drawn
READ_LENGTH = 150  # bases of a read, by which that chance goes: depth times length over this is how many there are
INPUT_WEIGHT = 4.0  # standard deviations of a depth among so many k-mers; at 1 what composition says drowns it
COUNT_A_SAMPLE = 1 / SPREAD**2  # draws that one sample's depth is worth: their logarithm then has that spread


@dataclass(frozen=True)
class DepthScaler:
    """How depths in samples are scaled; offset and scale are float32, one a column of `columns`."""

    offset: NDArray[np.float32]
    scale: NDArray[np.float32]

    def inputs(self, depth: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows, columns) float32 of depths (rows, samples), to mean 0 and deviation INPUT_WEIGHT in the training."""
        return np.asarray(INPUT_WEIGHT * (columns(depth) - self.offset) / self.scale, np.float32)

    def total(self, depth: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows, 1) log of the total depth (rows, samples), less its mean in the training."""
        return np.asarray(columns(depth)[:, -1:] - self.offset[-1], np.float32)


def columns(depth: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log depth in each of the samples, and where there are several the log of the total: (rows, columns)."""
    values = depth.astype(np.float64)
    if values.shape[1] > 1:
        values = np.column_stack([values, values.sum(1)])
    return np.asarray(np.log(values + PSEUDO_DEPTH))


def fit(depth: NDArray[np.float32]) -> DepthScaler:
    """Learn a scaler from the depths (rows, samples) of the training data."""
    values = columns(depth)
    if not len(values):
        return DepthScaler(np.zeros(values.shape[1], np.float32), np.ones(values.shape[1], np.float32))
    scale = values.std(0)
    scale[scale < SPREAD] = SPREAD  # a sample that says nothing stays small
    return DepthScaler(values.mean(0).astype(np.float32), scale.astype(np.float32))


def view(depth: NDArray[np.float32], bases: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The depth (rows, samples) that another contig of the genome, half as long, may have.

    bases: (rows,) of the whole contig. Twice the variance of the whole, as for the composition of a half; reads are
    counted in square roots, whose variance does not depend on how many there are (Anscombe 1948).
    """
    root = np.sqrt(depth) * np.exp(rng.normal(0, SPREAD * np.sqrt(2) / 2, depth.shape))
    counting = np.sqrt(READ_LENGTH / (2 * np.maximum(bases, 1)))[:, None]
    return np.square(root + counting * rng.normal(0, 1, depth.shape)).astype(np.float32)
