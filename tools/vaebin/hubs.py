"""Hubs: the reads to which the others are linked, so many of each genome that bins need no more."""

import numpy as np
from numpy.typing import NDArray

DEPTH = 15.0  # that hubs make up, where a genome is deeper than that; with 10 to all bins are as right
DEEP = 3.0  # other holders of a k-mer, from which on reads tell how many k-mers errors leave
GOLDEN = (5**0.5 - 1) / 2


def choose(others: NDArray[np.int64], squares: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) whether a read is a hub: so many of each genome that they make up DEPTH, evenly spread over the input.

    Of some k-mers of each read: others: (n,) how many other reads hold them, together. squares: the same of the
    squares of these numbers. kept: how many k-mers they are.

    A k-mer without error has as many other holders as there are reads over its place, times the share of k-mers that
    errors leave intact; one with an error few. Their mean, weighted by themselves, is one more (Poisson's law). So is
    the depth known twice; a repeat raises both estimates, the second less where a read is not all of repeats.
    """
    holders = squares / np.maximum(others, 1) - 1
    deep = holders >= DEEP
    if not deep.any():
        return np.ones(len(others), bool)
    intact = others[deep].sum() / (kept * holders)[deep].sum()
    depth = np.minimum(holders / intact, others / np.maximum(kept, 1) / intact**2)
    return np.asarray(np.arange(1, len(others) + 1) * GOLDEN % 1 < DEPTH / np.maximum(depth, 1))
