"""Train and embed on the CPU and on the GPU beside it, and write a table of what each took and of the bins.

usage: python benchmarks/devices.py [--seeds N] [--work FOLDER] [--out TABLE.md] READS TRUTH.tsv

Each row is one seed on one device: `ratio`, the CPU's seconds of training and embedding to its own; `again`, whether a
second training came to the same bytes; scores of every read in its best bin by column `species` of TRUTH.tsv.
"""

import argparse
import filecmp
import sys
from collections.abc import Iterator
from pathlib import Path

from accuracy import judge, read_labels
from common import markdown, run, show, work_folder

DEVICES = ("cpu", "cuda")
COLUMNS = ("seed", "device", "train s", "embed s", "ratio", "CPU s", "again", "bins", "F1", "ARI")


def bench(features: Path, labels: dict[str, str], seed: int, folder: Path) -> Iterator[list[object]]:
    """The row of each device, the CPU's first."""
    on_cpu = 0.0
    for device in DEVICES:
        model, latent, bins = (folder / f"{device}.{name}" for name in ("safetensors", "npz", "tsv"))
        again, choice = folder / f"{device}.again.safetensors", ("--device", device, "-q")
        train = run("vaebin-train", features, "-o", model, "--seed", seed, *choice)
        run("vaebin-train", features, "-o", again, "--seed", seed, *choice)
        embed = run("vaebin-embed", features, "--model", model, "-o", latent, *choice)
        cluster = run("vaebin-cluster", latent, "-f", features, "-o", bins, "--seed", seed, "--noise", "keep", "-q")
        found = judge(bins, labels, [train, embed, cluster])
        taken = train.wall + embed.wall
        on_cpu = on_cpu or taken
        yield [
            seed, device, f"{train.wall:.1f}", f"{embed.wall:.1f}", f"{on_cpu / taken:.2f}",
            f"{train.cpu + embed.cpu:.0f}", "same" if filecmp.cmp(model, again, shallow=False) else "other",
            found.best.max(), f"{found.f1:.4f}", f"{found.ari:.4f}",
        ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reads", type=Path, metavar="READS")
    parser.add_argument("truth", type=Path, metavar="TRUTH.tsv")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    work = work_folder(given.work)
    labels, features, rows = read_labels(given.truth), work / "features.npz", []
    run("vaebin-vectorize", given.reads, "-o", features, "-q")
    for seed in range(1, given.seeds + 1):
        for row in bench(features, labels, seed, work):
            print(*row, file=sys.stderr, flush=True)
            rows.append(row)
    show(markdown(COLUMNS, rows), given.out)


if __name__ == "__main__":
    main()
