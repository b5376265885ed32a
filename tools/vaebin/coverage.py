"""Depth of reads from how often their k-mers are held by others."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

FLOOR = 2.0  # keeps thin genomes from falling apart by the noise of small counts
LARGE = 5  # reads in a community that tells the noise of one
LEAST_DEPTH = 0.5  # from which the bases over it are a genome's size


def depth(multiplicity: NDArray[np.float64], intact: float) -> NDArray[np.float64]:
    """Other reads over a base of each read (n,): holders of its k-mers, corrected for k-mers lost to errors.

    In a genome covered at random the mean over its reads is the depth itself (Lander & Waterman 1988).
    """
    return multiplicity / max(intact, 1e-6)


def median_depth(depths: NDArray[np.float64], lengths: NDArray[np.int64]) -> float:
    """The depth that half of the bases lie below: repeats and relatives raise the mean of reads, not this."""
    order = np.argsort(depths)
    bases = np.cumsum(lengths[order])
    return float(depths[order][np.searchsorted(bases, bases[-1] / 2)])


def genome_size(bases: int, depth: float) -> float:
    """Bases of the genome that reads of so many lie on, at their median depth; nan where that is too low to tell."""
    return bases / depth if depth >= LEAST_DEPTH else float("nan")


def log_depth(
    depths: NDArray[np.float64], members: sp.csr_matrix, communities: NDArray[np.int64]
) -> NDArray[np.float64]:
    """log(depth + 2) of each read (n,) in units in which a community's reads scatter by 1; zeros if none is large."""
    x = np.log(depths + FLOOR)
    sizes = np.asarray(members.sum(1)).ravel()
    large = sizes >= LARGE
    if not large.any():
        return np.zeros(len(x))
    rest = (x - (members @ x / sizes)[communities])[large[communities]]
    noise = np.sqrt((rest**2).sum() / (sizes[large] - 1).sum())
    return np.asarray(x / noise) if noise > 0 else np.zeros(len(x))
