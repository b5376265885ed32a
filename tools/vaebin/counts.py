"""What the network learns from: counts of k-mers and depths, and two views of each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import abundance
from vaebin.config import PARTS


@dataclass(frozen=True)
class Counts:
    """k-mer counts of n sequences: whole (n, k-mers) float32, and of their parts (n, 8, k-mers) or None.

    depth: (n, samples) float32, or None without.
    """

    whole: NDArray[np.float32]
    parts: NDArray[Any] | None
    depth: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.whole)

    def views(self, rows: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
        """Counts of the `chosen` parts (rows, 4) of each row, and of its others; both (rows, k-mers)."""
        if self.parts is None:
            raise ValueError("no parts, no views")
        taken = self.parts.reshape(-1, self.parts.shape[2])[rows[:, None] * PARTS + chosen]
        first = taken[:, 0].astype(np.float32)
        for part in range(1, taken.shape[1]):
            first += taken[:, part]
        return first, self.whole[rows] - first

    def depth_views(self, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.float32], ...] | None:
        """Two depths that halves of each row's genome may have, both (rows, samples)."""
        if self.depth is None:
            return None
        bases = self.whole[rows].sum(1)
        return abundance.view(self.depth[rows], bases, rng), abundance.view(self.depth[rows], bases, rng)
