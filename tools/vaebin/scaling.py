"""From k-mer counts and depths to the network's input: numpy only, one row at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import abundance
from vaebin.abundance import DepthScaler
from vaebin.config import Scaling

PSEUDO_COUNT = 1e-3  # to each k-mer
LIMIT = 10.0  # standard deviations: what a sequence of a handful of k-mers may be off


@dataclass(frozen=True)
class Scaler:
    """How counts of n k-mers are scaled; offset and scale are (n,) float32, learnt from the training data.

    depth: how depths are; None without.
    """

    method: Scaling
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]
    depth: DepthScaler | None = None

    def inputs(self, counts: NDArray[Any], depth: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """(rows, n) float32 for the encoder, the columns of the depths (rows, samples) after the k-mers'."""
        values = self._scaled(counts)
        if self.depth is None or depth is None:
            return values
        return np.hstack([values, self.depth.inputs(depth)])

    def _scaled(self, counts: NDArray[Any]) -> NDArray[np.float32]:
        values = composition(counts, self.method)
        values -= self.offset
        values /= self.scale
        return np.clip(values, -LIMIT, LIMIT, out=values)

    def targets(self, counts: NDArray[Any]) -> NDArray[np.float32]:
        """(rows, n) float32 in 0..1 for a sigmoid decoder to reconstruct."""
        if self.method == "hellinger":
            return composition(counts, self.method)
        return np.clip(self._scaled(counts), 0, 1)


def composition(counts: NDArray[Any], method: Scaling) -> NDArray[np.float32]:
    """Frequencies of the k-mers of each row, or with `hellinger` their square roots; both in 0..1.

    The square root makes the sampling noise of a multinomial the same for rare and frequent k-mers (Rao 1995).
    """
    values: NDArray[np.float32] = counts.astype(np.float32)
    if method == "hellinger":
        values += PSEUDO_COUNT
        values /= values.sum(1, keepdims=True)
        return np.sqrt(values, out=values)
    values /= np.maximum(values.sum(1, keepdims=True), 1)
    return values


def fit(counts: NDArray[Any], method: Scaling, depth: NDArray[np.float32] | None = None) -> Scaler:
    """Learn a scaler from the counts (rows, n) and depths (rows, samples) of the training data.

    Rows without a k-mer do not count.

    hellinger: to mean 0 and standard deviation 1 of each k-mer. minmax: to 0..1 of each k-mer. frequency: as it is.
    """
    n, usable = counts.shape[1], counts.any(1)
    depths = None if depth is None else abundance.fit(depth[usable])
    values = composition(counts[usable], method)
    if method == "frequency" or not len(values):
        return Scaler(method, np.zeros(n, np.float32), np.ones(n, np.float32), depths)
    if method == "minmax":
        offset, scale = values.min(0), np.ptp(values, axis=0)
    else:
        offset, scale = values.mean(0, dtype=np.float64), values.std(0, dtype=np.float64)
    scale[scale < 1e-7] = 1  # a k-mer that never varies says nothing, and stays 0
    return Scaler(method, offset.astype(np.float32), scale.astype(np.float32), depths)
