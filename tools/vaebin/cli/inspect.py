"""`vaebin inspect`: what is in files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from vaebin.cli.options import Debug, Quiet, Version

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files that vaebin reads or writes.")]
Json = Annotated[bool, typer.Option("--json", help="Print a JSON array of one object a file.")]


def inspect(
    files: Files, as_json: Json = False, quiet: Quiet = False, debug: Debug = False, version: Version = False
) -> None:
    """Tell what files are and hold.

    Any that vaebin writes, sequences, and tables of depths or labels; their names do not matter.

    Example: vaebin inspect results/features.npz results/bins.tsv
    """
    from vaebin import inspection
    from vaebin.errors import InputError

    found = inspection.inspect_all(files)
    if as_json:
        objects = [{"file": str(path), **vars(one)} for path, one in found]
        print(json.dumps(objects, indent=1, ensure_ascii=False))
    elif found:
        print("\n\n".join(inspection.text(path, one) for path, one in found))
    if missing := len(files) - len(found):
        raise InputError(f"{missing} of {len(files)} files are none that vaebin knows, or damaged")
