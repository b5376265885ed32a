"""Options that several executables share."""

import logging
from pathlib import Path
from typing import Annotated, Literal

import typer

from vaebin import __version__
from vaebin.config import Device, VectorizeConfig
from vaebin.progress import log

CONTIGS = "Where the sequences are contigs"

PresetName = Literal["default", "article", "lrbinner"]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"vaebin {__version__}")
        raise typer.Exit


def _hush(wanted: bool) -> None:
    if wanted and log.level != logging.DEBUG:
        log.setLevel(logging.WARNING)


def _trace(wanted: bool) -> None:
    if wanted:
        log.setLevel(logging.DEBUG)  # at this level errors end with their traceback: cli/running.py


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_hush, is_eager=True, help="Print warnings and errors only.")
]
Debug = Annotated[
    bool, typer.Option("--debug", callback=_trace, is_eager=True, help="Print a traceback when something fails.")
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Seed of everything random; the same seed gives the same bytes.")
]
Threads = Annotated[int, typer.Option(min=0, help="Threads to use; 0 takes every processor there is.")]
DeviceName = Annotated[Device, typer.Option(help="Where torch computes; auto takes a GPU where there is one.")]
Preset = Annotated[
    PresetName, typer.Option("--preset", help="Settings to start from: ours, or those of an ancestor to compare with.")
]
Depth = Annotated[
    Path | None,
    typer.Option(
        help="Table of the contigs' depth in samples: of MetaBAT's jgi_summarize_bam_contig_depths, VAMB or CoverM, "
        "told by its first line. With depth no sketch is kept.",
        rich_help_panel=CONTIGS,
    ),
]
Bams = Annotated[
    list[Path] | None,
    typer.Option(
        "--bam",
        metavar="FILE",
        help="Instead of a table: a sample's reads mapped to the contigs, sorted and indexed; once for each sample.",
        rich_help_panel=CONTIGS,
    ),
]
MinIdentity = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Leave out alignments in which a smaller share of the columns match, by the NM tag, as those of a "
        f"relative's long reads; {VectorizeConfig.min_identity:g}.",
        rich_help_panel=CONTIGS,
    ),
]
SplitBySample = Annotated[
    str | None,
    typer.Option(
        metavar="SEPARATOR",
        help="The contigs are of several assemblies, their ids begin with a sample and this (S1C123: C): part each "
        "bin by sample.",
        rich_help_panel=CONTIGS,
    ),
]


def require_one_source(depth: Path | None, bams: list[Path] | None, min_identity: float | None) -> None:
    """Raise BadParameter where depth is to come from both a table and BAM files, or an identity is of no use."""
    if depth and bams:
        raise typer.BadParameter("depth comes from a table or from BAM files; give one of them", param_hint="--bam")
    if min_identity is not None and not bams:
        raise typer.BadParameter("is for alignments; give --bam, too", param_hint="--min-identity")
