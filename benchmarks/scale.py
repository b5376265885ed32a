"""Bin ever more reads of the same genomes and write a table of what `vaebin run` takes.

usage: python benchmarks/scale.py [--reads N ...] [--work FOLDER] [--out TABLE.md] GENOME.fna[.gz]...

Reads are drawn from the genomes, each file one genome: numbers of copies log-normal (sigma 1), lengths log-normal
(median 5 kb, sigma 0.5, at least 1 kb), identity 0.93, errors at random places. Every stage but plot runs by itself,
with two threads; `MB a thousand reads` is what the largest stage takes more than in the row above. Scores are of every
read in its best bin, by genome.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import simulation
from common import bin_by_seeds, markdown, show, work_folder
from simulation import Genome, Mixture

from vaebin import metrics
from vaebin.formats import bins as bin_table

STAGES = ("vectorize", "train", "embed", "cluster")
COLUMNS = ("reads", "Gbp", *(f"{s} s" for s in STAGES), "whole s", "CPU s", *(f"{s} MB" for s in STAGES),
           "MB a thousand reads", "bins", "F1", "ARI")  # fmt: skip


def bench(genomes: Sequence[Genome], n: int, work: Path, before: tuple[int, float]) -> tuple[list[object], float]:
    """The row of n reads, and the MB of its largest stage; before: reads and MB of the row above."""
    folder, threads = work / str(n), ("--threads", 2)
    folder.mkdir(exist_ok=True)
    reads = folder / "reads.fasta.gz"
    sources, bases = simulation.simulate(Mixture(n), genomes, reads)
    ((bins, costs),) = bin_by_seeds(reads, folder, 1, vectorize=threads, cluster=threads)
    found = bin_table.read(bins)
    scores = metrics.scores(metrics.contingency(found.best, sources, found.lengths))
    peak = max(c.megabytes for c in costs)
    slope = f"{(peak - before[1]) / (n - before[0]) * 1000:.2f}" if before[0] else ""
    for path in (reads, folder / "features.npz", folder / "latent.npz"):
        path.unlink()
    return [
        f"{n:,}", f"{bases / 1e9:.2f}", *(f"{c.wall:.1f}" for c in costs), f"{sum(c.wall for c in costs):.0f}",
        f"{sum(c.cpu for c in costs):.0f}", *(f"{c.megabytes:.0f}" for c in costs), slope,
        found.best.max(), f"{scores['f1']:.4f}", f"{scores['ari']:.4f}",
    ], peak  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genomes", nargs="+", type=Path, metavar="GENOME")
    parser.add_argument("--reads", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    genomes = [simulation.load(path) for path in given.genomes]
    rows, before = [], (0, 0.0)
    for n in given.reads:
        row, peak = bench(genomes, n, work, before)
        before = n, peak
        rows.append(row)
        print(*row, file=sys.stderr)
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
