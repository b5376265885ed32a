"""Assemble reads bin by bin and all at once by the same assembler, and write a table of cost and result.

usage: python benchmarks/assembly.py [--assembler NAME] [--platform NAME] [--polish N] [--threads N] [--work FOLDER]
                                     [--out TABLE.md] RESULTS READS GENOME.fna[.gz]...

RESULTS is the folder of `vaebin run READS --extract`; each genome, a file, is one species. Every bin that is deep
enough is a task of its own, one after the other: CPU s is of all of them, MB of the largest. A genome counts as far as
contigs align to it (minimap2, map-ont, without secondary alignments); a contig joins two species where at least 5 kb of
it align to each of two.
"""

import argparse
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import Cost, markdown, run, show, work_folder

from vaebin import assembling
from vaebin.config import AssembleConfig
from vaebin.contiguity import n50
from vaebin.formats import bins as bin_table
from vaebin.formats import fastx, summary, table
from vaebin.sequences import read

COLUMNS = ("reads are assembled", "tasks", "CPU s", "longest task, CPU s", "MB", "contigs", "Mb", "N50 kb",
           "genome fraction", "contigs that join two species")  # fmt: skip
Task = tuple[Cost, list[Path]]
JOINED = 5000  # bases of a contig on a second species from which it joins the two


def assemble(reads: Path, folder: Path, options: Sequence[object]) -> Task:
    """The cost of assembling one file, and its contigs, if there are any."""
    folder.mkdir(parents=True)
    name, file = "bin_1", f"reads{''.join(reads.suffixes[-2:])}"
    (folder / file).symlink_to(reads.resolve())
    table.write(folder / "files.tsv", *bin_table.SEQUENCES, ("bin", "file"), [(name, file)])
    summary.write(folder / "bins.tsv", [summary.Row(1, 0, 0, None, None, None, None, 1.0, 0, "")])
    cost = run("vaebin", "assemble", folder / "files.tsv", "--summary", folder / "bins.tsv", "-o", folder / "out", "-q",
               "--min-depth=0", *options)  # fmt: skip
    return cost, [p for p in (folder / "out" / f"{name}.fasta",) if p.exists()]


def align(contigs: Path, genomes: Path, threads: int) -> list[list[str]]:
    """minimap2's PAF of the contigs on the genomes, primary and supplementary alignments alone."""
    command = ["minimap2", "-c", "-x", "map-ont", "--secondary=no", "-t", str(threads), str(genomes), str(contigs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def judge(hits: Sequence[Sequence[str]], lengths: dict[str, int], species: dict[str, str]) -> tuple[float, int]:
    """Share of the genomes' bases under alignments, and the contigs that join two species."""
    covered = {name: np.zeros(length, bool) for name, length in lengths.items()}
    on: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for hit in hits:
        covered[hit[5]][int(hit[7]) : int(hit[8])] = True
        on[hit[0]][species[hit[5]]] += int(hit[3]) - int(hit[2])
    joined = sum(sum(bases >= JOINED for bases in found.values()) > 1 for found in on.values())
    return sum(int(c.sum()) for c in covered.values()) / sum(lengths.values()), joined


def merge(tasks: Sequence[Task], target: Path) -> list[int]:
    """Write the contigs of all tasks to one file; their lengths."""
    lengths = []
    with open(target, "wb") as stream:
        for number, (_, files) in enumerate(tasks):
            for record in read(files) if files else ():
                lengths.append(len(record.sequence))
                stream.write(fastx.record(f"{number}_{record.id}", record.sequence, None))
    return lengths


def row(name: str, tasks: Sequence[Task], lengths: Sequence[int], fraction: float, joined: int) -> list[object]:
    """What was paid and what was got."""
    costs = [cost for cost, _ in tasks]
    return [
        name, len(tasks), f"{sum(c.cpu for c in costs):.0f}", f"{max(c.cpu for c in costs):.0f}",
        f"{max(c.megabytes for c in costs):.0f}", len(lengths),
        f"{sum(lengths) / 1e6:.1f}", f"{n50(np.array(lengths)) / 1e3:.0f}", f"{fraction:.1%}", joined,
    ]  # fmt: skip


def gather(paths: Sequence[Path], target: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Write all genomes to one file; the length and the species of each sequence in it."""
    lengths, species = {}, {}
    with open(target, "wb") as stream:
        for path in paths:
            for record in read([path]):
                lengths[record.id], species[record.id] = len(record.sequence), path.name
                stream.write(fastx.record(record.id, bytes(record.sequence), None))
    return lengths, species


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, metavar="RESULTS")
    parser.add_argument("reads", type=Path, metavar="READS")
    parser.add_argument("genomes", nargs="+", type=Path, metavar="GENOME")
    parser.add_argument("--assembler", default="miniasm")
    parser.add_argument("--platform", default="ont")
    parser.add_argument("--polish", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    options = [f"--{name}={getattr(given, name)}" for name in ("assembler", "platform", "polish", "threads")]
    known = gather(given.genomes, work / "genomes.fasta")
    bins = assembling.read_bins(given.results / "bins" / "summary.tsv", given.results / "bins.summary.tsv")
    deep = [one for one in bins if not one.spared(AssembleConfig())]
    print(f"{len(deep)} of {len(bins)} bins are assembled", file=sys.stderr)
    alone = [assemble(b.reads, work / b.name, options) for b in deep]
    whole = [assemble(given.reads, work / "all", options)]
    rows = []
    for name, tasks in (("bin by bin", alone), ("all at once", whole)):
        lengths = merge(tasks, work / "contigs.fasta")
        hits = align(work / "contigs.fasta", work / "genomes.fasta", given.threads)
        rows.append(row(name, tasks, lengths, *judge(hits, *known)))
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
