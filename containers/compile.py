"""Have numba compile all that the stages need while the image is built.

usage: compile.py date FOLDER     gives the sources a time that is made from what they say
       compile.py work PROGRAMS   a little work for each stage
"""

import os
import random
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

GENOME, READS, LENGTH, ERRORS = 60_000, 400, 3_000, 0.05


def simulate(rng: random.Random) -> Iterator[str]:
    """Reads of one genome with substitutions."""
    genome = rng.choices("ACGT", k=GENOME)
    for _ in range(READS):
        start = rng.randrange(GENOME - LENGTH)
        yield "".join(rng.choice("ACGT") if rng.random() < ERRORS else base for base in genome[start : start + LENGTH])


def work(programs: Path, folder: Path) -> None:
    """Each stage in which there are kernels, on reads with and without qualities."""
    reads = list(simulate(random.Random(1)))
    (folder / "reads.fasta").write_text("".join(f">{i}\n{read}\n" for i, read in enumerate(reads)))
    (folder / "reads.fastq").write_text("".join(f"@{i}\n{read}\n+\n{'5' * LENGTH}\n" for i, read in enumerate(reads)))
    for name, *options in (("reads.fasta", "--k", 5), ("reads.fastq",)):
        run(programs / "vaebin-vectorize", folder / name, "-o", folder / "features", *options)
    run(programs / "vaebin-train", folder / "features", "-o", folder / "model", "--epochs", 1)
    run(programs / "vaebin-embed", folder / "features", "--model", folder / "model", "-o", folder / "latent")
    run(programs / "vaebin-cluster", folder / "latent", "-f", folder / "features", "-o", folder / "bins")
    run(programs / "vaebin-plot", folder / "latent", "--html", folder / "page")


def run(*command: object) -> None:
    """Run a command; one that fails fails the build."""
    subprocess.run([str(c) for c in command], check=True)


def date(folder: Path) -> None:
    """Whole seconds, which every image format keeps, and in the past."""
    sources, time = sorted(folder.rglob("*.py")), 0
    for source in sources:
        time = zlib.crc32(source.read_bytes(), time)
    for source in sources:
        os.utime(source, (time % 2**30, time % 2**30))


if __name__ == "__main__":
    if sys.argv[1] == "date":
        date(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as name:
            work(Path(sys.argv[2]), Path(name))
