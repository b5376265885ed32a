"""Processors are those of the affinity and the container's quota, idle those that no thread waits for."""

import os

import pytest

from vaebin.processors import idle, processors


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Of eight processors, six for this process."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)

    def of(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return of


def quota(text):
    return {"sys/fs/cgroup/cpu.max": text}


def running(number):
    return {"proc/stat": f"cpu 1 2 3\nctxt 99\nprocs_running {number}\nprocs_blocked 0\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 6),
        (quota("max 100000\n"), 6),
        (quota("400000 100000\n"), 4),
        (quota("150000 100000\n"), 1),
        (quota("50000 100000\n"), 1),
        (quota("1600000 100000\n"), 6),
        (quota("\n"), 6),
    ],
    ids=["no quota told", "no quota", "four", "one and a half", "half of one", "more than there are", "an empty file"],
)
def test_processors(machine, files, expected):
    assert processors(machine(files)) == expected


def test_processors_where_there_is_no_affinity(machine, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    assert processors(machine({})) == 8


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (running(1), 6),
        (running(3), 6),
        (running(7), 2),
        (running(8), 1),
        (running(20), 0),
        (running(1) | quota("200000 100000\n"), 2),
        ({}, 0),
        ({"proc/stat": "cpu 1 2 3\n"}, 0),
    ],
    ids=["all", "others have room", "two", "one", "none", "of a quota", "no such system", "one that counts no threads"],
)
def test_idle(machine, files, expected):
    assert idle(machine(files)) == expected


def test_this_machine():
    assert 0 <= idle() <= processors() <= os.cpu_count()
