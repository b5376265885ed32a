"""How many processors there are to compute with, and how many of them have nothing else to do."""

import os
import re
import time
from pathlib import Path

_ROOT = Path("/")
_LOOKS, _BETWEEN = 3, 0.003  # seconds; what runs for a moment only is not seen by each look


def processors(root: Path = _ROOT) -> int:
    """Those that this process may use: by its affinity, where the system tells, and its container's quota of time."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _found(root / "sys/fs/cgroup/cpu.max", r"(\d+) (\d+)")  # version 2, as a container sees it
    return min(found, max(1, quota[0] // quota[1])) if quota else found


def idle(root: Path = _ROOT) -> int:
    """How many of them nothing but this process wants at the moment; 0 where the system does not tell."""
    wanted = []
    for _ in range(_LOOKS):
        time.sleep(_BETWEEN)
        wanted += _found(root / "proc/stat", r"^procs_running (\d+)$")
    return min(processors(root), max(0, (os.cpu_count() or 1) + 1 - min(wanted))) if wanted else 0


def _found(path: Path, pattern: str) -> list[int]:
    """The numbers in the first place of a file that is like the pattern; none where there is no such file or place."""
    try:
        match = re.search(pattern, path.read_text(), re.MULTILINE)
    except OSError:
        return []
    return [int(number) for number in match.groups()] if match else []
