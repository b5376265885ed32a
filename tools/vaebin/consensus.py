"""What several runs agree on: seeds of the communities change little, and where they do, nobody should be sure."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Atoms(NamedTuple):
    """Sequences that are in one point in every run.

    owner: (n,) atom of each sequence. owners: (atoms,) each, a run's points of the atoms. weights: (atoms,) sequences.
    """

    owner: NDArray[np.int64]
    owners: list[NDArray[np.int64]]
    weights: NDArray[np.float64]


def atoms(owners: Sequence[NDArray[np.int64]]) -> Atoms:
    """The atoms of runs, by the point (n,) of each sequence in each."""
    number = owners[0]  # of the runs so far: one whole number at a time is sorted much faster than rows are
    for points in owners[1:]:
        number = np.unique(number * (points.max(initial=0) + 1) + points, return_inverse=True)[1]
    _, first, owner, sizes = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    return Atoms(owner, [points[first] for points in owners], sizes.astype(float))


def combine(runs: Sequence[Matrix], owners: Sequence[NDArray[np.int64]], weights: NDArray[np.float64]) -> Matrix:
    """Mean probabilities (atoms, bins) over runs whose bins are matched to those of the run with the median number.

    runs: (points, bins of the run) each. owners: (atoms,) each, their points. weights: (atoms,) sequences. Where more
    than half of the runs have one number of bins, the others are outvoted. A bin of another run counts for those bins
    that its members are in, in proportion.
    """
    chosen = _majority(runs)
    order = sorted(chosen, key=lambda r: (runs[r].shape[1], r))
    middle = order[len(order) // 2]
    base, base_owner = runs[middle], owners[middle]
    total = base[base_owner]
    for r in chosen:
        if r == middle:
            continue
        shape = len(base), len(runs[r])
        together = sp.coo_matrix((weights, (base_owner, owners[r])), shape).tocsr()  # sequences of both points
        common = base.T @ (together @ runs[r])
        share = np.divide(common, common.sum(0), out=np.zeros_like(common), where=common.sum(0) > 0)
        total += (runs[r] @ share.T)[owners[r]]
    total /= len(chosen)
    return total


def _majority(runs: Sequence[Matrix]) -> list[int]:
    """The runs that have a vote."""
    number, votes = Counter(run.shape[1] for run in runs).most_common(1)[0]
    return [r for r, run in enumerate(runs) if votes <= len(runs) / 2 or run.shape[1] == number]
