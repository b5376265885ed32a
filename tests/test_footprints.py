"""Estimates of memory follow what is allocated, at any size."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vaebin import footprints
from vaebin.clustering import cluster
from vaebin.config import ClusterConfig, EmbedConfig, TrainConfig, VectorizeConfig
from vaebin.embedding import embed
from vaebin.formats.features import Sketch
from vaebin.partitions import LARGEST, PARTITION, PASSES
from vaebin.training import train
from vaebin.vectorizing import vectorize

DATA = Path(__file__).parent / "data"
READS, TRAIN = ClusterConfig(), TrainConfig()
GROWTH = {
    "vectorize by ids": (lambda n: footprints.of_vectorizing(n * 2_000, 2), 300),
    "vectorize by threads": (lambda n: footprints.of_vectorizing(0, n), 30_000_000),
    "train by parts and their sum": (lambda n: footprints.of_training(n, TRAIN, 4), 136 * (8 * 2 + 4)),
    "train without views": (lambda n: footprints.of_training(n, TrainConfig(views=False), 3), 32 * (4 + 4)),
    "cluster by shared k-mers": (lambda n: footprints.of_clustering(0, 10**9 * n, 1.0, 8, READS), 24 * 10**9),
    "cluster by reads": (lambda n: footprints.of_clustering(n * 10**6, 1, 1.0, 8, READS), 1_200 * 10**6),
    "cluster by sequences": (lambda n: footprints.of_clustering(n * 100_000, 0, 0, 8, READS), 8 * 24 * 100_000),
}


@pytest.mark.parametrize(("estimate", "step"), GROWTH.values(), ids=GROWTH)
def test_growth(estimate, step):
    assert estimate(3) - estimate(2) == step


def test_training_stops_growing_at_its_sample():
    assert footprints.of_training(10**9, TRAIN, 4) == footprints.of_training(TRAIN.sample, TRAIN, 4)


def test_a_partition_is_all_that_is_grouped_at_once():
    kmers = [0, PARTITION, PASSES * PARTITION, 1000 * PARTITION]
    unshared = [footprints.of_clustering(0, n, 0.0, 8, READS) for n in kmers]
    assert np.diff(unshared).tolist() == [16 * PARTITION, 0, 16 * (LARGEST - PARTITION)]


def sketch(reads):
    hashes = [np.sort(np.array(r, np.uint64)) for r in reads]
    flat = np.concatenate([np.empty(0, np.uint64), *hashes])
    return Sketch(flat, np.zeros(len(flat), np.uint32), np.cumsum([0, *map(len, hashes)]))


@pytest.mark.parametrize(
    ("sketches", "share"),
    [
        ([], 0.0),
        ([sketch([])], 0.0),
        ([sketch([[1, 2], [3, 4]])], 0.0),
        ([sketch([[1, 2], [2, 3]])], 0.5),
        ([sketch([[1, 2]]), sketch([[2, 3, 1]])], 0.8),
    ],
    ids=["no files", "no reads", "none", "half", "over files"],
)
def test_the_share_of_shared_kmers(sketches, share):
    assert footprints.share_of_shared(sketches, 1) == share


def test_a_range_of_hashes_tells_of_all(monkeypatch):
    """Half of the reads stand there twice."""
    monkeypatch.setattr(footprints, "_SAMPLE", 10_000)
    draw = np.random.default_rng(1)
    reads = [draw.integers(0, 2**64 // 16, 100, np.uint64) for _ in range(1000)]
    both = sketch(
        [r for pair in zip(reads, reads, strict=True) for r in pair] + [draw.integers(0, 2**60, 200_000, np.uint64)]
    )
    assert footprints.share_of_shared([both], 16) == pytest.approx(0.5, abs=0.03)


MEASURED = """
import sys, threading, time
import numpy as np
from vaebin import footprints, hubs
from vaebin.config import ClusterConfig
from vaebin.formats.features import Sketch
from vaebin.holders import find_holders

hubs.choose = lambda others, *_: np.ones(len(others), bool)  # so that all k-mers are listed

def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096

def peak_of(work):
    before, seen, done = resident(), [], threading.Event()
    watch = threading.Thread(target=lambda: [seen.append(resident()) for _ in iter(lambda: done.wait(0.002), True)])
    watch.start()
    found = work()
    done.set()
    watch.join()
    return found, max(seen) - before

def holders(kmers, reads=2000):
    hashes = np.sort(np.random.default_rng(1).integers(0, 2**60, kmers // reads, np.uint64))
    places, offsets = np.full(kmers, 10**6, np.uint32), np.arange(reads + 1) * (kmers // reads)
    sketch = Sketch(np.tile(hashes, reads), places, offsets)
    return lambda: find_holders([sketch], np.full(reads, 10**6), 19, 16)

kmers = int(sys.argv[1])
holders(20_000)()  # compiled
found, taken = peak_of(holders(kmers))
assert len(found.reads) == kmers
few, many = (footprints.of_clustering(0, n, 1.0, 8, ClusterConfig()) for n in (1, kmers))
print(taken / (many - few))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is taken")
@pytest.mark.parametrize("kmers", [4_000_000, 32_000_000])
def test_holders_take_what_is_told(kmers):
    """Within a factor of 2, the program itself and the sketch left out."""
    done = subprocess.run([sys.executable, "-c", MEASURED, str(kmers)], capture_output=True, text=True, check=True)
    assert 0.5 <= float(done.stdout) <= 2


def test_each_stage_says_so_before_it_works(tmp_path, caplog):
    caplog.set_level(logging.INFO, "vaebin")
    table, model, latent, bins = (tmp_path / name for name in ("features", "model", "latent", "bins"))
    stages = {
        "vectorize": lambda: vectorize([DATA / "reads.fasta.gz"], table, VectorizeConfig(), records=(0, 50)),
        "train": lambda: train([table], model, TrainConfig(epochs=1, hidden=(8,), latent_dim=2)),
        "embed": lambda: embed([table], model, latent, EmbedConfig()),
        "cluster": lambda: cluster([latent], [table], bins, READS),
    }
    said = {}
    for stage, work in stages.items():
        caplog.clear()
        work()
        said[stage] = caplog.messages[0].partition(" GB of memory needed")
    assert {stage: bool(needed) for stage, (_, needed, _) in said.items()} == {
        "vectorize": True, "train": True, "embed": False, "cluster": True,
    }  # fmt: skip
    assert all(0.2 < float(said[stage][0].removeprefix("about ")) < 1 for stage in ("vectorize", "train", "cluster"))
