"""How much memory this process may still take, whether that is enough, and giving some back."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

from vaebin.progress import log

_ROOT = Path("/")
_MMAP_THRESHOLD, _LARGE = -3, 1 << 22  # mallopt's number of it; bytes
_UNLIMITED = 1 << 60  # what cgroups of version 1 say where there is no limit, or more


def announce(needed: int, advice: str) -> None:
    """Say how many bytes are about to be needed, and warn where there are fewer; `advice` is what would need less."""
    free = available()
    if free is None or needed <= free:
        log.info("about %s of memory needed%s", _said(needed), "" if free is None else f", {_said(free)} free")
    else:
        log.warning(
            "about %s of memory needed, but %s free: the system may end the work; take a machine with more, or %s",
            _said(needed), _said(free), advice,
        )  # fmt: skip


def available(root: Path = _ROOT) -> int | None:
    """Bytes that the machine and every cgroup around this process have left; None where the system does not tell.

    Pages of files that the kernel would give back count as left.
    """
    known = [_of_machine(root), *map(_of_group, _groups(root))]
    return min((one for one in known if one is not None), default=None)


def return_large_blocks() -> None:
    """Have the C library give freed blocks of 4 MB and more back to the system at once, where it is glibc.

    It keeps them otherwise, once it has seen one of up to 32 MB freed, and few of them fit what comes next.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)


def _said(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _value(path: Path, name: str = "") -> int | None:
    """The number behind a name, in a file of lines of both, or the one that is all of a file; else None."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        *names, number = line.removesuffix(" kB").split()
        if " ".join(names) == name and number.isdigit():
            return int(number)
    return None


def _of_machine(root: Path) -> int | None:
    kilobytes = _value(root / "proc/meminfo", "MemAvailable:")
    return None if kilobytes is None else kilobytes * 1024


def _groups(root: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Folders of the cgroups that this process is in, and their files of limit, use and pages of files."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:  # version 2
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        folder = top / path.lstrip("/")
        while folder != top:  # within a container they may not be shown, but the topmost is
            yield folder, *names
            folder = folder.parent
        yield top, *names


def _of_group(group: tuple[Path, str, str, str]) -> int | None:
    folder, limit, used, files = group
    most, taken = _value(folder / limit), _value(folder / used)
    if most is None or taken is None or most >= _UNLIMITED:
        return None
    return max(0, most - taken + (_value(folder / "memory.stat", files) or 0))
