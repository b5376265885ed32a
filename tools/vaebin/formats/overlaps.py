"""The overlaps file: what `cluster` found out about pairs of reads, to skip the search next time."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import provenance
from vaebin.formats import container
from vaebin.formats.ids import Ids

FORMAT = "vaebin-overlaps"
VERSION = (1, 0)


@dataclass(frozen=True)
class Overlaps:
    """m overlapping pairs of reads i < j, sorted by (i, j).

    shared: k-mers on the common diagonal. span: bases from the first to the last of them. left, right: bases, seen
    from read i, over which both reads go on beyond the span. same: 1 where both lie on one strand, else 0.
    i_start, i_end: the span on read i; j_start, j_end: on read j.
    """

    i: NDArray[np.int32]
    j: NDArray[np.int32]
    shared: NDArray[np.int32]
    span: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    same: NDArray[np.int32]
    i_start: NDArray[np.int32]
    i_end: NDArray[np.int32]
    j_start: NDArray[np.int32]
    j_end: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.i)

    @property
    def reach(self) -> NDArray[np.int32]:
        """(m,) bases over which the two reads would overlap if they came from one place."""
        return self.span + self.left + self.right


@dataclass(frozen=True)
class Evidence:
    """Overlapping pairs of n reads, with each read's k-mer multiplicity (n,) and k-mers left out as adapters (n,)."""

    ids: Ids
    overlaps: Overlaps
    multiplicity: NDArray[np.float64]
    adapters: NDArray[np.int64]
    k: int
    fraction: int


def write(path: Path, evidence: Evidence) -> None:
    """Write an overlaps file."""
    header = provenance.header(FORMAT, VERSION, {"k": evidence.k, "fraction": evidence.fraction})
    arrays: dict[str, Any] = {
        "ids": evidence.ids.blob,
        "id_offsets": evidence.ids.offsets,
        "multiplicity": evidence.multiplicity,
    }
    container.write(path, header, {**arrays, "adapters": evidence.adapters, **vars(evidence.overlaps)})


def read(path: Path) -> Evidence:
    """Read an overlaps file."""
    columns = [field.name for field in dataclasses.fields(Overlaps)]
    members = ("ids", "id_offsets", "multiplicity", "adapters", *columns)
    header, a = container.read(path, FORMAT, VERSION[0], members)
    ids, multiplicity, adapters = Ids(a.pop("ids"), a.pop("id_offsets")), a.pop("multiplicity"), a.pop("adapters")
    pairs = Overlaps(**{name: a[name] for name in columns})
    return Evidence(ids, pairs, multiplicity, adapters, header["parameters"]["k"], header["parameters"]["fraction"])
