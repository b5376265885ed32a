"""Bin ever more reads of the same genomes and write a table of what `vaebin run` takes.

usage: python benchmarks/scale.py [--reads N ...] [--work FOLDER] [--out TABLE.md] GENOME.fna[.gz]...

Reads are drawn from the genomes, each file one genome: abundances log-normal (sigma 1), lengths log-normal (median
5 kb, sigma 0.5, at least 1 kb), identity 0.93, errors at random places (4 substitutions to 3 insertions and 3
deletions). Every stage but plot runs by itself, with two threads; `MB a thousand reads` is what the largest stage takes
more than in the row above. Scores are of every read in its best bin, by genome.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numba
import numpy as np
from common import markdown, run, show
from isal import igzip
from numpy.typing import NDArray

from vaebin import metrics
from vaebin.formats import bins as bin_table
from vaebin.sequences import read

STAGES = ("vectorize", "train", "embed", "cluster")
COLUMNS = ("reads", "Gbp", *(f"{s} s" for s in STAGES), "whole s", "CPU s", *(f"{s} MB" for s in STAGES),
           "MB a thousand reads", "bins", "F1", "ARI")  # fmt: skip
IDENTITY, MEDIAN, SIGMA, SHORTEST = 0.93, 5000, 0.5, 1000
LETTERS = np.frombuffer(b"ACGT", np.uint8)


def load(path: Path) -> NDArray[np.uint8]:
    """A genome's contigs one after the other, as if it were one circle."""
    return np.frombuffer(b"".join(bytes(r.sequence).upper() for r in read([path])), np.uint8)


@numba.njit(cache=False)
def corrupt(bases, dice, replacements, out):  # type: ignore[no-untyped-def]
    """Copy bases with errors; returns how many letters were written."""
    error, n = 1 - IDENTITY, 0
    for x in range(len(bases)):
        if dice[x] < 0.3 * error:
            continue
        out[n] = replacements[x] if dice[x] < 0.7 * error else bases[x]
        n += 1
        if dice[x] > 1 - 0.3 * error:
            out[n] = replacements[x]
            n += 1
    return n


def reverse_complement(bases: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.frombuffer(bases.tobytes().translate(bytes.maketrans(b"ACGT", b"TGCA"))[::-1], np.uint8)


def draw(genomes: Sequence[NDArray[np.uint8]], n: int) -> Iterator[tuple[int, bytes]]:
    """The number of the genome and the sequence of each of n reads; the first of many are those of few."""
    abundance = np.exp(np.random.default_rng(1).normal(0, 1, len(genomes))) * [len(g) for g in genomes]
    rng = np.random.default_rng(2)
    for source in rng.choice(len(genomes), n, p=abundance / abundance.sum()):
        genome = genomes[source]
        length = min(max(SHORTEST, int(MEDIAN * np.exp(rng.normal(0, SIGMA)))), len(genome))
        bases = np.take(genome, np.arange(start := rng.integers(len(genome)), start + length), mode="wrap")
        bases = bases if rng.random() < 0.5 else reverse_complement(bases)
        out = np.empty(2 * length, np.uint8)
        size = corrupt(bases, rng.random(length, np.float32), LETTERS[rng.integers(0, 4, length)], out)
        yield int(source), out[:size].tobytes()


def simulate(genomes: Sequence[NDArray[np.uint8]], n: int, path: Path) -> tuple[NDArray[np.int64], int]:
    """Write n reads; returns the genome of each, and their bases."""
    sources, bases = np.empty(n, np.int64), 0
    with igzip.open(path, "wb", compresslevel=1) as stream:
        for i, (source, sequence) in enumerate(draw(genomes, n)):
            stream.write(b">read%d\n%s\n" % (i, sequence))
            sources[i] = source
            bases += len(sequence)
    return sources, bases


def bench(
    genomes: Sequence[NDArray[np.uint8]], n: int, work: Path, before: tuple[int, float]
) -> tuple[list[object], float]:
    """The row of n reads, and the MB of its largest stage; before: reads and MB of the row above."""
    reads, features, model, latent, bins = (
        work / f"{n}.{name}" for name in ("fasta.gz", "features.npz", "model.safetensors", "latent.npz", "bins.tsv")
    )
    sources, bases = simulate(genomes, n, reads)
    costs = [
        run("vaebin-vectorize", reads, "-o", features, "-q", "--threads", 2),
        run("vaebin-train", features, "-o", model, "-q"),
        run("vaebin-embed", features, "--model", model, "-o", latent, "-q"),
        run("vaebin-cluster", latent, "-f", features, "-o", bins, "-q", "--threads", 2),
    ]
    found = bin_table.read(bins)
    scores = metrics.scores(metrics.contingency(found.best, sources, found.lengths))
    peak = max(c.megabytes for c in costs)
    slope = f"{(peak - before[1]) / (n - before[0]) * 1000:.2f}" if before[0] else ""
    for path in (reads, features, latent):
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
    work = given.work or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    genomes = [load(path) for path in given.genomes]
    rows, before = [], (0, 0.0)
    for n in given.reads:
        row, peak = bench(genomes, n, work, before)
        before = n, peak
        rows.append(row)
        print(*row, file=sys.stderr)
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
