"""What the benchmarks share: the cost of a command, and tables in Markdown."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, CPU seconds (user and system), its peak, and what it said on stderr."""

    wall: float
    cpu: float
    megabytes: float
    said: str = ""


def run(*command: object) -> Cost:
    """The cost of a command; its words are shown when it fails."""
    start = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    said = process.stderr.read()  # type: ignore[union-attr]
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))[:200]}\n{said}")
    return Cost(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def work_folder(given: Path | None) -> Path:
    """The folder to work in, made where it is not there; a temporary one that stays, where none is given."""
    folder = given or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def bin_by_seeds(
    sequences: Path,
    folder: Path,
    seeds: int,
    *,
    vectorize: Sequence[object] = (),
    train: Sequence[object] = (),
    cluster: Sequence[object] = (),
) -> Iterator[tuple[Path, list[Cost]]]:
    """Each seed's table of bins, and what vectorize (once for all), train, embed and cluster took; with their options.

    Other files in the folder are features.npz, and model.safetensors and latent.npz of the last seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    features, model, latent = folder / "features.npz", folder / "model.safetensors", folder / "latent.npz"
    measured = run("vaebin-vectorize", sequences, "-o", features, "-q", *vectorize)
    for seed in range(1, seeds + 1):
        bins = folder / f"bins.{seed}.tsv"
        yield (
            bins,
            [
                measured,
                run("vaebin-train", features, "-o", model, "--seed", seed, "-q", *train),
                run("vaebin-embed", features, "--model", model, "-o", latent, "-q"),
                run("vaebin-cluster", latent, "-f", features, "-o", bins, "--seed", seed, "-q", *cluster),
            ],
        )


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table."""
    lines = [columns, *rows]
    cells = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    return "\n".join([cells[0], "|" + "---|" * len(columns), *cells[1:]]) + "\n"


def show(text: str, out: Path | None) -> None:
    """Print what was found, and write it to a file where one is given."""
    if out:
        out.write_text(text)
    print(text, end="")
