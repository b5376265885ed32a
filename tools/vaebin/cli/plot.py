"""`vaebin-plot`: see the bins."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin import config
from vaebin.cli.options import Debug, Quiet, Seed, Version
from vaebin.cli.running import executable
from vaebin.config import SEED, PlotConfig

_DEFAULTS = PlotConfig()

Latents = Annotated[list[Path], typer.Argument(help="Latent files of vaebin-embed; the shards of one input together.")]
BinTable = Annotated[Path | None, typer.Option(help="Bin table of vaebin-cluster.", rich_help_panel="Colours")]
ColorTable = Annotated[
    Path | None, typer.Option(help="Table to colour by instead of by bin: a truth, for one.", rich_help_panel="Colours")
]
IdColumn = Annotated[str, typer.Option(help="Its column with the ids.", rich_help_panel="Colours")]
Column = Annotated[
    str | None, typer.Option(help="Its column to colour by: names, or numbers.", rich_help_panel="Colours")
]
Picture = Annotated[Path | None, typer.Option("--picture", "-o", help="Draw a picture.", rich_help_panel="Files")]
PictureFormat = Annotated[
    config.PictureFormat, typer.Option("--format", help="Format of the picture.", rich_help_panel="Files")
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write an interactive page in one file.", rich_help_panel="Files")
]
Coordinates = Annotated[
    Path | None, typer.Option(help="Write the points as a table, to plot them elsewhere.", rich_help_panel="Files")
]
Sample = Annotated[
    int,
    typer.Option(
        min=1, help="Sequences to draw at most: up to 20 of each bin, then any.", rich_help_panel="Projection"
    ),
]
Neighbors = Annotated[int, typer.Option(min=2, help="UMAP's n_neighbors.", rich_help_panel="Projection")]
MinDist = Annotated[float, typer.Option(min=0, max=1, help="UMAP's min_dist.", rich_help_panel="Projection")]


def plot(
    latents: Latents,
    bins: BinTable = None,
    color_table: ColorTable = None,
    id_column: IdColumn = "read_id",
    column: Column = None,
    picture: Picture = None,
    picture_format: PictureFormat = "png",
    html: Html = None,
    coordinates: Coordinates = None,
    sample: Sample = _DEFAULTS.sample,
    n_neighbors: Neighbors = _DEFAULTS.n_neighbors,
    min_dist: MinDist = _DEFAULTS.min_dist,
    seed: Seed = SEED,
    quiet: Quiet = False,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Draw sequences in two dimensions.

    UMAP of a sample of the latent means, coloured by bin, by a column of any table, or plainly. The
    page tells id, bin, probability and length of the point under the pointer, switches bins on and
    off, and loads nothing. Give at least one file to write.

    Example: vaebin-plot latent.npz --bins bins.tsv -o plot.png --html plot.html
    """
    if not (picture or html or coordinates):
        raise typer.BadParameter("give at least one of them", param_hint="--picture, --html, --coordinates")
    if (color_table is None) != (column is None):
        raise typer.BadParameter("give both or neither", param_hint="--color-table, --column")
    from vaebin import plotting

    plotting.plot(
        latents,
        PlotConfig(sample, n_neighbors, min_dist, seed),
        bins=bins,
        picture=picture,
        picture_format=picture_format,
        html=html,
        coordinates=coordinates,
        color_table=color_table,
        id_column=id_column,
        column=column,
    )


main = executable(plot, "vaebin-plot")
