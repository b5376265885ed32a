"""Talk on stderr: a bar with rate and time left on a terminal, a plain line every so often elsewhere."""

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator

log = logging.getLogger("vaebin")

_LINE_SECONDS = 15.0


def listen(command: str, quiet: bool = False) -> None:
    """Send messages to stderr as `command: message`; warnings only when quiet."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(f"{command}: %(message)s"))
    log.handlers[:] = [handler]
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    log.propagate = False


@contextlib.contextmanager
def progress(label: str, total: int | None = None, unit: str = "sequences") -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of units just done."""
    if not log.isEnabledFor(logging.INFO):
        yield lambda done: None
    elif sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, desc=label, unit=f" {unit}", unit_scale=True, leave=False, dynamic_ncols=True) as bar:
            yield bar.update
    else:
        yield _lines(label, total, unit)


def _lines(label: str, total: int | None, unit: str) -> Callable[[int], None]:
    start = last = time.monotonic()
    done = 0

    def advance(count: int) -> None:
        nonlocal done, last
        done += count
        now = time.monotonic()
        if now - last >= _LINE_SECONDS:
            last = now
            rate = done / (now - start)
            of = f" of {total:,}, {(total - done) / max(rate, 1e-9):.0f} s left" if total else ""
            log.info("%s: %s %s%s (%s a second)", label, f"{done:,}", unit, of, f"{rate:,.0f}")

    return advance
