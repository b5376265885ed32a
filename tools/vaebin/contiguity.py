"""How long the pieces of a set of sequences are."""

import numpy as np
from numpy.typing import NDArray


def n50(lengths: NDArray[np.int64]) -> int:
    """The length such that sequences at least as long hold half of all bases; 0 without any."""
    if not len(lengths):
        return 0
    falling = np.sort(lengths)[::-1]
    held = np.cumsum(falling)
    return int(falling[np.searchsorted(held, held[-1] / 2)])
