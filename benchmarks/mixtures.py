"""Simulate labelled mixtures that differ in what a default could be tuned to, for benchmarks/accuracy.py.

usage: python benchmarks/mixtures.py OUT GENOME.fna[.gz]...

Each mixture becomes OUT/NAME/reads.fasta.gz and truth.tsv (read_id, species, genome); the first two words of a genome's
file name, parted by `_`, are its species, so that strains of one species share a label. The words to give to
accuracy.py are printed.
"""

import argparse
from pathlib import Path

import simulation
from simulation import Mixture

MIXTURES = {
    "many": Mixture(40_000, uneven=1.2, identity=0.91, spread=0.4),
    "low-identity": Mixture(20_000, genomes=12, identity=0.86, spread=0.2, seed=2),
    "thin": Mixture(6_000, genomes=16, uneven=1.5, identity=0.95, spread=0.5, seed=3),
    "accurate": Mixture(15_000, genomes=14, uneven=1.5, identity=0.995, median=9_000, sigma=0.3, seed=4),
    "short": Mixture(30_000, genomes=8, uneven=0.7, identity=0.94, spread=0.4, median=2_000, seed=5),
    "dominated": Mixture(20_000, genomes=10, uneven=2.2, identity=0.93, spread=0.4, seed=6),
}


def make(mixture: Mixture, paths: list[Path], folder: Path) -> None:
    """Write the reads and labels of a mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = mixture.choose(paths)
    sources, _ = simulation.simulate(mixture, [simulation.load(p) for p in chosen], folder / "reads.fasta.gz")
    names = [p.name.split(".")[0] for p in chosen]
    with open(folder / "truth.tsv", "w") as stream:
        print("read_id\tspecies\tgenome", file=stream)
        for i, source in enumerate(sources):
            print(f"read{i}", " ".join(names[source].split("_")[:2]), names[source], sep="\t", file=stream)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("genomes", nargs="+", type=Path, metavar="GENOME")
    given = parser.parse_args()
    for name, mixture in MIXTURES.items():
        folder = given.out / name
        make(mixture, given.genomes, folder)
        print(f"{name}={folder / 'reads.fasta.gz'}:{folder / 'truth.tsv'}", flush=True)


if __name__ == "__main__":
    main()
