"""Make a set of labelled contigs harder in one way, as real assemblies are, for benchmarks/contigs.py.

usage: python benchmarks/harder_contigs.py KIND FASTA DEPTH TRUTH FOLDER

KIND is chimeras: one contig in ten ends, from 60 % of its length on, as a contig of another genome does, and has their
mean depth; its label is that of its longer part. noise: each depth is multiplied by a factor of its own, log-normal
with a deviation of 0.3, as repeats, recruitment from relatives and uneven coverage do. short: each contig is cut into
pieces of 500 to 1,000 bases, one in eight of which are kept, with depths drawn anew from so many reads of 150 bases.
FOLDER gets contigs.fasta, depth.tsv (as VAMB has it) and truth.tsv; the same each time.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vaebin import sequences
from vaebin.formats import depths as depth_tables
from vaebin.formats import truth as labels

CHIMERAS, JOINT = 0.1, 0.6
NOISE = 0.3
SHORTEST, LONGEST, KEPT, READ_LENGTH = 500, 1000, 1 / 8, 150


@dataclass
class Set:
    """Contigs: names, bases, genomes, and depths (contigs, samples)."""

    names: list[str]
    bases: list[bytes]
    genomes: list[str]
    depths: np.ndarray


def read(fasta: Path, depth: Path, truth: Path) -> tuple[Set, list[str]]:
    """The set, and the names of its samples."""
    records = list(sequences.read([fasta]))
    known, table = labels.read(truth, labels.Columns("contig_id", "genome")), depth_tables.read(depth)
    genome = dict(zip(known.ids, known.labels, strict=True))
    names = [r.id for r in records]
    return Set(names, [r.sequence for r in records], [genome[n] for n in names], table.of(names)), table.samples


def with_chimeras(given: Set, rng: np.random.Generator) -> Set:
    """Pairs of contigs change ends."""
    bases, depths = list(given.bases), given.depths.copy()
    drawn = rng.permutation(len(bases))[: round(CHIMERAS * len(bases)) // 2 * 2].reshape(-1, 2)
    for a, b in drawn.tolist():
        if given.genomes[a] == given.genomes[b]:
            continue
        for own, other in ((a, b), (b, a)):
            head = given.bases[own][: int(JOINT * len(given.bases[own]))]
            tail = given.bases[other][-min(len(given.bases[other]), int(len(head) * (1 - JOINT) / JOINT)) :]
            bases[own] = head + tail
            parts = given.depths[[own, other]] * np.array([[len(head)], [len(tail)]])
            depths[own] = parts.sum(0) / len(bases[own])
    return Set(given.names, bases, given.genomes, depths)


def with_noise(given: Set, rng: np.random.Generator) -> Set:
    """Depths that vary more than reads drawn at random make them."""
    return Set(given.names, given.bases, given.genomes, given.depths * rng.lognormal(0, NOISE, given.depths.shape))


def in_pieces(given: Set, rng: np.random.Generator) -> Set:
    """Short pieces of the contigs, each with as many reads as fall on it."""
    pieces = Set([], [], [], np.empty(0))
    depths = []
    for name, bases, genome, depth in zip(given.names, given.bases, given.genomes, given.depths, strict=True):
        start = 0
        while len(bases) - start >= SHORTEST:
            piece = bases[start : start + int(rng.integers(SHORTEST, LONGEST + 1))]
            if rng.random() < KEPT:
                pieces.names.append(f"{name}_{start}")
                pieces.bases.append(piece)
                pieces.genomes.append(genome)
                depths.append(rng.poisson(depth * len(piece) / READ_LENGTH) * READ_LENGTH / len(piece))
            start += len(piece)
    pieces.depths = np.array(depths)
    return pieces


KINDS = {"chimeras": with_chimeras, "noise": with_noise, "short": in_pieces}


def write(folder: Path, made: Set, samples: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pairs = zip(made.names, made.bases, strict=True)
    (folder / "contigs.fasta").write_bytes(b"".join(b">%s\n%s\n" % (n.encode(), b) for n, b in pairs))
    rows = ["\t".join([n, *(f"{d:.4f}" for d in row)]) for n, row in zip(made.names, made.depths, strict=True)]
    (folder / "depth.tsv").write_text("\n".join(["\t".join(["contigname", *samples]), *rows]) + "\n")
    rows = [f"{n}\t{g}\t{len(b)}" for n, g, b in zip(made.names, made.genomes, made.bases, strict=True)]
    (folder / "truth.tsv").write_text("\n".join(["contig_id\tgenome\tlength", *rows]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS, metavar="KIND")
    for name in ("fasta", "depth", "truth", "folder"):
        parser.add_argument(name, type=Path, metavar=name.upper())
    given = parser.parse_args()
    whole, samples = read(given.fasta, given.depth, given.truth)
    write(given.folder, KINDS[given.kind](whole, np.random.default_rng(1)), samples)


if __name__ == "__main__":
    main()
