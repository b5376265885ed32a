"""What the benchmarks share: the cost of a command, and tables in Markdown."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
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
