"""From sequences to their features file: k-mer counts of whole sequences and of their parts, and sketches."""

import contextlib
import csv
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from vaebin import footprints, identity, kmers, memory, sketches
from vaebin.admission import Admission
from vaebin.config import PART_K, PARTS, SAMPLE_BASES, SAMPLE_RECORDS, VectorizeConfig
from vaebin.errors import InputError
from vaebin.formats import depths as depth_tables
from vaebin.formats import features
from vaebin.formats.alignments import Alignments
from vaebin.formats.atomic import require_places, writing_text
from vaebin.processors import processors
from vaebin.progress import log, progress
from vaebin.sequences import Record, read

ExportFormat = Literal["tsv", "csv"]

_BLOCK_BASES = 1 << 22  # bases counted at a time by one thread: with fewer, threads wait for one another more often
_BLOCK_COUNTS = 1 << 22  # and counts that result at most, which bounds the memory of short sequences and of large k
_PART_COUNTS = PARTS * features.canonical_kmers(PART_K)

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Batch(NamedTuple):
    """Consecutive sequences."""

    ids: list[str]
    sequences: list[bytes]


class _Depths(NamedTuple):
    """Names of samples, and a function from contigs' ids and lengths to their depths (contigs, samples) in these."""

    samples: list[str]
    of: Callable[[Sequence[str], NDArray[np.int64]], NDArray[np.float32]]


def vectorize(
    inputs: Sequence[Path],
    output: Path,
    config: VectorizeConfig,
    *,
    depth: Path | None = None,
    bams: Sequence[Path] = (),
    records: tuple[int, int | None] | None = None,
    threads: int = 0,
    export: Path | None = None,
    export_format: ExportFormat = "tsv",
    bare: bool = False,
) -> None:
    """Write the features of all sequences, or of the `records` from the first number up to the second, from 0.

    The sketch's k and fraction, where they are automatic, come from the first records of the whole input, so all
    ranges of one input agree. `depth` is a table of the depth of contigs in samples, or `bams` hold each sample's reads
    mapped to them: depth goes into the features, and there is no sketch, as contigs hardly overlap. `export` gets the
    k-mers' relative frequencies as text, in the columns of kmertools; `bare` leaves out the header and the ids. Threads
    never change a byte.
    """
    require_places(output, export)
    begun = time.monotonic()
    start, stop = records or (0, None)
    depths = _depths(depth, bams, config.min_identity)
    whole = read(inputs)
    memory.announce(footprints.of_vectorizing(_bytes(inputs), threads or processors()), "fewer --threads")
    stream, spec, basis = _specify(whole, config, depths.samples if depths else [])
    admission = Admission(start, config)
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(features.Writer(output, spec, start))
        table = _Export(stack.enter_context(writing_text(export)), config.k, export_format, bare) if export else None
        advance = stack.enter_context(progress("vectorize"))
        batches = _batch(admission.admit(itertools.islice(stream, start, stop)), config.k)
        for block in _in_order(batches, lambda batch: _measure(batch, spec, depths), threads or processors()):
            writer.append(block)
            admission.records["no_kmers"] += int((~block.counts.any(axis=1)).sum())
            if table:
                table.append(block)
            advance(len(block.ids))
        writer.finish(admission.records)
    _report(admission, spec, basis, time.monotonic() - begun)


def _bytes(inputs: Sequence[Path]) -> int:
    """Size of all inputs that are files."""
    return sum(path.stat().st_size for path in inputs if path.is_file())


def count(inputs: Sequence[Path]) -> int:
    """How many records the inputs hold together, by which ranges of them can be planned."""
    return sum(1 for _ in read(inputs))


def _depths(table: Path | None, bams: Sequence[Path], min_identity: float) -> _Depths | None:
    """Where depths come from; None where the sequences have none."""
    if table and bams:
        raise InputError("depths come from a table or from BAM files, not from both")
    if bams:
        alignments = Alignments(bams, min_identity)
        return _Depths(alignments.samples, alignments.of)
    if table:
        found = depth_tables.read(table)
        return _Depths(found.samples, lambda ids, _: found.of(ids))
    return None


