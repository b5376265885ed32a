"""The features file: what `vectorize` measured of each sequence. Specified in README.md."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vaebin import provenance
from vaebin.config import PARTS
from vaebin.errors import MismatchError
from vaebin.formats import container
from vaebin.formats.ids import Ids, require_distinct

FORMAT = "vaebin-features"
VERSION = (1, 1)
UNFILTERED = (1, 0)  # what a file is whose sequences had no quality to reach, so that its bytes stay as they were


@dataclass(frozen=True)
class Sketch:
    """Kept k-mers of n sequences, ragged: those of sequence i stand at offsets[i]:offsets[i + 1].

    hashes: uint64, ascending within a sequence, each once. places: uint32, the k-mer's start times two,
    plus one where the reverse strand's k-mer was the canonical one. offsets: int64 of n + 1.
    """

    hashes: NDArray[np.uint64]
    places: NDArray[np.uint32]
    offsets: NDArray[np.int64]


@dataclass(frozen=True)
class Features:
    """One features file: a table of n rows in input order.

    counts: (n, canonical k-mers). parts: (n, 8, 136). depth: (n, samples) or None.
    `spec` is what all files must agree on; `records` counts what became of the input's records.
    """

    spec: dict[str, Any]
    records: dict[str, int]
    ids: Ids
    lengths: NDArray[np.int64]
    counts: NDArray[Any]
    parts: NDArray[Any]
    sketch: Sketch | None
    depth: NDArray[np.float32] | None
    first_record: int = 0

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Block:
    """Rows for a `Writer`; the arrays are as in `Features`, sketch offsets counted from 0."""

    ids: Sequence[str]
    lengths: NDArray[np.int64]
    counts: NDArray[Any]
    parts: NDArray[Any]
    sketch: Sketch | None = None
    depth: NDArray[np.float32] | None = None


class Writer:
    """Streams blocks of rows to a features file; nothing is at `path` before `finish`.

    Use as a context manager. `spec` holds k, part_k, parts, sketch_k, sketch_fraction (None without a sketch),
    min_length, samples (names of depth columns) and, where reads had to reach one, min_quality; `first_record` is the
    index of the first record of this file's range in the whole input.
    """

    def __init__(self, path: Path, spec: Mapping[str, Any], first_record: int = 0) -> None:
        self.path = Path(path)
        self.spec = dict(spec)
        self.first_record = first_record
        self._columns: dict[str, list[container.Spool]] = {}
        self._ids: list[str] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._sketch_sizes: list[NDArray[np.int64]] = []
        self._files = contextlib.ExitStack()
        self._digest = provenance.SequenceDigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def append(self, block: Block) -> None:
        """Add rows."""
        self._ids.extend(block.ids)
        self._lengths.append(block.lengths)
        self._digest.update(block.ids, block.lengths)
        self._grow("counts", block.counts)
        self._grow("parts", block.parts)
        if block.depth is not None:
            self._grow("depth", block.depth)
        if block.sketch is not None:
            self._grow("sketch_hashes", block.sketch.hashes)
            self._grow("sketch_places", block.sketch.places)
            self._sketch_sizes.append(np.diff(block.sketch.offsets))

    def _grow(self, name: str, rows: NDArray[Any]) -> None:
        spools = self._columns.setdefault(name, [])
        if not spools or not np.can_cast(rows.dtype, spools[-1].dtype):  # at most one spool a type
            spools.append(self._spool(rows.dtype, rows.shape[1:]))
        spools[-1].append(rows)

    def _spool(self, dtype: Any, row_shape: tuple[int, ...]) -> container.Spool:
        stream = tempfile.TemporaryFile(dir=self.path.resolve().parent)  # noqa: SIM115  closed with the writer
        return container.Spool(self._files.enter_context(stream), dtype, row_shape)

    def finish(self, records: Mapping[str, int]) -> None:
        """Write the file; `records` counts the records read, kept and dropped by reason."""
        n = len(self._ids)
        header = provenance.header(
            FORMAT,
            VERSION if "min_quality" in self.spec else UNFILTERED,
            self.spec,
            records=dict(records),
            first_record=self.first_record,
            digest=self._digest.hexdigest(),
        )
        ids = Ids.of(self._ids)
        arrays: dict[str, Any] = {
            "ids": ids.blob,
            "id_offsets": ids.offsets,
            "lengths": _joined(self._lengths, np.int64),
        }
        empty = {
            "counts": (n, canonical_kmers(self.spec["k"])),
            "parts": (n, PARTS, canonical_kmers(self.spec["part_k"])),
        }
        for name, shape in empty.items():
            arrays[name] = self._column(name, np.empty(shape, np.uint16))
        if self.spec["sketch_k"] is not None:
            arrays["sketch_hashes"] = self._column("sketch_hashes", np.empty(0, np.uint64))
            arrays["sketch_places"] = self._column("sketch_places", np.empty(0, np.uint32))
            arrays["sketch_offsets"] = np.concatenate([[0], np.cumsum(_joined(self._sketch_sizes, np.int64))])
        if self.spec["samples"]:
            arrays["depth"] = self._column("depth", np.empty((n, len(self.spec["samples"])), np.float32))
        container.write(self.path, header, arrays)

    def _column(self, name: str, empty: NDArray[Any]) -> NDArray[Any] | container.Spool:
        spools = self._columns.get(name, [])
        if not spools:
            return empty
        if len(spools) == 1:
            return spools[0]
        # counts outgrew uint16 somewhere: the whole column takes the wider type
        widest = self._spool(np.result_type(*(s.dtype for s in spools)), spools[0].row_shape)
        for spool in spools:
            for rows in _blocks(spool):
                widest.append(rows)
        return widest


def _blocks(spool: container.Spool, rows: int = 4096) -> Iterator[NDArray[Any]]:
    spool.stream.seek(0)
    size = rows * spool.dtype.itemsize * int(np.prod(spool.row_shape))
    while data := spool.stream.read(size):
        yield np.frombuffer(data, spool.dtype).reshape(-1, *spool.row_shape)


def _joined(blocks: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *blocks]).astype(dtype, copy=False)


def canonical_kmers(k: int) -> int:
    """How many k-mers there are when each is one with its reverse complement."""
    return int(4**k + (4 ** (k // 2) if k % 2 == 0 else 0)) // 2


def read(path: Path) -> Features:
    """Read a features file; arrays are memory-mapped."""
    header, a = container.read(path, FORMAT, VERSION[0], ("ids", "id_offsets", "lengths", "counts", "parts"))
    sketch = Sketch(a["sketch_hashes"], a["sketch_places"], a["sketch_offsets"]) if "sketch_hashes" in a else None
    return Features(
        header["parameters"], header["records"], Ids(a["ids"], a["id_offsets"]), a["lengths"], a["counts"], a["parts"],
        sketch, a.get("depth"), header["first_record"],
    )  # fmt: skip


def shards(*paths: Path) -> list[Features]:
    """Read features files, shards of one input, in the order of their records.

    Raises MismatchError when files do not belong together.
    """
    ordered = sorted(((read(Path(p)), Path(p)) for p in paths), key=lambda s: (s[0].first_record, str(s[1])))
    first, first_path = ordered[0]
    for shard, path in ordered[1:]:
        for key in first.spec | shard.spec:
            if shard.spec.get(key) != first.spec.get(key):
                raise MismatchError(
                    f"{path}: {key} is {shard.spec.get(key)}, but {first_path} has {first.spec.get(key)}; "
                    "run vectorize with the same options on every file"
                )
    if len(ordered) > 1:
        require_distinct((shard.ids, path) for shard, path in ordered)
    return [shard for shard, _ in ordered]
