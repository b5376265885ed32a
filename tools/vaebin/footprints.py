"""How much memory the stages take, in bytes: what grows with the input as the code has it, the rest as measured.

benchmarks/memory.py holds the estimates against the peaks of real runs.
"""

from collections.abc import Sequence

import numpy as np

from vaebin import hubs, partitions
from vaebin.config import ClusterConfig, TrainConfig
from vaebin.formats.container import release
from vaebin.formats.features import Sketch, canonical_kmers

_NUMBA, _TORCH, _HDBSCAN = 300_000_000, 400_000_000, 300_000_000  # the program with these libraries, and little data
_THREAD = 30_000_000  # of vectorize: blocks of sequences and of counts
_RECORD_BYTES = 2_000  # of the input to a record: one of 4,000 bases in gzip
_RECORD = 300  # of vectorize: an id, in a list and a dictionary, and numbers
_KMER = 16  # of a partition: a k-mer's hash, read and place
_GROUPED = 8  # of a read that holds a shared k-mer: read and place
_SHARED = 16  # of the same in `Holders`, by read and by k-mer
_READ = 1_200  # of `cluster`: a read's overlaps, its share in communities, what the runs say of it
_POINT = 40  # of HDBSCAN: a point and direction
_LEAST_INTACT = 0.25  # of the k-mers of reads at 93 % identity, which is as low as deep samples are
_SAMPLE = 1_000_000  # k-mers looked at to tell how many are shared


def of_vectorizing(input_bytes: int, threads: int) -> int:
    """Of `vectorize`: features go to the disk, ids stay."""
    return _NUMBA + _THREAD * threads + _RECORD * input_bytes // _RECORD_BYTES


def of_training(sequences: int, config: TrainConfig, k: int) -> int:
    """Of `train`: counts of the sequences drawn as 4-byte numbers, and those of their parts, which need not stay."""
    drawn = min(sequences, config.sample)
    return _TORCH + drawn * canonical_kmers(k) * (4 + (16 if config.views else 4))


def of_clustering(sequences: int, kmers: int, shared: float, dimensions: int, config: ClusterConfig) -> int:
    """Of `cluster`, where the sketches hold so many k-mers, of which a share is held by several reads.

    Without k-mers the sequences themselves are clustered.
    """
    if not kmers:
        return _HDBSCAN + dimensions * (24 * sequences + _POINT * min(sequences, config.sample))
    held = int(kmers * shared)
    grouping = _KMER * partitions.size(kmers) + _GROUPED * held
    listing = (_GROUPED + _SHARED) * held
    binning = _SHARED * held + _READ * sequences
    return _HDBSCAN + max(grouping, listing, binning)


def share_of_shared(sketches: Sequence[Sketch], fraction: int) -> float:
    """Share of kept k-mers that more than one read holds, of many holders the hubs alone.

    From a range of the hashes: these are evenly spread.
    """
    total = sum(len(s.hashes) for s in sketches)
    if not total:
        return 0.0
    limit = np.uint64(((1 << 64) - 1) // fraction // max(1, total // _SAMPLE))
    kept = []
    for sketch in sketches:
        for start in range(0, len(sketch.hashes), partitions.PARTITION):
            hashes = sketch.hashes[start : start + partitions.PARTITION]
            kept.append(np.asarray(hashes[hashes <= limit]))
            release(sketch.hashes)
    holders = np.unique(np.concatenate(kept), return_counts=True)[1]
    intact = max(_LEAST_INTACT, holders[holders > hubs.DEEP].sum() / max(1, holders.sum()))
    listed = holders * np.minimum(1, hubs.DEPTH * intact / np.maximum(holders - 1, 1))
    return float(listed[holders > 1].sum() / max(1, holders.sum()))
