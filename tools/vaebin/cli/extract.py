"""`vaebin-extract`: the sequences of each bin as a file of their own."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from vaebin.cli.options import Debug, Quiet, Version
from vaebin.cli.running import executable
from vaebin.config import ExtractConfig

_DEFAULT = ExtractConfig()

Inputs = Annotated[
    list[Path],
    typer.Argument(metavar="READS", help="The sequence files that went into vaebin-vectorize; - is standard input."),
]
BinTable = Annotated[Path, typer.Option(help="The bin table of vaebin-cluster.")]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; made if need be, never emptied.")]
Summary = Annotated[
    Path | None, typer.Option(help="Write a table of the files: sequences, bases, N50, longest, GC, mean probability.")
]
Format = Annotated[
    Literal["auto", "fasta", "fastq"],
    typer.Option(help="What to write; auto gives FASTQ where the first sequence has qualities."),
]
Gzip = Annotated[bool, typer.Option("--gzip/--no-gzip", help="Compress the files, and end their names in .gz.")]
Unbinned = Annotated[bool, typer.Option("--unbinned", help="Write unbinned sequences, too.", rich_help_panel="Bins")]
OnlyBins = Annotated[
    list[str] | None,
    typer.Option("--bin", metavar="NAME", help="Write this bin only; may be repeated.", rich_help_panel="Bins"),
]
MinBinBases = Annotated[
    int,
    typer.Option(
        min=0, help="Leave out bins with fewer bases in all; of contigs 200,000 are usual.", rich_help_panel="Bins"
    ),
]
IgnoreMissing = Annotated[
    bool,
    typer.Option(
        "--ignore-missing",
        help="Pass over sequences that the table does not hold: vectorize left out short or poor ones.",
        rich_help_panel="Bins",
    ),
]


def extract(
    inputs: Inputs,
    bins: BinTable,
    output: Folder,
    summary: Summary = None,
    format: Format = _DEFAULT.format,
    gzip: Gzip = _DEFAULT.gzip,
    unbinned: Unbinned = _DEFAULT.unbinned,
    only_bins: OnlyBins = None,
    min_bin_bases: MinBinBases = _DEFAULT.min_bin_bases,
    ignore_missing: IgnoreMissing = _DEFAULT.ignore_missing,
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Write the sequences of each bin to a file of their own.

    The files are bin_1.fastq.gz and so on, with headers, order and qualities as they were; from BAM, too.

    Example: vaebin-extract reads.fastq.gz --bins bins.tsv -o bins --summary bins/summary.tsv
    """
    from vaebin import extraction

    config = ExtractConfig(format, gzip, unbinned, tuple(only_bins or ()), min_bin_bases, ignore_missing)
    extraction.extract(inputs, bins, output, config, summary=summary)


main = executable(extract, "vaebin-extract")
