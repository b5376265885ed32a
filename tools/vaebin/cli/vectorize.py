"""`vaebin-vectorize`: measure sequences."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from vaebin.cli import options
from vaebin.cli.options import Debug, Preset, Quiet, Threads, Version
from vaebin.cli.running import executable
from vaebin.config import SAMPLE_RECORDS, VectorizeConfig, preset

SKETCH, EXPORT = "Sketch, from which overlaps are found", "Table of k-mer frequencies"
MAX_K, MIN_SKETCH_K, MAX_SKETCH_K = 8, 11, 31


def _range(text: str) -> slice:
    first, colon, last = text.partition(":")
    try:
        start, stop = int(first or 0), int(last) if last else None
    except ValueError:
        start, stop = -1, None
    if not colon or start < 0 or (stop is not None and stop < start):
        raise typer.BadParameter(f"{text!r} is no range; expected FIRST:LAST, for instance 0:1000 or 1000:")
    return slice(start, stop)


Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="READS...",
        help="FASTA, FASTQ, GenBank or EMBL files, plain or in gzip or zstd, or BAM; - is standard input.",
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The features file to write.")]
K = Annotated[
    int | None,
    typer.Option(
        "--k",
        "-k",
        min=1,
        max=MAX_K,
        help=f"Length of the k-mers counted; {VectorizeConfig.k}. Training with views takes 4-mers, whatever this is.",
    ),
]
MinLength = Annotated[
    int | None, typer.Option(min=0, help=f"Leave out sequences with fewer bases; {VectorizeConfig.min_length}.")
]
MinQuality = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Leave out reads whose mean quality, that of their mean error probability as chopper and NanoFilt have "
        f"it, is lower; {VectorizeConfig.min_quality:g}.",
    ),
]
Records = Annotated[
    slice | None,
    typer.Option(
        parser=_range,
        metavar="FIRST:LAST",
        help="Take only records FIRST to LAST - 1 of the whole input, counted from 0; later stages join the files.",
    ),
]
Count = Annotated[
    bool, typer.Option("--count", help="Print the number of records, to plan ranges by, and do nothing else.")
]
UseSketch = Annotated[
    bool | None,
    typer.Option(
        "--sketch/--no-sketch", help="Keep a sample of each sequence's longer k-mers; on.", rich_help_panel=SKETCH
    ),
]
SketchK = Annotated[
    int | None,
    typer.Option(
        min=MIN_SKETCH_K,
        max=MAX_SKETCH_K,
        help=f"Length of these k-mers; by the identity of the first {SAMPLE_RECORDS:,} sequences.",
        rich_help_panel=SKETCH,
    ),
]
SketchFraction = Annotated[
    int | None,
    typer.Option(min=1, help="One k-mer in so many is kept; by the identity, too.", rich_help_panel=SKETCH),
]
ExportPath = Annotated[
    Path | None, typer.Option("--export", help="Write relative k-mer frequencies as text, too.", rich_help_panel=EXPORT)
]
ExportFormat = Annotated[Literal["tsv", "csv"], typer.Option(help="How columns part.", rich_help_panel=EXPORT)]
Bare = Annotated[
    bool,
    typer.Option("--bare", help="Leave out header and ids, as kmertools does.", rich_help_panel=EXPORT),
]


def vectorize(
    inputs: Inputs,
    output: Output = None,
    k: K = None,
    min_length: MinLength = None,
    min_quality: MinQuality = None,
    depth: options.Depth = None,
    bam: options.Bams = None,
    min_identity: options.MinIdentity = None,
    records: Records = None,
    count: Count = False,
    sketch: UseSketch = None,
    sketch_k: SketchK = None,
    sketch_fraction: SketchFraction = None,
    export: ExportPath = None,
    export_format: ExportFormat = "tsv",
    bare: Bare = False,
    preset_name: Preset = "default",
    threads: Threads = 0,
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Measure sequences: k-mer counts of each, and a sketch from which overlaps are found.

    Several files are one input, in the order given. A k-mer with a letter other than A, C, G, T or U is skipped.

    Example: vaebin-vectorize reads.fastq.gz -o features.npz
    """
    if not (output or count):
        raise typer.BadParameter("say where the features go", param_hint="--output")
    options.require_one_source(depth, bam, min_identity)
    from vaebin import vectorizing

    if count or not output:
        print(vectorizing.count(inputs))
        return
    config = preset(
        VectorizeConfig, "vectorize", preset_name, k=k, min_length=min_length, min_quality=min_quality, sketch=sketch,
        sketch_k=sketch_k, sketch_fraction=sketch_fraction, min_identity=min_identity,
    )  # fmt: skip
    chosen = (records.start, records.stop) if records else None
    vectorizing.vectorize(
        inputs, output, config, depth=depth, bams=bam or [], records=chosen, threads=threads, export=export,
        export_format=export_format, bare=bare,
    )  # fmt: skip


main = executable(vectorize, "vaebin-vectorize")
