"""Modules that are needed soon, loaded while other work waits for its files."""

import contextlib
import importlib
import itertools
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def in_background(*modules: str) -> Iterator[None]:
    """Load the modules one after the other beside the work inside, which is not over before the one begun is loaded.

    That a module cannot be loaded is told where it is used.
    """
    over = threading.Event()

    def load() -> None:
        for module in itertools.takewhile(lambda _: not over.is_set(), modules):
            with contextlib.suppress(Exception):
                importlib.import_module(module)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