def _specify(
    stream: Iterator[Record], config: VectorizeConfig, samples: list[str]
) -> tuple[Iterator[Record], dict[str, Any], str]:
    """The stream as it was, the features' spec, and what the sketch's k and fraction rest on."""
    k: int | None = config.sketch_k
    fraction: int | None = config.sketch_fraction
    basis = ""
    if samples or not config.sketch:
        k = fraction = None
    elif not (k and fraction):
        sample = _sample(stream)
        stream = itertools.chain(sample, stream)
        found = identity.estimate(sample)
        basis = f" (identity {found.identity:.3f}, {found.basis})"
        best_k, best_fraction = identity.choose(found.identity)
        k, fraction = k or best_k, fraction or best_fraction
    spec: dict[str, Any] = {
        "k": config.k, "part_k": PART_K, "parts": PARTS, "sketch_k": k, "sketch_fraction": fraction,
        "min_length": config.min_length, "samples": samples,
    }  # fmt: skip
    if config.min_quality:
        spec["min_quality"] = config.min_quality
    return stream, spec, basis


def _sample(stream: Iterator[Record]) -> list[Record]:
    sample: list[Record] = []
    bases = 0
    for record in itertools.islice(stream, SAMPLE_RECORDS):
        sample.append(record)
        bases += len(record.sequence)
        if bases >= SAMPLE_BASES:
            break
    return sample


def _batch(stream: Iterable[Record], k: int) -> Iterator[_Batch]:
    rows = max(1, _BLOCK_COUNTS // max(features.canonical_kmers(k), _PART_COUNTS))
    batch, bases = _Batch([], []), 0
    for record in stream:
        batch.ids.append(record.id)
        batch.sequences.append(record.sequence)
        bases += len(record.sequence)
        if bases >= _BLOCK_BASES or len(batch.ids) >= rows:
            yield batch
            batch, bases = _Batch([], []), 0
    if batch.ids:
        yield batch


def _measure(batch: _Batch, spec: dict[str, Any], depths: _Depths | None) -> features.Block:
    lengths = np.array([len(s) for s in batch.sequences], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    bases = np.frombuffer(b"".join(batch.sequences), np.uint8)
    k, fraction = spec["sketch_k"], spec["sketch_fraction"]
    scanned = kmers.scan(bases, offsets, k or 0, sketches.limit(fraction or 1))
    whole = spec["k"] == PART_K
    counts = scanned.parts.sum(1, dtype=scanned.parts.dtype) if whole else kmers.count(bases, offsets, spec["k"])
    sketch = sketches.distinct(scanned, fraction) if k else None
    depth = depths.of(batch.ids, lengths) if depths else None
    return features.Block(batch.ids, lengths, kmers.narrow(counts), kmers.narrow(scanned.parts), sketch, depth)


def _in_order(items: Iterable[Item], work: Callable[[Item], Result], threads: int) -> Iterator[Result]:
    """Results in the order of the items; the items are drawn while the threads work, a few ahead of them."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                while len(waiting) > 2 * threads or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


class _Export:
    """Relative k-mer frequencies as text: the rows and columns of `kmertools comp oligo`, an id before them."""

    def __init__(self, stream: TextIO, k: int, export_format: ExportFormat, bare: bool) -> None:
        self._writer = csv.writer(stream, delimiter="\t" if export_format == "tsv" else ",", lineterminator="\n")
        self._bare = bare
        if not bare:
            self._writer.writerow(["sequence_id", *kmers.names(k)])

    def append(self, block: features.Block) -> None:
        """Write a row for each sequence; zeros where it has no k-mers."""
        sums = np.maximum(block.counts.sum(1, dtype=np.int64, keepdims=True), 1)
        for name, row in zip(block.ids, (block.counts / sums).tolist(), strict=True):
            cells = [f"{value:.6f}" for value in row]
            self._writer.writerow(cells if self._bare else [name, *cells])


def _report(admission: Admission, spec: dict[str, Any], basis: str, seconds: float) -> None:
    records = admission.records
    poor = f" and {records['low_quality']:,} of lower quality" if "low_quality" in records else ""
    count = len(spec["samples"])
    samples = f"; depth in {count} sample{'s' * (count > 1)}" if count else ""
    sketch = f"sketch of 1/{spec['sketch_fraction']} of the {spec['sketch_k']}-mers{basis}"
    log.info(
        "%s sequences, %s bases, %s shorter ones%s left out; %d-mers; %s%s; %.1f s, %.0f Mbp/s",
        f"{records['kept']:,}", f"{admission.bases:,}", f"{records['too_short']:,}", poor, spec["k"],
        sketch if spec["sketch_k"] else "no sketch", samples, seconds, admission.bases / 1e6 / seconds,
    )  # fmt: skip
