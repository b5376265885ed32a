"""Bin labelled read sets over several seeds and write a table of scores.

usage: python benchmarks/accuracy.py [--seeds N] [--preset NAME] [--work FOLDER] [--out TABLE.md] SET...

SET is NAME=READS:TRUTH, reads and a table of read_id and species. Every seed runs vectorize to cluster with the
defaults, vectorize once. Each row is the worst seed: F1 (LRBinner's definition) and ARI with every sequence in its best
bin, bins, the share and purity of what `--noise keep` bins, the expected calibration error, the agreement between seeds
(mean ARI between the bins of two of them), seconds (vectorize included) and the largest process in MB.
"""

import argparse
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import Cost, bin_by_seeds, markdown, show, work_folder
from sklearn.metrics import adjusted_rand_score

from vaebin import metrics
from vaebin.formats import bins as bin_table
from vaebin.formats import truth as truth_table

COLUMNS = ("set", "seeds", "F1", "ARI", "bins", "keep: share", "keep: purity", "ECE", "agreement", "seconds", "MB")


@dataclass
class Outcome:
    """One seed's bins, against the labels."""

    best: np.ndarray
    f1: float
    ari: float
    share: float
    purity: float
    error: float
    seconds: float
    megabytes: float


def read_labels(truth: Path) -> dict[str, str]:
    """The species of each read."""
    known = truth_table.read(truth, truth_table.Columns("read_id", "species"))
    return dict(zip(known.ids, known.labels, strict=True))


def judge(path: Path, labels: dict[str, str], cost: list[Cost]) -> Outcome:
    """Score a bin table written with `--noise keep`."""
    bins = bin_table.read(path)
    names = sorted(set(labels.values()))
    truth = np.array([names.index(labels[i]) for i in bins.ids])
    matrix = np.zeros((bins.best.max(initial=0) + 1, len(names)), np.int64)
    np.add.at(matrix, (bins.best, truth), 1)
    right = matrix.argmax(1)[bins.best] == truth
    scores = metrics.scores(metrics.contingency(bins.best, truth, bins.lengths))
    kept = bins.assigned > 0
    return Outcome(
        bins.best, scores["f1"], scores["ari"], kept.mean(), right[kept].mean() if kept.any() else 0.0,
        metrics.calibration_error(bins.probability, right), sum(c.wall for c in cost), max(c.megabytes for c in cost),
    )  # fmt: skip


def bench(name: str, reads: Path, truth: Path, seeds: int, preset: str, work: Path) -> list[object]:
    """The row of one set."""
    labels = read_labels(truth)
    outcomes: list[Outcome] = []
    chosen = ("--preset", preset)
    runs = bin_by_seeds(reads, work / name, seeds, vectorize=chosen, train=chosen, cluster=(*chosen, "--noise", "keep"))
    for seed, (bins, cost) in enumerate(runs, 1):
        outcomes.append(judge(bins, labels, cost))
        o = outcomes[-1]
        print(
            f"{name} seed {seed}: {o.f1:.4f} {o.ari:.4f} {o.best.max()} {o.share:.3f} {o.purity:.4f}", file=sys.stderr
        )
    pairs = list(itertools.combinations(outcomes, 2))
    agreement = np.mean([adjusted_rand_score(a.best, b.best) for a, b in pairs]) if pairs else 1.0
    counts = sorted({int(o.best.max()) for o in outcomes})
    return [
        name, seeds, f"{min(o.f1 for o in outcomes):.4f}", f"{min(o.ari for o in outcomes):.4f}",
        "–".join(map(str, dict.fromkeys((counts[0], counts[-1])))), f"{min(o.share for o in outcomes):.3f}",
        f"{min(o.purity for o in outcomes):.4f}", f"{max(o.error for o in outcomes):.3f}", f"{agreement:.3f}",
        f"{np.median([o.seconds for o in outcomes]):.0f}", f"{max(o.megabytes for o in outcomes):.0f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    rows = []
    for item in given.sets:
        name, _, paths = item.partition("=")
        reads, _, truth = paths.partition(":")
        rows.append(bench(name, Path(reads), Path(truth), given.seeds, given.preset, work))
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
