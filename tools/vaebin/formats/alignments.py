"""Depth of contigs in samples from the reads mapped to them: BAM files, one a sample. Specified in README.md."""

import contextlib
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vaebin.errors import FormatError, InputError, MismatchError

if TYPE_CHECKING:
    from pysam import AlignedSegment, AlignmentFile

_EXPECTED = "a BAM file of reads mapped to the contigs"
_LEFT_OUT = 0x4 | 0x100 | 0x200 | 0x400 | 0x800  # unmapped, secondary, failed, duplicate, supplementary
_M, _I, _D, _EQUAL, _DIFFERENT = 0, 1, 2, 7, 8  # operations by their numbers in BAM


class Alignments:
    """Sorted and indexed BAM files of reads mapped to contigs; `samples` are their names, one a file.

    A sample has the name that all read groups of its file give, or else that of the file without `.bam`.
    """

    def __init__(self, paths: Sequence[Path], min_identity: float = 0.0) -> None:
        """Look at the headers. An alignment under `min_identity` (share of its columns that match) does not count.

        Raises InputError where a file is missing, unsorted or has no index, or two are of one sample; FormatError
        where one is no BAM file.
        """
        self._paths, self._min_identity = list(paths), min_identity
        self._handles = [_open(path) for path in paths]
        self._lock = threading.Lock()  # a handle serves one thread at a time
        self.samples = [_sample(path, handle) for path, handle in zip(paths, self._handles, strict=True)]
        for sample, times in Counter(self.samples).items():
            if times > 1:
                both = [str(p) for p, s in zip(paths, self.samples, strict=True) if s == sample]
                raise InputError(f"{both[0]} and {both[1]}: both of sample {sample!r}; merge them or rename one")

    def of(self, ids: Sequence[str], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """(ids, samples) mean reads over a base of the contigs of these ids and lengths; any thread may ask.

        Bases of a read that are inserted or clipped lie over no base, and under a deletion lies none. Raises
        MismatchError for the first contig that the reads were not mapped to, or that had another length then.
        """
        contigs = list(zip(ids, lengths.tolist(), strict=True))
        with self._lock:
            rows = [[self._depth(n, name, length) for n in range(len(self._paths))] for name, length in contigs]
        return np.array(rows, np.float32).reshape(len(ids), len(self._paths))

    def _depth(self, number: int, name: str, length: int) -> float:
        path, handle = self._paths[number], self._handles[number]
        if handle.get_tid(name) < 0:
            raise MismatchError(
                f"{path}: {name!r} of the sequences is none of those that its reads were mapped to; "
                "map them to these sequences, all of them"
            )
        if (known := handle.get_reference_length(name)) != length:
            raise MismatchError(
                f"{path}: {name!r} has {known} bases, but {length} in the sequences; map the reads to these sequences"
            )
        try:
            covered = sum(_covered(path, read, self._min_identity) for read in handle.fetch(name))
        except (OSError, ValueError):
            with contextlib.suppress(OSError):  # which would be told when the handle is let go of
                handle.close()
            raise FormatError(f"{path}: damaged or cut short at {name!r}; make it and its index again") from None
        return covered / max(length, 1)


def _covered(path: Path, read: "AlignedSegment", min_identity: float) -> int:
    """Bases of the contig over which a read lies."""
    if read.flag & _LEFT_OUT:
        return 0
    operations = read.get_cigar_stats()[0]
    covered = operations[_M] + operations[_EQUAL] + operations[_DIFFERENT]
    if covered and min_identity:
        if not read.has_tag("NM"):
            raise FormatError(
                f"{path}: {read.query_name!r} has no NM tag, by which --min-identity goes; add it by samtools calmd"
            )
        columns = covered + operations[_I] + operations[_D]
        if columns - int(read.get_tag("NM")) < min_identity * columns:
            return 0
    return int(covered)


def _open(path: Path) -> "AlignmentFile":
    """Raises InputError where there is no such file, FormatError where it is another kind of file."""
    import pysam

    pysam.set_verbosity(0)  # what htslib would say goes into the errors here
    try:
        with open(path, "rb"):
            handle = pysam.AlignmentFile(str(path), "rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; expected {_EXPECTED}") from None
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        wrong = "cut short; copy it again" if "truncated" in str(error) else f"not {_EXPECTED}"
        raise FormatError(f"{path}: {wrong}") from None
    if not handle.is_bam:
        raise FormatError(f"{path}: not {_EXPECTED}, but SAM or CRAM; use samtools sort on it, then samtools index")
    return handle


def _sample(path: Path, handle: "AlignmentFile") -> str:
    """The name of a file's sample. Raises InputError where it is not sorted or has no index."""
    header, indexed = handle.header.to_dict(), handle.has_index()
    order = header.get("HD", {}).get("SO", "coordinate" if indexed else "unsorted")  # what has an index is sorted
    if order != "coordinate":
        raise InputError(f"{path}: not sorted by position; use samtools sort on it, then samtools index")
    if not indexed:
        raise InputError(f"{path}: has no index beside it; use samtools index on it")
    groups = {group.get("SM", "") for group in header.get("RG", [])}
    named = groups.pop() if len(groups) == 1 else ""
    return named or path.name.removesuffix(".bam")
