"""`vaebin-evaluate`: score bins against a truth."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin import config
from vaebin.cli.options import Debug, Quiet, Version
from vaebin.cli.running import executable

Binning = Annotated[
    Path,
    typer.Argument(help="Bins: the table of vaebin-cluster, a biobox binning, or any table of sequences and bins."),
]
Truth = Annotated[
    Path,
    typer.Option(help="Truth: a table, a biobox gold standard, or reads with SimLoRD's headers (label: chromosome)."),
]
IdColumn = Annotated[str, typer.Option(help="Column of the truth table with the ids.", rich_help_panel="Columns")]
LabelColumn = Annotated[str, typer.Option(help="Column of the truth table to score by.", rich_help_panel="Columns")]
LengthColumn = Annotated[
    str, typer.Option(help="Column with lengths in bases, in either table, if there is one.", rich_help_panel="Columns")
]
BinIdColumn = Annotated[str, typer.Option(help="Column of the bin table with the ids.", rich_help_panel="Columns")]
BinColumn = Annotated[
    str,
    typer.Option(help="Column of the bin table with the bins; best_bin of ours has all.", rich_help_panel="Columns"),
]
Tsv = Annotated[Path | None, typer.Option(help="Write the scores, one a row.", rich_help_panel="Files")]
BinTsv = Annotated[Path | None, typer.Option(help="Write a row for each bin.", rich_help_panel="Files")]
LabelTsv = Annotated[Path | None, typer.Option(help="Write a row for each label.", rich_help_panel="Files")]
Json = Annotated[Path | None, typer.Option(help="Write everything as JSON.", rich_help_panel="Files")]
Heatmap = Annotated[Path | None, typer.Option(help="Draw the labels of each bin.", rich_help_panel="Files")]
HeatmapFormat = Annotated[config.PictureFormat, typer.Option(help="Format of the heat map.", rich_help_panel="Files")]


def evaluate(
    bins: Binning,
    truth: Truth,
    id_column: IdColumn = "read_id",
    label_column: LabelColumn = "species",
    length_column: LengthColumn = "length",
    bin_id_column: BinIdColumn = "sequence_id",
    bin_column: BinColumn = "bin",
    tsv: Tsv = None,
    bin_tsv: BinTsv = None,
    label_tsv: LabelTsv = None,
    json: Json = None,
    heatmap: Heatmap = None,
    heatmap_format: HeatmapFormat = "png",
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Score bins against the truth.

    Prints precision, recall and F1 as LRBinner defines them, the adjusted Rand index (ARI), the
    same by bases, and AMBER's means over bins and genomes. Every label is a class, that of junk as
    well; sequences that the bins do not hold count as unbinned. Tables may be gzipped, and need no
    line of names where they have two columns.

    Example: vaebin-evaluate bins.tsv --truth truth.tsv --json scores.json --heatmap bins.png
    """
    from vaebin import evaluation
    from vaebin.formats import scores
    from vaebin.formats.truth import Columns

    result = evaluation.evaluate(
        bins,
        truth,
        bin_columns=Columns(bin_id_column, bin_column, length_column),
        truth_columns=Columns(id_column, label_column, length_column),
        tsv=tsv,
        bin_tsv=bin_tsv,
        label_tsv=label_tsv,
        json=json,
        heatmap=heatmap,
        heatmap_format=heatmap_format,
    )
    print(scores.text(result))


main = executable(evaluate, "vaebin-evaluate")
