"""Options that several executables share."""

import logging
from typing import Annotated, Literal

import typer

from vaebin import __version__
from vaebin.config import Device
from vaebin.progress import log

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
