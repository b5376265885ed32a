"""Several assemblies binned at once: which sample a contig is of, and each bin parted by it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import InputError


def samples(ids: Iterable[str], separator: str) -> NDArray[np.int64]:
    """The sample (n,) that each id begins with, up to the first separator; numbered by first appearance.

    Raises InputError for the first id without one, or with nothing on one side of it.
    """
    numbers: dict[str, int] = {}
    found = []
    for name in ids:
        sample, _, contig = name.partition(separator)
        if not (sample and contig):
            raise InputError(
                f"{name!r} does not begin with a sample and {separator!r}, by which to split; expected ids such as "
                f"S1{separator}NAME"
            )
        found.append(numbers.setdefault(sample, len(numbers)))
    return np.array(found, np.int64)


def split(best: NDArray[np.int64], sample: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bins (n,) from 1, 0 for none, parted by sample (n,) and numbered anew by weight (n,), the heaviest first.

    As VAMB does (Nissen et al. 2021, doi:10.1038/s41587-020-00777-4): a genome in several samples makes one bin there
    that is better told from others, and each sample's strain of it one bin in the end.
    """
    binned = best > 0
    _, pair = np.unique(np.column_stack([best, sample])[binned], axis=0, return_inverse=True)
    pair = pair.ravel()
    heaviest = np.argsort(-np.bincount(pair, weights[binned]), kind="stable")
    number = np.empty(len(heaviest), np.int64)
    number[heaviest] = np.arange(1, len(heaviest) + 1)
    parted = np.zeros(len(best), np.int64)
    parted[binned] = number[pair]
    return parted
