"""How an executable starts and ends: exit codes, and one line for an error."""

import atexit
import errno
import gc
import inspect
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from vaebin.caches import find_cache
from vaebin.config import THREADS
from vaebin.errors import VaebinError
from vaebin.processors import idle
from vaebin.progress import listen, log

BAD_DATA, INTERRUPTED = 1, 130  # Typer itself exits with 2 on bad usage


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM; Typer would end a KeyboardInterrupt without a word."""


def application(**settings: Any) -> typer.Typer:
    """A Typer application with -h, without shell completion, which leaves errors to `run`."""
    context = {"help_option_names": ["-h", "--help"]}
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=context, **settings)


def executable(command: Callable[..., None], name: str) -> Callable[[], None]:
    """The entry point of the console script `name`, which does `command`."""
    app = application()
    add(app, command, name)
    return lambda: run(app, name)


def add(app: typer.Typer, command: Callable[..., None], name: str) -> None:
    """Make `command` a command of the application, its docstring the help, in which only empty lines end a line."""
    text = inspect.getdoc(command) or ""
    app.command(name, help="\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")))(command)


def run(app: typer.Typer, name: str) -> NoReturn:
    """Run an application and exit as the manners say: 0, 1 bad data, 2 bad usage, 130 interrupted."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup and background jobs ask not to be interrupted
            signal.signal(number, _interrupt)
    _seldom_look_for_garbage()
    listen(name)
    _be_considerate()
    _hush_libraries()
    find_cache()
    status: Any = 0
    try:
        try:
            app(prog_name=name)
        except SystemExit as end:
            status = end.code
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
    except BrokenPipeError:
        status = BAD_DATA  # whoever read our output has what they wanted: not a word
    except Interrupted:
        status = _failed("interrupted; nothing half-written is left", INTERRUPTED, name)
    except BaseException as error:
        status = _failed(_says(error), BAD_DATA, name)
    _close_stdout()
    sys.exit(status)


def _seldom_look_for_garbage() -> None:
    """Loading the libraries makes a million objects and no garbage, and looking for some takes seconds; so at exit."""
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


def _be_considerate() -> None:
    """Have torch's threads sleep, not spin, while they wait for one another, unless processors are free for them.

    Spinning ones train in two thirds of the time, but in twice of it where others want the processor, too. And NumPy
    and SciPy would each begin with a thread a processor for products of matrices, of which we ask for one.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if idle() < THREADS:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def _interrupt(*_: Any) -> NoReturn:
    raise Interrupted


def _hush_libraries() -> None:
    """Keep the warnings of the libraries beneath us, which no user can act on, from stderr unless asked for."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.showwarning = lambda *_, **__: None


def _says(error: BaseException) -> str:
    if isinstance(error, VaebinError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; use a machine with more, or fewer sequences"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if error.errno == errno.ENOSPC:
            return f"{where}no space left on the disk; free some and run the command again"
        return f"{where}{(error.strerror or str(error)).lower()}"
    return f"unexpected {type(error).__name__} ({error}); please run with --debug and report what it prints"


def _failed(message: str, status: int, name: str) -> int:
    if log.isEnabledFor(logging.DEBUG):
        import traceback

        traceback.print_exc()
    print(
        f"{name}: error: {' '.join(message.split())}" if status != INTERRUPTED else f"{name}: {message}",
        file=sys.stderr,
    )
    return status


def _close_stdout() -> None:
    """Leave nothing in stdout's buffer that the interpreter would complain about when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
