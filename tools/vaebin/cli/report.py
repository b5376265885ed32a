"""`vaebin-report`: one page on all that was found."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin.cli.options import Debug, Quiet, Version
from vaebin.cli.running import executable

FILES, RUN = "What to report", "What was run"

Bins = Annotated[Path, typer.Argument(help="Bin table of vaebin-cluster.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Page to write, HTML.")]
Summary = Annotated[Path | None, typer.Option(help="Its summary of the bins: size, depth, GC.", rich_help_panel=FILES)]
Coordinates = Annotated[
    Path | None, typer.Option(help="Coordinates of vaebin-plot, for the map.", rich_help_panel=FILES)
]
Guards = Annotated[Path | None, typer.Option(help="Guards table of vaebin-cluster.", rich_help_panel=FILES)]
Scores = Annotated[Path | None, typer.Option(help="Scores of vaebin-evaluate, JSON.", rich_help_panel=FILES)]
Other = Annotated[
    list[Path] | None,
    typer.Option(
        help="Bin table of the same sequences by another seed, to compare with; may be given more than once.",
        rich_help_panel=FILES,
    ),
]
Assemblies = Annotated[Path | None, typer.Option(help="Table of the assemblies of the bins.", rich_help_panel=FILES)]
Features = Annotated[
    list[Path] | None,
    typer.Option(help="Features of vaebin-vectorize; once for each shard.", rich_help_panel=RUN),
]
Model = Annotated[Path | None, typer.Option(help="Model of vaebin-train.", rich_help_panel=RUN)]
History = Annotated[Path | None, typer.Option(help="History of vaebin-train.", rich_help_panel=RUN)]
Run = Annotated[
    Path | None,
    typer.Option(help="Record of vaebin run (run.json): the parameters of all stages.", rich_help_panel=RUN),
]
Title = Annotated[str, typer.Option(help="Title of the page: the sample's name, for one.")]


def report(
    bins: Bins,
    output: Output,
    summary: Summary = None,
    coordinates: Coordinates = None,
    guards: Guards = None,
    scores: Scores = None,
    other_bins: Other = None,
    assemblies: Assemblies = None,
    features: Features = None,
    model: Model = None,
    history: History = None,
    run: Run = None,
    title: Title = "",
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Tell what was found, on one page.

    Table of bins, map, depth and GC, lengths, training and scores, for whatever files are given; the
    page sorts, filters and explains, prints well, and loads nothing. vaebin run makes it by itself.

    Example: vaebin-report bins.tsv --summary bins.summary.tsv -o report.html
    """
    from vaebin import reporting

    files = reporting.Files(
        summary,
        coordinates,
        guards,
        scores,
        features or (),
        model,
        history,
        run,
        others=other_bins or (),
        assemblies=assemblies,
    )
    reporting.report(bins, output, files, title)


main = executable(report, "vaebin-report")
