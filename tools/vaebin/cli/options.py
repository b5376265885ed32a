"""Options that several executables share."""

from typing import Annotated, Literal

import typer

from vaebin import __version__
from vaebin.config import Device

PresetName = Literal["default", "article", "lrbinner"]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"vaebin {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print warnings and errors only.")]
Debug = Annotated[bool, typer.Option("--debug", help="Print a traceback when something fails.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random; the same seed gives the same bytes.")]
Threads = Annotated[int, typer.Option(min=0, help="Threads to use; 0 takes every processor there is.")]
DeviceName = Annotated[Device, typer.Option(help="Where torch computes; auto takes a GPU where there is one.")]
Preset = Annotated[
    PresetName, typer.Option(help="Settings to start from: ours, or those of an ancestor to compare with.")
]
