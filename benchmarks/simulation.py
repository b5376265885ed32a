"""Reads of a mixture of genomes, for the benchmarks: quick, and as rough as a simple model of errors is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
from isal import igzip
from numpy.typing import NDArray

from vaebin.sequences import read

SHORTEST = 1000  # bases of a read
LETTERS = np.frombuffer(b"ACGT", np.uint8)
COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")
Genome = NDArray[np.uint8]


@dataclass(frozen=True)
class Mixture:
    """What reads are drawn from, and how.

    genomes: how many of those given, 0 for all. uneven: sigma of the log-normal number of copies. identity: the mean
    share of bases that are right; the errors of a read are its mean times a gamma of relative spread `spread`.
    median, sigma: of the log-normal length of reads.
    """

    reads: int
    genomes: int = 0
    uneven: float = 1.0
    identity: float = 0.93
    spread: float = 0.0
    median: int = 5000
    sigma: float = 0.5
    seed: int = 1

    def choose(self, paths: Sequence[Path]) -> list[Path]:
        """The files of its genomes, in their order."""
        if not self.genomes:
            return list(paths)
        chosen = np.random.default_rng([self.seed, 0]).choice(len(paths), self.genomes, replace=False)
        return [paths[i] for i in sorted(chosen)]


def load(path: Path) -> Genome:
    """A genome's contigs one after the other, as if it were one circle."""
    return np.frombuffer(b"".join(bytes(r.sequence).upper() for r in read([path])), np.uint8)


@numba.njit(cache=False)
def corrupt(bases, error, dice, replacements, out):  # type: ignore[no-untyped-def]
    """Copy bases with errors, 4 substitutions to 3 insertions and 3 deletions; returns how many letters there are."""
    n = 0
    for x in range(len(bases)):
        if dice[x] < 0.3 * error:
            continue
        out[n] = replacements[x] if dice[x] < 0.7 * error else bases[x]
        n += 1
        if dice[x] > 1 - 0.3 * error:
            out[n] = replacements[x]
            n += 1
    return n


def reverse_complement(bases: Genome) -> Genome:
    return np.frombuffer(bases.tobytes().translate(COMPLEMENT)[::-1], np.uint8)


def draw(mixture: Mixture, genomes: Sequence[Genome]) -> Iterator[tuple[int, bytes]]:
    """The number of the genome and the sequence of each read; the first of many are those of few."""
    copies = np.exp(np.random.default_rng([mixture.seed, 1]).normal(0, mixture.uneven, len(genomes)))
    shares = copies * [len(g) for g in genomes]
    sources = np.random.default_rng([mixture.seed, 2]).choice(len(genomes), mixture.reads, p=shares / shares.sum())
    rng = np.random.default_rng([mixture.seed, 3])
    for source in sources:
        genome = genomes[source]
        length = min(max(SHORTEST, int(mixture.median * np.exp(rng.normal(0, mixture.sigma)))), len(genome))
        bases = np.take(genome, np.arange(start := rng.integers(len(genome)), start + length), mode="wrap")
        bases = bases if rng.random() < 0.5 else reverse_complement(bases)
        error = 1 - mixture.identity
        if mixture.spread:
            error = min(0.4, error * rng.gamma(mixture.spread**-2, mixture.spread**2))
        out = np.empty(2 * length, np.uint8)
        size = corrupt(bases, error, rng.random(length, np.float32), LETTERS[rng.integers(0, 4, length)], out)
        yield int(source), out[:size].tobytes()


def simulate(mixture: Mixture, genomes: Sequence[Genome], path: Path) -> tuple[NDArray[np.int64], int]:
    """Write the reads, gzipped FASTA; returns the genome of each, and their bases."""
    sources, bases = np.empty(mixture.reads, np.int64), 0
    with igzip.open(path, "wb", compresslevel=1) as stream:  # type: ignore[no-untyped-call]
        for i, (source, sequence) in enumerate(draw(mixture, genomes)):
            stream.write(b">read%d\n%s\n" % (i, sequence))
            sources[i] = source
            bases += len(sequence)
    return sources, bases
