"""How well the two reads of a pair agree: the k-mers they share against those expected of one place.

Reads of one place share a k-mer where both are free of errors, so the expected density differs from read to read.
A relative's genome, a repeat or a chimera shares less over the stretch on which the pair should overlap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaebin.formats.overlaps import Overlaps

ROUNDS = 5
SHRINKAGE = 0.7  # of a read's own effect, which few overlaps tell badly


@dataclass(frozen=True)
class Agreement:
    """log_ratio: (m,) natural log of the shared k-mers over those expected, per base of reach, for every pair.

    intact: share of k-mers that both reads of a typical pair have without error.
    """

    log_ratio: NDArray[np.float64]
    intact: float


def measure(overlaps: Overlaps, n: int, fraction: int) -> Agreement:
    """Compare every pair with what its two reads' other overlaps lead to expect.

    Log density = typical density + effect of read i + effect of read j, fitted on pairs that overlap in full, each
    effect shrunk towards 0 by one overlap's worth.
    """
    density = np.log(np.maximum(overlaps.shared * float(fraction) / np.maximum(overlaps.reach, 1), 1e-6))
    whole = (overlaps.shared >= 5) & (overlaps.span >= 0.6 * overlaps.reach) & (overlaps.span >= 1000)
    if not whole.any():
        return Agreement(np.zeros(len(density)), 1.0)
    typical = float(np.median(density[whole]))
    i, j, rest = overlaps.i[whole], overlaps.j[whole], density[whole] - typical
    both = np.concatenate([i, j])
    seen = np.bincount(both, minlength=n)
    effect = np.zeros(n)
    for _ in range(ROUNDS):
        left = rest - effect[i] - effect[j]
        total = np.bincount(both, np.concatenate([left, left]), n)
        effect = (effect * seen + SHRINKAGE * total) / (seen + 1)
    return Agreement(density - typical - effect[overlaps.i] - effect[overlaps.j], float(np.exp(typical)))
