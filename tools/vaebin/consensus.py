"""What several runs agree on: seeds of the communities change little, and where they do, nobody should be sure."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def atoms(owners: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Atom (n,) of every sequence, those of one point in every run, and each run's point (atoms,) of every atom."""
    distinct, owner = np.unique(np.stack(owners, axis=1), axis=0, return_inverse=True)
    return owner.reshape(-1), list(distinct.T)


def combine(runs: Sequence[Matrix], weights: NDArray[np.float64]) -> Matrix:
    """Mean probabilities (m, bins) over runs whose bins are matched to those of the run with the median number.

    runs: (m, bins of the run) each. weights: (m,) sequences. Where more than half of the runs have one number of bins,
    the others are outvoted. A bin of another run counts for those bins that its members are in, in proportion.
    """
    runs = _majority(runs)
    order = sorted(range(len(runs)), key=lambda r: (runs[r].shape[1], r))
    base = runs[order[len(order) // 2]]
    total = np.zeros_like(base)
    for run in runs:
        if run is base:
            total += run
            continue
        common = base.T @ (run * weights[:, None])
        share = np.divide(common, common.sum(0), out=np.zeros_like(common), where=common.sum(0) > 0)
        total += run @ share.T
    return total / len(runs)


def _majority(runs: Sequence[Matrix]) -> Sequence[Matrix]:
    number, votes = Counter(run.shape[1] for run in runs).most_common(1)[0]
    return [run for run in runs if run.shape[1] == number] if votes > len(runs) / 2 else runs
