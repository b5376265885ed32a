"""What a plot shows: points, and what they are coloured by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Groups:
    """A name for each of n points.

    title: what the names are, as "bin" or "species". codes: (n,) index into names, -1 for points of none.
    names: from the largest group to the smallest. sizes: of each group, in all sequences and not only those drawn.
    nothing: what points of none are called; nothings: how many there are.
    """

    title: str
    codes: NDArray[np.int64]
    names: Sequence[str]
    sizes: Sequence[int]
    nothing: str
    nothings: int

    def take(self, rows: NDArray[np.integer]) -> "Groups":
        """The same groups for some of the points."""
        return Groups(self.title, self.codes[rows], self.names, self.sizes, self.nothing, self.nothings)


@dataclass(frozen=True)
class Values:
    """A number for each of n points, NaN for points of none, which are called `nothing`."""

    title: str
    numbers: NDArray[np.float64]
    nothing: str

    def take(self, rows: NDArray[np.integer]) -> "Values":
        """The numbers of some of the points."""
        return Values(self.title, self.numbers[rows], self.nothing)

    def limits(self) -> tuple[float, float]:
        """Where the colours begin and end: the 1st and the 99th percentile, so that no outlier takes them all."""
        known = self.numbers[np.isfinite(self.numbers)]
        if not len(known):
            return 0.0, 1.0
        low, high = np.percentile(known, [1, 99]).tolist()
        return (low, high) if high > low else (low - 0.5, low + 0.5)


@dataclass(frozen=True)
class Points:
    """n points drawn of `total` sequences.

    coordinates: (n, 2). method: what made them, UMAP or PCA. lengths: (n,) bases. bins, probabilities: each
    sequence's bin and the probability that it is right, None without bins. colouring: None for one colour.
    """

    ids: Sequence[str]
    lengths: NDArray[np.int64]
    coordinates: NDArray[np.float64]
    method: str
    total: int
    bins: Sequence[str] | None = None
    probabilities: NDArray[np.float64] | None = None
    colouring: Groups | Values | None = None

    def title(self) -> str:
        """How many sequences there are to see, and why it is no UMAP where it is none."""
        if not self.total:
            return "no sequences"
        drawn = f"{len(self.ids):,} of " if len(self.ids) < self.total else ""
        shown = f"{drawn}{self.total:,} sequence{'' if self.total == 1 else 's'}"
        return shown if self.method == "UMAP" else f"{shown}: too few, or too alike, for UMAP; principal components"


def group(title: str, labels: Sequence[str], nothing: str) -> Groups:
    """Groups by name, the largest first and equals by name; an empty label is none."""
    sizes = Counter(labels)
    nothings = sizes.pop("", 0)
    names = sorted(sizes, key=lambda name: (-sizes[name], len(name), name))  # by length first: bin_9 before bin_10
    code = {name: i for i, name in enumerate(names)} | {"": -1}
    codes = np.array([code[label] for label in labels], np.int64)
    return Groups(title, codes, names, [sizes[n] for n in names], nothing, nothings)


def medians(coordinates: NDArray[Any], groups: Groups) -> dict[int, tuple[Any, Any]]:
    """Where each group's name belongs: at that of its points nearest to their median, so never beside the group."""
    places = {}
    order = np.argsort(groups.codes, kind="stable")
    codes, starts = np.unique(groups.codes[order], return_index=True)
    for code, rows in zip(codes.tolist(), np.split(order, starts[1:]), strict=False):
        if code >= 0:
            own = coordinates[rows]
            x, y = own[np.square(own - np.median(own, axis=0)).sum(axis=1).argmin()].tolist()
            places[code] = (x, y)
    return places
