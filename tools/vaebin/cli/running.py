"""How an executable starts and ends: exit codes and one line for an error."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from vaebin.errors import VaebinError
from vaebin.progress import listen

BAD_DATA, BAD_USAGE, INTERRUPTED = 1, 2, 130


def executable(command: Callable[..., None], name: str) -> Callable[[], None]:
    """The entry point of the console script `name`, which does `command`."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=CONTEXT)
    app.command(name)(command)
    return lambda: run(app, name)


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def run(app: typer.Typer, name: str) -> NoReturn:
    """Run a Typer application and exit as the manners say: 0, 1 bad data, 2 bad usage, 130 interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    quiet = any(a in ("-q", "--quiet") for a in sys.argv[1:])
    listen(name, quiet)
    try:
        status = app(prog_name=name, standalone_mode=True)
    except KeyboardInterrupt:
        _end(name, "interrupted; nothing half-written is left", INTERRUPTED)
    except VaebinError as error:
        _end(name, str(error), BAD_DATA)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: no complaint at exit
        sys.exit(BAD_DATA)
    except MemoryError:
        _end(name, "out of memory; use a machine with more, or fewer sequences", BAD_DATA)
    except OSError as error:
        _end(name, _says(error), BAD_DATA)
    sys.exit(status)


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _says(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}no space left on the disk; free some and run the command again"
    return f"{where}{(error.strerror or str(error)).lower()}"


def _end(name: str, message: str, status: int) -> NoReturn:
    if "--debug" in sys.argv:
        import traceback

        traceback.print_exc()
    print(f"{name}: error: {message}", file=sys.stderr)
    sys.exit(status)
