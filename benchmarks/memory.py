"""What vaebin's stages say that they will need of memory, and what they take.

usage: python benchmarks/memory.py [--work FOLDER] [--out TABLE.md] READS...

Each file of reads goes through all stages with two threads and one epoch, which takes as much memory as many do.
`peak` counts what lies in memory of files, too, which the system may take back. `said / peak` is to be from 0.5 to 2.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from common import Cost, markdown, run, show, work_folder

from vaebin.formats import features

COLUMNS = ("reads", "sequences", "k-mers kept", "stage", "said MB", "peak MB", "said / peak")
LEAST, MOST = 0.5, 2.0


def stages(reads: Path, work: Path) -> Iterator[tuple[str, Cost]]:
    table, model, latent = work / "features.npz", work / "model.safetensors", work / "latent.npz"
    yield "vectorize", run("vaebin-vectorize", reads, "-o", table, "--threads", 2)
    yield "train", run("vaebin-train", table, "-o", model, "--epochs", 1)
    run("vaebin-embed", table, "--model", model, "-o", latent)
    yield "cluster", run("vaebin-cluster", latent, "-f", table, "-o", work / "bins.tsv", "--threads", 2)


def bench(reads: Path, work: Path) -> Iterator[list[object]]:
    for stage, cost in stages(reads, work):
        found = features.read(work / "features.npz")
        kmers = len(found.sketch.hashes) if found.sketch else 0
        said = 1000 * float(re.search(r"about ([0-9.]+) GB of memory", cost.said)[1])  # type: ignore[index]
        ratio = said / cost.megabytes
        yield [
            reads.name, f"{len(found):,}", f"{kmers:,}", stage, f"{said:.0f}", f"{cost.megabytes:.0f}",
            f"{ratio:.2f}{'' if LEAST <= ratio <= MOST else ' (!)'}",
        ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reads", nargs="+", type=Path, metavar="READS")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    rows = []
    for reads in given.reads:
        for row in bench(reads, work):
            print(*row, file=sys.stderr)
            rows.append(row)
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
