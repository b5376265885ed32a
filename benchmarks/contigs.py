"""Bin labelled contigs by their depth in all samples and in the first alone, by vaebin and VAMB side by side.

usage: python benchmarks/contigs.py [--seeds N] [--vamb PROGRAM] [--work FOLDER] [--out TABLE.md] FASTA DEPTH TRUTH

DEPTH is a table of MetaBAT, VAMB or CoverM; TRUTH has the columns contig_id and genome. vaebin runs with its defaults,
vectorize to cluster, and each of its rows is the worst of the seeds. VAMB runs once, with its defaults but contigs from
1,000 bases on (-m 1000), where its program is named or on PATH. Scores are AMBER's, by genome: completeness, purity and
F1 in bases, ARI by contigs (each unbinned one a bin of its own), and bins at least 90 % complete and at most 5 %
contaminated. Seconds and MB (the largest process) are of all stages.
"""

import argparse
import shutil
import sys
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from common import Cost, bin_by_seeds, markdown, run, show, work_folder

from vaebin import metrics
from vaebin.formats import depths as depth_tables
from vaebin.formats import truth as labels
from vaebin.formats.depths import Depths

COLUMNS = ("samples", "binner", "completeness", "purity", "F1", "ARI", "near complete", "bins", "seconds", "MB")
COMPLETE, PURE = 0.9, 0.95
OURS, THEIRS = labels.Columns("sequence_id", "bin"), labels.Columns("contigname", "clustername")


@dataclass(frozen=True)
class Outcome:
    """How good the bins of one run are, and what they cost; more is better in the first five."""

    completeness: float
    purity: float
    f1: float
    ari: float
    near_complete: int
    bins: int
    seconds: float
    megabytes: float


def judge(path: Path, columns: labels.Columns, truth: labels.Labels, cost: list[Cost]) -> Outcome:
    """Score a table of bins against the genomes of all contigs."""
    found = labels.read(path, columns)
    assert truth.lengths is not None  # or `main` has refused it
    binned = {name: bin_name for name, bin_name in zip(found.ids, found.labels, strict=True) if bin_name}
    names = {name: number for number, name in enumerate(dict.fromkeys(binned.values()))}
    bins = np.array([names[binned[i]] if i in binned else -1 for i in truth.ids])
    genomes = np.unique(truth.labels, return_inverse=True)[1]
    table = metrics.contingency(bins, genomes, truth.lengths)
    amber, by_bin = metrics.amber(table), metrics.of_bins(table)
    near = (by_bin["completeness_bases"] >= COMPLETE) & (by_bin["purity_bases"] >= PURE)
    return Outcome(
        amber["recall_weighted_bp"], amber["precision_weighted_bp"], amber["f1_score_per_bp"],
        metrics.scores(table)["ari_all"], int(near.sum()), len(names), sum(c.wall for c in cost),
        max(c.megabytes for c in cost),
    )  # fmt: skip


def write_depths(path: Path, depths: Depths, samples: int) -> Path:
    """The first samples of a table, as VAMB wants it."""
    lines = ["\t".join(["contigname", *depths.samples[:samples]])]
    lines += ["\t".join([name, *map(str, depths.values[row, :samples])]) for name, row in depths.rows.items()]
    path.write_text("\n".join(lines) + "\n")
    return path


def bin_by_vamb(program: str, fasta: Path, depth: Path, truth: labels.Labels, work: Path) -> list[Outcome]:
    out = work / "vamb"
    shutil.rmtree(out, ignore_errors=True)  # it wants to make the folder itself
    cost = run(program, "bin", "default", "--outdir", out, "--fasta", fasta, "--abundance_tsv", depth, "-m", 1000)
    return [judge(out / "vae_clusters_unsplit.tsv", THEIRS, truth, [cost])]


def row(samples: int, binner: str, outcomes: list[Outcome]) -> list[object]:
    """The worst of each score, the mean of bins and seconds, the most memory."""
    scores, (bins, seconds, megabytes) = (
        np.array([astuple(o) for o in outcomes])[:, :5],
        zip(*((o.bins, o.seconds, o.megabytes) for o in outcomes), strict=True),
    )
    *shares, near = scores.min(0)
    costs = [f"{np.mean(bins):.0f}", f"{np.mean(seconds):.0f}", f"{max(megabytes):.0f}"]
    return [samples, binner, *(f"{s:.4f}" for s in shares), int(near), *costs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fasta", type=Path, metavar="FASTA")
    parser.add_argument("depth", type=Path, metavar="DEPTH")
    parser.add_argument("truth", type=Path, metavar="TRUTH")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--vamb", default=shutil.which("vamb"))
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    truth = labels.read(given.truth, labels.Columns("contig_id", "genome"))
    if truth.lengths is None:
        sys.exit("TRUTH needs a column of lengths, or AMBER's _LENGTH")
    depths = depth_tables.read(given.depth)
    rows = []
    for samples in dict.fromkeys((len(depths.samples), 1)):
        depth = write_depths(work / "depth.tsv", depths, samples)
        runs = bin_by_seeds(given.fasta, work, given.seeds, vectorize=("--depth", depth))
        found = [judge(bins, OURS, truth, cost) for bins, cost in runs]
        rows.append(row(samples, f"vaebin, worst of {given.seeds} seeds", found))
        if given.vamb:
            rows.append(row(samples, "VAMB", bin_by_vamb(given.vamb, given.fasta, depth, truth, work)))
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
