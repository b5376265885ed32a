"""The bin table: one row a sequence, unbinned ones included. Specified in README.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vaebin.formats import table
from vaebin.formats.atomic import writing_text

FORMAT = "vaebin-bins"
VERSION = (1, 0)
COLUMNS = ("sequence_id", "bin", "probability", "length", "best_bin", "reason")
REASONS = ("assigned", "unsure", "junk", "chimera")
UNBINNED = "unbinned"
SEQUENCES = ("vaebin-bin-sequences", (1, 0))  # the table of one file a bin, by `extract`


@dataclass(frozen=True)
class Bins:
    """Bins of n sequences in input order.

    best: (n,) int64, the likeliest bin's number, 1 the largest, 0 where there is none. probability: (n,) float64
    that `best` is right. reason: (n,) index into REASONS; only `assigned` sequences are in their best bin.
    """

    ids: Sequence[str]
    lengths: NDArray[np.int64]
    best: NDArray[np.int64]
    probability: NDArray[np.float64]
    reason: NDArray[np.int64]

    @property
    def assigned(self) -> NDArray[np.int64]:
        """(n,) the bin's number, 0 for unbinned sequences."""
        return np.where(self.reason == 0, self.best, 0)


def name(number: int) -> str:
    """The name of a bin: bin_1 is the largest."""
    return f"bin_{number}" if number else UNBINNED


def number(text: str) -> int:
    """The number of a bin by its name. Raises ValueError where it is none of ours."""
    return 0 if text == UNBINNED else int(text.removeprefix("bin_"))


def write(path: Path, bins: Bins) -> None:
    """Write the bin table."""
    columns = (bins.ids, bins.assigned.tolist(), bins.probability.tolist(), bins.lengths.tolist(), bins.best.tolist())
    rows = zip(*columns, bins.reason.tolist(), strict=True)
    table.write(
        path, FORMAT, VERSION, COLUMNS, ((i, name(b), f"{p:.4f}", n, name(x), REASONS[r]) for i, b, p, n, x, r in rows)
    )


def read(path: Path) -> Bins:
    """Read a bin table."""
    rows = list(table.parsed(path, FORMAT, VERSION[0], COLUMNS, _parse))
    return Bins(
        [r[0] for r in rows],
        np.array([r[1] for r in rows], np.int64),
        np.array([r[2] for r in rows], np.int64),
        np.array([r[3] for r in rows], np.float64),
        np.array([r[4] for r in rows], np.int64),
    )


def _parse(row: Mapping[str, str]) -> tuple[str, int, int, float, int]:
    """Id, length, best bin, probability and reason of one row."""
    best, reason = number(row["best_bin"]), REASONS.index(row["reason"])
    return row["sequence_id"], int(row["length"]), best, float(row["probability"]), reason


def write_biobox(path: Path, pairs: Iterable[tuple[str, int]], sample: str = "sample") -> None:
    """Write assigned sequences in CAMI's biobox binning format 0.10.0, as AMBER reads it."""
    with writing_text(path) as stream:
        stream.write(f"@Version:0.10.0\n@SampleID:{sample}\n@@SEQUENCEID\tBINID\n")
        stream.writelines(f"{i}\t{name(b)}\n" for i, b in pairs if b)


def write_contig2bin(path: Path, pairs: Iterable[tuple[str, int]]) -> None:
    """Write assigned sequences and their bins, two columns without names, as DAS Tool and others read it."""
    with writing_text(path) as stream:
        stream.writelines(f"{i}\t{name(b)}\n" for i, b in pairs if b)
