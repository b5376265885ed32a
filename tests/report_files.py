"""A made-up run of three bins and a few unbinned reads, as the files that a report is made from."""

from pathlib import Path

import numpy as np

import feature_files
from vaebin.formats import bins, coordinates, guards, history, scores, summary
from vaebin.formats.bins import Bins
from vaebin.formats.coordinates import Coordinates
from vaebin.formats.guards import Guard
from vaebin.formats.history import Epoch
from vaebin.formats.scores import BinScore, Evaluation, LabelScore
from vaebin.formats.summary import Row
from vaebin.reporting import Files

NUMBERS = [1] * 30 + [2] * 12 + [3] * 6 + [1, 2]  # the two last are not in their best bin
REASONS = [0] * 48 + [1, 2]
ROWS = [
    Row(1, 30, 120_000, 12.5, 9_600, 0.41, 0.97, 0.95, 2, "genome"),
    Row(2, 12, 48_000, 130.0, 4_100_000, 0.655, 0.64, 0.82, 1, "mixed?"),
    Row(3, 6, 24_000, None, None, 0.5, None, 0.7, 1, "thin"),
]
GUARDS = [Guard("adapter", 3, 9000, 0), Guard("junk", 1, 4000, 0)]
HISTORY = [Epoch(n, 10 / n, 8 / n, 0.1, 1 / n, 11 / n, 1.1 / n, 1.0, 1e-3, 8) for n in range(1, 6)]
EVALUATION = Evaluation(
    {"sequences": 50, "only_in_bins": 0, "only_in_truth": 0},
    {"precision": 0.98, "recall": 0.97, "f1": 0.975, "ari": 0.96, "ari_all": 0.95, "assigned": 0.96},
    {},
    [BinScore("bin_1", "E. coli <K12>", 30, 0.99, 0.98, None, None, None)],
    [LabelScore("E. coli <K12>", 31, 0.97, "bin_1", 0.968, None, None)],
)


def table(numbers=NUMBERS, reasons=REASONS) -> Bins:
    n = len(numbers)
    certain = np.where(np.arange(n) % 4, 0.95, 0.5)
    return Bins([f"s{i}" for i in range(n)], np.full(n, 4000), np.array(numbers), certain, np.array(reasons))


def write(folder: Path) -> Files:
    """Write all files, the bins as `bins.tsv`."""
    found = table()
    bins.write(folder / "bins.tsv", found)
    bins.write(folder / "other.tsv", table([2] * 30 + [1] * 18 + [1, 2], [0] * 50))
    summary.write(folder / "summary.tsv", ROWS)
    places = np.random.default_rng(0).normal(size=(50, 2)) + np.array(NUMBERS)[:, None] * 5
    coordinates.write(
        folder / "coordinates.tsv", Coordinates(found.ids[::2], places[::2], found.lengths[::2], None, None)
    )
    guards.write(folder / "guards.tsv", GUARDS)
    scores.write_json(folder / "scores.json", EVALUATION, {})
    history.write(folder / "history.tsv", HISTORY)
    feature_files.write(folder / "features.npz", np.full((50, 8, 136), 1, np.uint16))
    return Files(
        summary=folder / "summary.tsv", coordinates=folder / "coordinates.tsv", guards=folder / "guards.tsv",
        scores=folder / "scores.json", history=folder / "history.tsv", others=[folder / "other.tsv"],
    )  # fmt: skip
