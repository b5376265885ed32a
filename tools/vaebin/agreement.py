"""How well the two reads of a pair agree: the k-mers they share against those expected of one place.

Reads of one place share a k-mer where both are free of errors, so the expected density differs from read to read.
A relative's genome, a repeat or a chimera shares less over the stretch on which the pair should overlap.
"""

from dataclasses import dataclass

import numba
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
    density, whole = _densities(overlaps.shared, overlaps.span, overlaps.reach, float(fraction))
    if not whole.any():
        return Agreement(np.zeros(len(density)), 1.0)
    typical = float(np.median(density[whole]))
    density -= typical
    _subtract(density, overlaps.i, overlaps.j, _effects(density, overlaps.i, overlaps.j, whole, n))
    return Agreement(density, float(np.exp(typical)))


@numba.njit(cache=True, nogil=True)
def _densities(shared, span, reach, fraction):  # type: ignore[no-untyped-def]
    """Log of the shared k-mers of a base of each pair's reach, and whether it overlaps in full."""
    density, whole = np.empty(len(shared)), np.empty(len(shared), np.bool_)
    for x in range(len(shared)):
        density[x] = np.log(max(shared[x] * fraction / max(reach[x], 1), 1e-6))
        whole[x] = shared[x] >= 5 and span[x] >= 0.6 * reach[x] and span[x] >= 1000
    return density, whole


@numba.njit(cache=True, nogil=True)
def _effects(rest, i, j, whole, n):  # type: ignore[no-untyped-def]
    """Effect (n,) of each read on the log densities."""
    effect, seen = np.zeros(n), np.zeros(n)
    for x in range(len(rest)):
        seen[i[x]] += whole[x]
        seen[j[x]] += whole[x]
    for _ in range(ROUNDS):
        total = np.zeros(n)
        for x in range(len(rest)):
            if whole[x]:
                left = rest[x] - effect[i[x]] - effect[j[x]]
                total[i[x]] += left
                total[j[x]] += left
        effect = (effect * seen + SHRINKAGE * total) / (seen + 1)
    return effect


@numba.njit(cache=True, nogil=True)
def _subtract(rest, i, j, effect):  # type: ignore[no-untyped-def]
    for x in range(len(rest)):
        rest[x] -= effect[i[x]] + effect[j[x]]
