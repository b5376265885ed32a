"""Time vaebin's reading, counting and overlaps against other tools and write a table.

usage: python benchmarks/speed.py [--repeats N] [--work FOLDER] [--out TABLE.md] READS.fastq.gz

Every row is one command on the same reads: as FASTA and FASTQ, plain and in gzip, which are made in the work folder.
Rivals take turns with us, N times, and the median run counts. Wall and CPU seconds (user and system) hold the start of
the program; `further` is Mbp a CPU-second without it, from the difference to a run on the first reads alone. A ratio
tells how many times faster than the rival we are in the same format. All run with two threads. The work
folder takes four times the space of the reads as FASTQ.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import Cost, markdown, run, show, work_folder

from vaebin.sequences import Record, read

COLUMNS = ("work", "input", "wall s", "CPU s", "peak MB", "Mbp/CPU-s", "further", "ratio wall", "ratio CPU", "further")
KMERTOOLS, VECTORS = "kmertools, k=4", "vaebin-vectorize --no-sketch, k=4"
FEW = 500  # reads that tell what the start of a program takes
COUNT_IN_PYTHON = """
import sys
from pykmertools import OligoComputer
from vaebin.sequences import read
from pathlib import Path
computer = OligoComputer(4)
for record in read([Path(sys.argv[1])]):
    computer.vectorise_one(record.sequence.decode(), True)
"""
DECOMPRESS = """
import sys
from isal import igzip
with igzip.open(sys.argv[1]) as stream:
    while stream.read(1 << 20):
        pass
"""
OVERLAP = """
import sys
from pathlib import Path
import numpy as np
from vaebin.formats import features
from vaebin.holders import find_holders
from vaebin.overlaps import find_rows, in_columns
table = features.read(Path(sys.argv[1]))
k, fraction, lengths = table.spec["sketch_k"], table.spec["sketch_fraction"], np.asarray(table.lengths)
holders = find_holders([table.sketch], lengths, k, fraction, 2)
in_columns(find_rows(holders, [table.sketch], lengths, k, 2), lengths)
"""


def script(name: str) -> Path:
    return Path(sys.executable).parent / name


def commands(work: Path) -> dict[str, Callable[[Path], Cost]]:
    """What to run, by name."""
    python, vectors, features = (sys.executable, "-c"), work / "vectors", "features.npz"

    def measure(reads: Path, *options: str) -> Cost:
        return run(
            script("vaebin-vectorize"), "--quiet", "--threads", 2, "-o", reads.with_name(features), *options, reads
        )

    return {
        "python-isal alone": lambda reads: run(*python, DECOMPRESS, reads),
        KMERTOOLS: lambda reads: run(
            script("kmertools"), "comp", "oligo", "-k", 4, "-t", 2, "-i", reads, "-o", vectors
        ),
        "pykmertools, k=4, reads by vaebin": lambda reads: run(*python, COUNT_IN_PYTHON, reads),
        VECTORS: lambda reads: measure(reads, "--no-sketch"),
        "vaebin-vectorize": measure,
        "overlaps and coverage": lambda reads: run(*python, OVERLAP, reads.with_name(features)),
    }  # fmt: skip


def rows(given: Path, work: Path, repeats: int) -> list[tuple[str, str, list[Cost], list[Cost]]]:
    """Work, input, and the costs on all reads and on few of them."""
    every, few = make_inputs(given, work / "all", None), make_inputs(given, work / "few", FEW)
    todo = commands(work)
    named = [(name, kind) for kind in every for name in todo if fits(name, kind)]
    for name, kind in named:  # what is compiled and cached is not counted
        todo[name](few[kind])
    costs: dict[tuple[str, str], tuple[list[Cost], list[Cost]]] = {row: ([], []) for row in named}
    for turn in range(repeats):
        for name, kind in named:
            for reads, cost in zip((few[kind], every[kind]), costs[name, kind][::-1], strict=True):
                cost.append(todo[name](reads))
            print(f"turn {turn + 1}, {name}, {kind}: {costs[name, kind][0][-1]}", file=sys.stderr)
    return [(*row, *cost) for row, cost in costs.items()]


def fits(name: str, kind: str) -> bool:
    """Whether there is a row for it: decompression where something is compressed, the slow ones once."""
    if name == "python-isal alone":
        return kind.endswith(".gz")
    return name in (KMERTOOLS, VECTORS) or kind == "FASTQ.gz"


def make_inputs(given: Path, folder: Path, most: int | None) -> dict[str, Path]:
    """The reads in every format."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {kind: folder / f"reads.{kind.lower()}" for kind in ("FASTA", "FASTQ")}
    with open(paths["FASTA"], "wb") as fasta, open(paths["FASTQ"], "wb") as fastq:
        for record in read([given], 0, most):
            fasta.write(b">%s\n%s\n" % (record.header.encode(), record.sequence))
            fastq.write(as_fastq(record))
    for kind, path in list(paths.items()):
        packed = path.with_name(path.name + ".gz")
        with open(packed, "wb") as stream:
            subprocess.run(["gzip", "-1", "-c", path], stdout=stream, check=True)
        paths[f"{kind}.gz"] = packed
    return paths


def as_fastq(record: Record) -> bytes:
    qualities = record.qualities or b"I" * len(record.sequence)
    return b"@%s\n%s\n+\n%s\n" % (record.header.encode(), record.sequence, qualities)


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(c, field) for c in costs) for field in ("wall", "cpu", "megabytes")))


def tabulate(found: list[tuple[str, str, list[Cost], list[Cost]]], megabases: float) -> list[list[str]]:
    """The cells, with ratios of ours to kmertools'."""
    further = {(n, k): median(a).cpu - median(f).cpu for n, k, a, f in found}
    whole = {(n, k): median(a) for n, k, a, _ in found}
    lines = []
    for (name, kind), cost in whole.items():
        ratios = ["", "", ""]
        if name == VECTORS:
            rival = whole[KMERTOOLS, kind]
            gained = quotient(further[KMERTOOLS, kind], further[name, kind], 2)
            ratios = [f"{rival.wall / cost.wall:.2f}", f"{rival.cpu / cost.cpu:.2f}", gained]
        rate = quotient(megabases, further[name, kind], 0)
        cells = [f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.megabytes:.0f}", f"{megabases / cost.cpu:.0f}", rate]
        lines.append([name, kind, *cells, *ratios])
    return lines


def quotient(a: float, b: float, digits: int) -> str:
    """Blank where there is too little to divide by, CPU seconds of few reads."""
    return f"{a / b:.{digits}f}" if b > 0.1 else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reads", type=Path, metavar="READS.fastq.gz")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work and work_folder(given.work)) as work:
        found = rows(given.reads, Path(work), given.repeats)
    megabases = sum(len(record.sequence) for record in read([given.reads])) / 1e6
    show(f"{megabases:.0f} Mbp\n\n" + markdown(COLUMNS, tabulate(found, megabases)), given.out)


if __name__ == "__main__":
    main()
