"""Bins of labelled read sets, by the defaults: floors that no change may go below.

The sets stand beside the checkout, not in it: where they are missing the tests say so. What is reached, over several
seeds, is measured by benchmarks/accuracy.py and told in docs/benchmarks.md; a floor leaves room for another machine.
"""

import csv
import gzip
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from vaebin import agreement, binning, clustering, metrics
from vaebin.formats import bins, features

TINY = Path(__file__).parent / "data"
DATA = Path(__file__).parent.parent.parent / "shared" / "data"
FLOORS = [
    # set, F1, ARI, calibration error; purity of at least that share of the reads with --noise keep
    ("dev-ont-12k", 0.93, 0.91, 0.05, 0.93, 0.85),
    ("dev-hifi-8k", 0.982, 0.966, 0.05, 0.995, 0.85),
    ("dev-zymo10-20k", 0.975, 0.965, 0.03, 0.99, 0.90),
    ("dev-pb-20k", 0.96, 0.96, 0.03, 0.96, 0.90),
]


def require(name):
    if not (DATA / name).is_dir():
        pytest.skip(f"the read set {name} is not at hand (looked for it in ../shared/data)")
    return DATA / name


def labels(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as stream:
        return {row["read_id"]: row["species"] for row in csv.DictReader(stream, delimiter="\t")}


def run(*command):
    subprocess.run([str(c) for c in command], check=True)


def binned(reads, truth, folder, seed=1):
    """The bins of reads made with --noise keep, and their labels as numbers."""
    counts, model, latent, table = (folder / n for n in ("features", "model", "latent", "bins"))
    run("vaebin-vectorize", reads, "-o", counts, "-q")
    run("vaebin-train", counts, "-o", model, "--seed", seed, "-q")
    run("vaebin-embed", counts, "--model", model, "-o", latent, "-q")
    run("vaebin-cluster", latent, "-f", counts, "-o", table, "--seed", seed, "--noise", "keep", "-q")
    found, known = bins.read(table), labels(truth)
    return found, np.unique([known[i] for i in found.ids], return_inverse=True)[1]


@pytest.fixture(scope="module", params=FLOORS, ids=[f[0] for f in FLOORS])
def outcome(request, tmp_path_factory):
    """The bins of a set made with --noise keep, its labels as numbers, and the floors."""
    name, *floors = request.param
    source, folder = require(name), tmp_path_factory.mktemp(name)
    found, truth = binned(source / "reads.fasta.gz", source / "truth.tsv.gz", folder)
    matrix = np.zeros((found.best.max() + 1, truth.max() + 1), int)
    np.add.at(matrix, (found.best, truth), 1)
    return found, truth, matrix.argmax(1)[found.best] == truth, floors


def test_scores_with_every_read_in_its_best_bin(outcome):
    found, truth, _, (f1, ari, *_) = outcome
    assert metrics.scores(metrics.contingency(found.best, truth, found.lengths))["f1"] >= f1
    assert adjusted_rand_score(truth, found.best) >= ari


def test_a_probability_is_how_often_the_bin_is_right(outcome):
    found, _, right, (_, _, error, *_) = outcome
    assert metrics.calibration_error(found.probability, right) <= error


def test_reads_that_are_sure_are_right(outcome):
    found, _, right, (*_, purity, share) = outcome
    kept = found.assigned > 0
    assert kept.mean() >= share
    assert right[kept].mean() >= purity


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_sample_has_a_bin_for_each_species(tmp_path, seed):
    found, truth = binned(TINY / "reads.fastq.gz", TINY / "truth.tsv", tmp_path, seed)
    assert found.best.max() == truth.max() + 1 == 4
    assert metrics.scores(metrics.contingency(found.best, truth, found.lengths))["f1"] >= 0.97


def test_real_reads_of_84_percent_identity_are_linked_within_species(tmp_path):
    source = require("real-ont-1k")
    run("vaebin-vectorize", source / "reads.fastq.gz", "-o", tmp_path / "features", "-q")
    measured = features.read(tmp_path / "features")
    evidence = clustering.gather([measured], None, None, 2)
    agreed = agreement.measure(evidence.overlaps, len(measured), evidence.fraction)
    edges = binning.find_links(evidence.overlaps, agreed, np.asarray(measured.lengths)).edges.tocoo()
    known = labels(source / "truth.tsv")
    species = np.array([known[i] for i in measured.ids])
    apart = species[edges.row] != species[edges.col]
    assert len(apart) / 2 >= 120  # an edge stands in the matrix twice
    assert apart.mean() < 0.01
