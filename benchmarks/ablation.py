"""What each idea of `cluster` gains: the same bins without it, one at a time.

usage: python benchmarks/ablation.py [--seeds N] [--out TABLE.md] SET...

SET is NAME=FEATURES:LATENT:TRUTH: files of vaebin-vectorize and vaebin-embed, and a table of read_id and species.
Cells are the worst F1 / ARI of the seeds of cluster, every sequence in its best bin. "linear" puts a projection of the
4-mers in the place of the VAE: the directions in which sequences differ most for what their two halves differ in.
"""

import argparse
import contextlib
import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import scipy.linalg
from common import markdown, show
from sklearn.metrics import adjusted_rand_score

from vaebin import binning, chimeras, clustering, coverage, metrics, propagation, relatives, seams, whitening
from vaebin.config import ClusterConfig, TrainConfig
from vaebin.formats import features, latent, truth
from vaebin.formats.features import Features
from vaebin.formats.latent import Latent

Change = Callable[[], contextlib.AbstractContextManager[Any]]

CHANGES: dict[str, Change] = {
    "all of it": contextlib.nullcontext,
    "no cut at chimeras' joints": lambda: mock.patch.object(chimeras, "find_joints", lambda _, __, n: np.full(n, -1)),
    "no check of a pair's agreement": lambda: mock.patch.object(binning, "LEAST_AGREEMENT", 1e-12),
    "no depth": lambda: mock.patch.object(coverage, "log_depth", lambda depths, *_: np.zeros(len(depths))),
    "no scatter within genomes": lambda: mock.patch.object(
        whitening, "scatter_within", lambda points, *_: np.zeros((points.shape[1],) * 2)
    ),
    "nearest cores, no links": lambda: mock.patch.object(propagation, "propagate", lambda prior, *_: prior),
    "no seams mended": lambda: mock.patch.object(seams, "mend", lambda spread, *_: spread),
    "no relatives parted": lambda: mock.patch.object(relatives, "part", lambda shares, *_: shares),
}
SETTINGS: dict[str, dict[str, Any]] = {"one run": {"runs": 1}, "communities of 200": {"community_size": 200}}


def linear(table: Features, dimensions: int = TrainConfig.latent_dim) -> Latent:
    """Latent means by a linear projection, for which no training is needed."""

    def hellinger(counts: np.ndarray) -> np.ndarray:
        shares = counts + 1e-3
        return np.asarray(np.sqrt(shares / shares.sum(1, keepdims=True)))

    parts = np.asarray(table.parts)
    halves = [hellinger(parts[:, side::2].sum(1, dtype=float)) for side in (0, 1)]
    whole = hellinger(parts.sum(1, dtype=float))
    rest = halves[0] - halves[1]
    noise = rest.T @ rest / len(rest) / 4
    noise += 1e-4 * np.trace(noise) / len(noise) * np.eye(len(noise))
    _, vectors = scipy.linalg.eigh(np.cov(whole.T), noise)
    means = (whole @ vectors[:, ::-1][:, :dimensions]).astype(np.float32)
    return Latent(table.ids, np.asarray(table.lengths), means, None, np.eye(dimensions), "linear")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without numpy's warnings: some variants divide by nothing."""
    with np.errstate(all="ignore"):
        yield


def worst(means: Latent, table: Features, evidence: Any, labels: np.ndarray, seeds: int, **settings: Any) -> str:
    """Worst F1 and ARI over the seeds of cluster, as a cell."""
    found, linked = [], clustering.Linked.by(evidence, np.asarray(table.lengths))
    for seed in range(1, seeds + 1):
        config = dataclasses.replace(ClusterConfig(), seed=seed, **settings)
        best = clustering.Result(means, linked, config).bins.best
        scores = metrics.scores(metrics.contingency(best, labels, np.asarray(table.lengths)))
        found.append((scores["f1"], adjusted_rand_score(labels, best)))
    return " / ".join(f"{min(values):.4f}" for values in zip(*found, strict=True))


def column(name: str, paths: str, seeds: int) -> dict[str, str]:
    """A set's cell for each variant."""
    feature_file, latent_file, truth_file = (Path(p) for p in paths.split(":"))
    table, means = features.read(feature_file), latent.read(latent_file)
    known = truth.read(truth_file, truth.Columns("read_id", "species"))
    by_id = dict(zip(known.ids, known.labels, strict=True))
    labels = np.unique([by_id[i] for i in table.ids], return_inverse=True)[1]
    evidence = clustering.gather([table], None, None, 2)
    cells = {}
    with quiet():
        for change, patch in CHANGES.items():
            with patch():
                cells[change] = worst(means, table, evidence, labels, seeds)
        for change, settings in SETTINGS.items():
            cells[change] = worst(means, table, evidence, labels, seeds, **settings)
        cells["linear in place of the VAE"] = worst(linear(table), table, evidence, labels, seeds)
        cells["no overlaps: HDBSCAN on reads"] = worst(means, table, None, labels, 1)
    print(name, cells, file=sys.stderr)
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sets = [item.partition("=")[::2] for item in given.sets]
    columns = [column(name, paths, given.seeds) for name, paths in sets]
    rows = [[change, *(c[change] for c in columns)] for change in columns[0]]
    show(markdown(["", *(name for name, _ in sets)], rows), given.out)


if __name__ == "__main__":
    main()
