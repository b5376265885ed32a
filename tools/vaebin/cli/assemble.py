"""`vaebin assemble`: each bin alone to contigs."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin.cli.options import Debug, Quiet, Threads, Version
from vaebin.config import AssembleConfig, Assembler, Platform

_DEFAULT = AssembleConfig()
WHICH = "Which bins"

Files = Annotated[
    Path,
    typer.Argument(metavar="FILES", help="The table of vaebin-extract --summary, beside the bins' sequences."),
]
Summary = Annotated[Path, typer.Option(help="The table of vaebin-cluster --summary: depth and size of each bin.")]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; made if need be, never emptied.")]
AssemblerName = Annotated[
    Assembler, typer.Option("--assembler", help="What assembles; miniasm takes minimap2 and racon along.")
]
PlatformName = Annotated[
    Platform,
    typer.Option("--platform", help="What the reads are; ont-hq has under 5 % errors."),
]
Polish = Annotated[int, typer.Option(min=0, help="Rounds of racon after miniasm; 0: none.")]
MinDepth = Annotated[
    float,
    typer.Option(min=0, help="Leave out bins of less depth, or of unknown; 0: take them all.", rich_help_panel=WHICH),
]
MinSize = Annotated[
    int, typer.Option(min=0, help="Leave out bins of genomes estimated smaller, in bases.", rich_help_panel=WHICH)
]
Markers = Annotated[
    Path | None,
    typer.Option(
        "--markers",
        help="Profiles of single-copy genes (HMMER's format) to count in the contigs, for completeness and "
        "contamination; needs pyhmmer and pyrodigal.",
    ),
]
TableOnly = Annotated[
    bool,
    typer.Option("--table-only", help="Assemble nothing; make the table of what is in the folder."),
]
Force = Annotated[bool, typer.Option("--force", help="Assemble again what is assembled already.")]


def assemble(
    files: Files,
    summary: Summary,
    output: Folder,
    assembler: AssemblerName = _DEFAULT.assembler,
    platform: PlatformName = _DEFAULT.platform,
    polish: Polish = _DEFAULT.polish,
    min_depth: MinDepth = _DEFAULT.min_depth,
    min_size: MinSize = _DEFAULT.min_size,
    markers: Markers = None,
    table_only: TableOnly = False,
    force: Force = False,
    threads: Threads = 0,
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Assemble each bin alone, by Flye or by minimap2, miniasm and racon.

    Contigs go to bin_1.fasta and so on, and summary.tsv tells of every bin, also why one has none. The assembler has
    to be on PATH. The same command again takes up what is left to do.

    Example: vaebin assemble bins/summary.tsv --summary bins.summary.tsv -o assemblies
    """
    from vaebin import assembling

    config = AssembleConfig(assembler, platform, polish, min_depth, min_size)
    assembling.assemble(
        files, summary, output, config, profiles=markers, table_only=table_only, force=force, threads=threads
    )
    print(assembling.text(output))
