"""Assemblers of others, run on the reads of one genome: Flye, or minimap2, miniasm and racon one after the other.

Flye: Kolmogorov et al. 2019. miniasm and minimap2: Li 2016 and 2018. racon: Vaser et al. 2017.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from vaebin.config import AssembleConfig, Platform
from vaebin.errors import InputError, VaebinError
from vaebin.formats.atomic import writing_bytes

FLYE: dict[Platform, str] = {
    "ont": "--nano-raw", "ont-hq": "--nano-hq", "clr": "--pacbio-raw", "hifi": "--pacbio-hifi"
}  # fmt: skip
# minimap2's presets: of reads to each other, and to contigs.
OVERLAPS: dict[Platform, str] = {"ont": "ava-ont", "ont-hq": "ava-ont", "clr": "ava-pb", "hifi": "ava-pb"}
MAPPINGS: dict[Platform, str] = {"ont": "map-ont", "ont-hq": "map-ont", "clr": "map-pb", "hifi": "map-hifi"}
_VERSION = {"flye": "--version", "minimap2": "--version", "miniasm": "-V", "racon": "--version"}
_LEFTOVER = ".vaebin."
_TIME = re.compile(r"^\[[\d: -]+\] ")  # before each line of Flye's log
_Run = Callable[..., None]


class AssemblyError(VaebinError):
    """An assembler made no contigs of its reads, which is more often the reads' fault than the user's."""


def programs(config: AssembleConfig) -> tuple[str, ...]:
    """Names of the programs that the configuration needs on PATH."""
    if config.assembler == "flye":
        return ("flye",)
    return ("minimap2", "miniasm", "racon") if config.polish else ("minimap2", "miniasm")


def require(config: AssembleConfig) -> None:
    """Raise InputError where a program is not on PATH: to be told before long work, not after it."""
    missing = [name for name in programs(config) if not shutil.which(name)]
    if missing:
        raise InputError(
            f"--assembler {config.assembler} needs {' and '.join(missing)} on PATH; install {missing[0]}, for instance "
            "from bioconda, or choose another assembler"
        )


def versions(config: AssembleConfig) -> dict[str, str]:
    """What each program says its version is."""
    found = {}
    for name in programs(config):
        done = subprocess.run([name, _VERSION[name]], capture_output=True, text=True, check=False)
        found[name] = (done.stdout or done.stderr).strip()
    return found


def assemble(reads: Path, contigs: Path, log: Path, config: AssembleConfig, threads: int) -> None:
    """Assemble FASTA or FASTQ `reads`, plain or gzipped, to FASTA; `log` gets the commands and what they said.

    Intermediate files lie beside `contigs` and vanish. Raises AssemblyError where nothing came out of it.
    """
    way = _flye if config.assembler == "flye" else _miniasm
    with (
        tempfile.TemporaryDirectory(prefix=_LEFTOVER, suffix=".part", dir=contigs.parent) as scratch,
        open(log, "wb") as talk,
    ):

        def run(*words: object, output: Path | None = None) -> None:
            _execute([str(word) for word in words], talk, output)

        try:
            made = way(reads, Path(scratch), config, threads, run)
            if not made.exists() or not made.stat().st_size:
                raise AssemblyError("no contigs")
        except AssemblyError as error:
            talk.write(f"{error}\n".encode())
            raise
        with open(made, "rb") as source, writing_bytes(contigs) as target:
            shutil.copyfileobj(source, target)


def _flye(reads: Path, scratch: Path, config: AssembleConfig, threads: int, run: _Run) -> Path:
    run("flye", FLYE[config.platform], reads, "--out-dir", scratch, "--threads", threads)
    return scratch / "assembly.fasta"


def _miniasm(reads: Path, scratch: Path, config: AssembleConfig, threads: int, run: _Run) -> Path:
    overlaps, layout, contigs = scratch / "overlaps.paf", scratch / "layout.gfa", scratch / "contigs.fasta"
    run("minimap2", "-x", OVERLAPS[config.platform], "-t", threads, reads, reads, output=overlaps)
    run("miniasm", "-f", reads, overlaps, output=layout)
    overlaps.unlink()  # the largest of all these files
    _write_segments(layout, contigs)
    mapped, polished = scratch / "mapped.paf", scratch / "polished.fasta"
    for _ in range(config.polish if contigs.stat().st_size else 0):
        run("minimap2", "-x", MAPPINGS[config.platform], "-t", threads, contigs, reads, output=mapped)
        run("racon", "--include-unpolished", "--threads", threads, reads, mapped, contigs, output=polished)
        polished.replace(contigs)
    return contigs


def _write_segments(layout: Path, contigs: Path) -> None:
    """The segments of a GFA file, which are its contigs, as FASTA."""
    with open(layout) as source, open(contigs, "w") as target:
        for line in source:
            if line.startswith("S\t"):
                _, name, sequence = line.rstrip("\n").split("\t")[:3]
                target.write(f">{name}\n{sequence}\n")


def _execute(words: list[str], talk: BinaryIO, output: Path | None) -> None:
    """Run a command in a session of its own, so that whatever it starts ends with us."""
    talk.write(f"$ {' '.join(words)}\n".encode())
    talk.flush()
    with contextlib.ExitStack() as files:
        stdout = files.enter_context(open(output, "wb")) if output else talk
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout, stderr=talk, start_new_session=True)
        try:
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if status:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        raise AssemblyError(f"{words[0]} {how}{', as when memory runs out' if status == -signal.SIGKILL else ''}")


def reason(log: Path) -> str:
    """Why there are no contigs, by a log: the first line that speaks of an error, or else the last; on one line."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip() and line[:2] != "$ "]
    told = [line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE)]
    said = _TIME.sub("", (told or lines or ["the log is empty"])[0 if told else -1])
    return " ".join(said.removeprefix("ERROR: ").split())
