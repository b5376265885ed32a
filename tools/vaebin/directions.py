"""Directions of composition in which sequences differ most, for what the halves of one sequence differ in.

Linear discriminants (Fisher 1936) with each sequence for a class and its halves for the members. They take no training
and do not vary from one training to the next, so bins that also go by them vary less.
"""

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from vaebin.config import PARTS
from vaebin.counts import Counts
from vaebin.scaling import Scaler

Matrix = NDArray[np.float64]
SHORT = 0.25  # of the median number of k-mers: the halves of shorter sequences lie in no way where the whole lies
ROWS = 32_768  # sequences that they are found from, at most


def find_directions(counts: Counts, scaler: Scaler, dimensions: int, seed: int) -> NDArray[np.float32]:
    """At most so many directions (k-mers, dimensions) of the scaled composition, noise 1 along each, best first."""
    rows = find_usable(counts)
    if len(rows) > ROWS:
        rows = np.sort(np.random.default_rng([seed, 0]).choice(rows, ROWS, replace=False))
    first, second = (scaler.inputs(half) for half in split(counts, rows))
    whole = scaler.inputs(counts.whole[rows])
    with threadpool_limits(1):  # so that sums do not go by the number of threads
        noise = shrink(_squares(first - second) / 4, len(rows))
        spread = _squares(whole - whole.mean(0)) / max(len(rows), 1) if len(rows) else noise
        vectors = scipy.linalg.eigh(spread, noise)[1]
    return np.ascontiguousarray(vectors[:, ::-1][:, :dimensions], np.float32)


def find_usable(counts: Counts) -> NDArray[np.int64]:
    """Rows of the sequences that are long enough to tell of the noise."""
    size = counts.whole.sum(1)
    return np.flatnonzero(size >= max(SHORT * np.median(size[size > 0]), 1)) if size.any() else np.arange(0)


def split(counts: Counts, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
    """Counts of the even and of the odd parts of the rows."""
    return counts.views(rows, np.tile(np.arange(0, PARTS, 2), (len(rows), 1)))


def shrink(scatter: Matrix, n: int) -> Matrix:
    """The covariance (d, d) of the noise of n sequences, from the sum of their squares `scatter`.

    Fewer sequences than dimensions leave directions unseen: an isotropic prior that weighs as many sequences as there
    are dimensions fills them. The identity where nothing was seen.
    """
    d = len(scatter)
    if not scatter.any():
        return np.eye(d)
    prior = np.eye(d) * float(np.trace(scatter)) / n
    return np.asarray((scatter + prior) / (n + d) + 1e-6 * np.eye(d))


def _squares(rows: NDArray[np.float32]) -> Matrix:
    rest = rows.astype(np.float64)
    return np.asarray(rest.T @ rest)
