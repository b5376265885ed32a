"""What is left of memory is told as the machine and the cgroups have it, and too little is warned of."""

import logging
import platform
import subprocess
import sys

import pytest

from vaebin import memory

MACHINE = {"proc/meminfo": "MemTotal: 9000 kB\nMemFree: 1000 kB\nMemAvailable:    5000 kB\n"}
V2 = {"proc/self/cgroup": "0::/job/step\n"}
V1 = {"proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/job\n0::/\n"}


def v2(folder, limit, used, files=0):
    folder = "sys/fs/cgroup" + folder
    return {
        f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/memory.current": f"{used}\n",
        f"{folder}/memory.stat": f"anon 7\nfile 9\ninactive_file {files}\nactive_file 1\n",
    }


def v1(folder, limit, used, files=0):
    folder = "sys/fs/cgroup/memory" + folder
    return {
        f"{folder}/memory.limit_in_bytes": f"{limit}\n",
        f"{folder}/memory.usage_in_bytes": f"{used}\n",
        f"{folder}/memory.stat": f"cache 5\ninactive_file 1\ntotal_inactive_file {files}\n",
    }


CASES = {
    "a machine without groups": (MACHINE, 5_120_000),
    "no such system": ({}, None),
    "a job's limit": (MACHINE | V2 | v2("/job", 3000, 1000) | v2("/job/step", "max", 1000), 2000),
    "pages of files count as left": (MACHINE | V2 | v2("/job/step", 3000, 1000, 400), 2400),
    "a limit above": (MACHINE | V2 | v2("/job", 900, 500) | v2("/job/step", 3000, 400), 400),
    "in a container that shows its own group at the top": (MACHINE | V2 | v2("", 3000, 2500), 500),
    "more taken than there should be": (MACHINE | V2 | v2("/job", 900, 950), 0),
    "a limit above what the machine has": (MACHINE | V2 | v2("/job", 1 << 40, 0), 5_120_000),
    "version 1": (MACHINE | V1 | v1("/job", 3000, 1000, 200) | v1("", 9223372036854771712, 4000), 2200),
    "version 1 without limit": (MACHINE | V1 | v1("/job", 9223372036854771712, 1000), 5_120_000),
    "only a group tells": (V2 | v2("/job", 3000, 1000), 2000),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES)
def test_what_is_left(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory.available(tmp_path) == expected


def test_this_machine_tells():
    assert memory.available() is None or memory.available() > 0


@pytest.mark.parametrize(
    ("free", "level", "said"),
    [
        (None, "INFO", "about 2.5 GB of memory needed"),
        (8_000_000_000, "INFO", "about 2.5 GB of memory needed, 8.0 GB free"),
        (
            2_000_000_000,
            "WARNING",
            "about 2.5 GB of memory needed, but 2.0 GB free: the system may end the work; "
            "take a machine with more, or fewer reads",
        ),
    ],
)
def test_what_is_said(monkeypatch, caplog, free, level, said):
    caplog.set_level(logging.INFO, "vaebin")
    monkeypatch.setattr(memory, "available", lambda: free)
    memory.announce(2_500_000_000, "fewer reads")
    assert [(r.levelname, r.message) for r in caplog.records] == [(level, said)]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library, or none that is known to keep blocks")
def test_large_blocks_are_returned_while_smaller_ones_behind_them_stay():
    """Of twenty freed blocks of 8 MB, each before one that stays; in a process of its own, as it lasts to its end."""
    script = """
import re, sys
from pathlib import Path
import numpy as np
from vaebin import memory

def taken():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

if sys.argv[1] == "returned":
    memory.return_large_blocks()
np.ones(3 << 20)  # 24 MB, after which glibc keeps blocks of so many
blocks = [np.ones(1 << 20) for _ in range(40)]
before = taken()
del blocks[::2]
print(before - taken())
"""
    kept, returned = (
        int(subprocess.run([sys.executable, "-c", script, how], check=True, capture_output=True, text=True).stdout)
        for how in ("kept", "returned")
    )
    assert kept < 40
    assert returned > 150
