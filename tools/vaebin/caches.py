"""A place for what numba compiles, where its own cannot be written to."""

import atexit
import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
COMPILED = "VAEBIN_COMPILED"  # names the folder of what numba compiled while an image was built


def find_cache() -> None:
    """Give numba, not imported yet, a temporary folder for its cache if the one it would take is not to be had.

    In a read-only container, or as a user without a home, it would refuse to work. It runs what it finds in its cache,
    so a folder that another user owns will not do. No folder is made before numba needs it, unless an image brings
    along what is compiled already: it goes there, too.
    """
    named = os.environ.get(VARIABLE)
    home = os.path.expanduser("~")  # noqa: PTH111  # Path's refuses where there is no home
    usual = Path(os.environ.get("XDG_CACHE_HOME") or f"{home}/.cache", "numba")
    if not _is_ours(Path(named).absolute() if named else usual):
        try:
            folder = tempfile.mkdtemp(prefix="vaebin-numba-")
        except OSError:  # what compiles nothing, such as --help, goes on without
            return
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[VARIABLE] = folder
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", folder)  # torch makes one where it is imported, and leaves it
    if os.environ.get(COMPILED) and os.environ.get(VARIABLE):
        _link(Path(os.environ[COMPILED]), Path(os.environ[VARIABLE]))


def _link(compiled: Path, cache: Path) -> None:
    """Fill a cache with links; numba replaces files and never writes into one."""
    for folder in compiled.glob("*"):
        with contextlib.suppress(OSError):  # where none can be made, numba compiles
            (cache / folder.name).mkdir(parents=True, exist_ok=True)
            for file in folder.iterdir():
                with contextlib.suppress(FileExistsError):
                    (cache / folder.name / file.name).symlink_to(file)


def _is_ours(folder: Path) -> bool:
    """Whether we can write to the folder, or make it, and no other user can put anything there."""
    if not folder.is_absolute():
        return False
    place = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    status = place.stat()
    return status.st_uid in (0, os.geteuid()) or bool(status.st_mode & stat.S_ISVTX)
