"""Genomes and reads of which everything is known, for tests. Bases are coded 0 to 3 for A, C, G and T."""

from dataclasses import dataclass

import numpy as np

from vaebin import sketches
from vaebin.agreement import measure
from vaebin.holders import find_holders
from vaebin.overlaps import find_rows, in_columns

K, FRACTION = 19, 16


@dataclass(frozen=True)
class Reads:
    """sequences: n byte strings. genome, start, span: (n,) where each comes from. reverse: (n,) bool."""

    sequences: list[bytes]
    genome: np.ndarray
    start: np.ndarray
    span: np.ndarray
    reverse: np.ndarray

    def __len__(self):
        return len(self.sequences)

    @property
    def lengths(self):
        return np.array([len(s) for s in self.sequences], np.int64)

    def with_more(self, sequences, genome=-1):
        """The same with further sequences at the end, of one genome or of none."""
        more = len(sequences)
        nowhere = np.full(more, -1)
        return Reads(
            self.sequences + sequences,
            np.append(self.genome, np.full(more, genome)),
            np.append(self.start, nowhere),
            np.append(self.span, nowhere),
            np.append(self.reverse, np.zeros(more, bool)),
        )

    def in_order(self, order):
        """The same reads in another order."""
        sequences = [self.sequences[i] for i in order]
        return Reads(sequences, self.genome[order], self.start[order], self.span[order], self.reverse[order])


def random_genome(rng, size, gc=0.5):
    """A circular genome: (size,) codes."""
    return rng.choice(4, size, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2])


def piece(genome, start, length, reverse=False):
    """A stretch of a circular genome, or its reverse complement."""
    codes = genome[np.arange(start, start + length) % len(genome)]
    return 3 - codes[::-1] if reverse else codes


def with_errors(rng, codes, identity):
    """Substitutions, insertions and deletions in equal parts."""
    kind = rng.random(len(codes)) // ((1 - identity) / 3) if identity < 1 else np.full(len(codes), 3)
    codes = np.where(kind == 0, (codes + rng.integers(1, 4, len(codes))) % 4, codes)
    copies = np.select([kind == 1, kind == 2], [0, 2], 1)
    out = np.repeat(codes, copies)
    inserted = (np.cumsum(copies) - 1)[kind == 2]
    out[inserted] = rng.integers(0, 4, len(inserted))
    return out


def text(codes):
    return np.frombuffer(b"ACGT", np.uint8)[codes].tobytes()


def junk(rng, count, length):
    """Random sequences of no genome."""
    return [text(rng.integers(0, 4, length)) for _ in range(count)]


def shotgun(rng, genomes, depths, length, identity=1.0):
    """Reads of half to one and a half of `length` from anywhere on the genomes, either strand, shuffled."""
    counts = [round(depth * len(g) / length) for g, depth in zip(genomes, depths, strict=True)]
    owner = rng.permutation(np.repeat(np.arange(len(genomes)), counts))
    start = rng.integers(0, np.array([len(g) for g in genomes])[owner])
    span = rng.integers(length // 2, length * 3 // 2, len(owner))
    reverse = rng.random(len(owner)) < 0.5
    sequences = [
        text(with_errors(rng, piece(genomes[o], s, n, r), identity))
        for o, s, n, r in zip(owner, start, span, reverse, strict=True)
    ]
    return Reads(sequences, owner, start, span, reverse)


def sketch(sequences, k=K, fraction=FRACTION):
    offsets = np.cumsum([0, *map(len, sequences)])
    return sketches.sketch(np.frombuffer(b"".join(sequences), np.uint8), offsets, k, fraction)


def overlap(sequences, k=K, fraction=FRACTION):
    """Holders and overlaps of the sequences."""
    lengths = np.array([len(s) for s in sequences], np.int64)
    sketches = [sketch(sequences, k, fraction)]
    holders = find_holders(sketches, lengths, k, fraction)
    return holders, in_columns(find_rows(holders, sketches, lengths, k), lengths)


def compare(sequences, k=K, fraction=FRACTION):
    """Holders, overlaps and agreement of the sequences."""
    holders, pairs = overlap(sequences, k, fraction)
    return holders, pairs, measure(pairs, len(sequences), fraction)
