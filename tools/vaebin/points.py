"""What is clustered: communities of reads, or sequences by themselves."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """What is clustered: communities, or sequences where there are no overlaps.

    places: (m, d), one unit what differs within a genome. weights: (m,) sequences a point. members: (m, n).
    owner: (n,) point of each sequence. between: (m, m) links. within: (d,) share of scatter within genomes in a unit of
    each direction; the rest is noise.
    """

    places: Matrix
    weights: NDArray[np.float64]
    members: sp.csr_matrix
    owner: NDArray[np.int64]
    between: sp.csr_matrix
    within: NDArray[np.float64]

    def variances(self) -> Matrix:
        """(m, d) how far points of one genome are expected to lie from its centre, squared, by their weights."""
        noise = 1 / self.weights
        return np.asarray(self.within + (1 - self.within) * (noise / noise.mean())[:, None])

    def majority(self, best: NDArray[np.int64]) -> NDArray[np.int64]:
        """(m,) the bin that most of a point's sequences are in, by the bins (n,) of these."""
        counts = np.zeros((len(self.weights), best.max(initial=0) + 1))
        np.add.at(counts, (self.owner, best), 1)
        return np.asarray(counts.argmax(1))
