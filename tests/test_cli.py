"""How every executable starts and ends."""

import errno
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from vaebin import __version__

ROOT = Path(__file__).parent.parent
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
STAGES = ["vectorize", "train", "embed", "cluster", "plot", "evaluate", "extract", "report"]
SUBCOMMANDS = [*STAGES, "assemble", "run", "inspect"]
COMMANDS = [[f"vaebin-{stage}"] for stage in STAGES] + [["vaebin", stage] for stage in SUBCOMMANDS] + [["vaebin"]]
HEAVY = {
    "torch",
    "numba",
    "matplotlib",
    "sklearn",
    "scipy",
    "hdbscan",
    "umap",
    "plotly",
    "pandas",
    "Bio",
    "dnaio",
    "pysam",
}


def call(*command, **more):
    script = Path(sys.executable).parent / command[0]
    return subprocess.run([script, *command[1:]], capture_output=True, text=True, timeout=300, check=False, **more)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
class TestEveryCommand:
    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_help(self, command, option):
        done = call(*command, option, env={**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100"})
        assert done.returncode == 0
        assert done.stderr == ""
        assert f"Usage: {' '.join(command)}" in done.stdout
        assert "Example: vaebin" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 100

    def test_version(self, command):
        done = call(*command, "--version")
        assert (done.returncode, done.stdout, done.stderr) == (0, f"vaebin {__version__}\n", "")

    def test_an_unknown_option_is_bad_usage(self, command):
        done = call(*command, "--no-such-option")
        assert done.returncode == 2
        assert done.stdout == ""
        assert "No such option: --no-such-option" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS[:-1], ids=" ".join)
def test_no_arguments_are_bad_usage(command):
    done = call(*command)
    assert done.returncode == 2
    assert "Missing" in done.stderr


@pytest.mark.parametrize("command", COMMANDS[:-1], ids=" ".join)
def test_every_stage_can_be_quiet_and_can_be_traced(command):
    shown = call(*command, "--help").stdout
    assert "--quiet" in shown
    assert "--debug" in shown


def test_the_umbrella_lists_the_stages_in_order_of_work():
    shown = call("vaebin", "--help").stdout
    assert re.findall(r"^│ (\w+)  ", shown, re.MULTILINE) == SUBCOMMANDS


def test_the_executables_are_those_of_the_plan():
    assert list(SCRIPTS) == ["vaebin", *(f"vaebin-{stage}" for stage in STAGES)]
    assert set(SCRIPTS.values()) == {f"vaebin.cli.{name}:main" for name in ["main", *STAGES]}


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_help_and_version_load_no_heavy_library(script, option):
    module = SCRIPTS[script].split(":")[0]
    program = (
        f"import atexit, sys, {module} as m; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); m.main()"
    )
    done = subprocess.run([sys.executable, "-c", program, option], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "typer" in done.stderr.split()
    assert HEAVY & set(done.stderr.split()) == set()


PROBE = """
import logging, os, sys, time, warnings
from vaebin.cli.options import Debug, Quiet, Version
from vaebin.cli.running import executable
from vaebin.errors import InputError
from vaebin.progress import log

def probe(what: str, version: Version = False, quiet: Quiet = False, debug: Debug = False) -> None:
    warnings.warn("soon to change", FutureWarning)
    logging.getLogger("matplotlib").warning("building the font cache")
    log.info("at work")
    log.warning("no bins")
    exec(what)

executable(probe, "vaebin-probe")()
"""
WARNED = "vaebin-probe: no bins\n"
TALK = "vaebin-probe: at work\n" + WARNED


def probe(what, *options, **more):
    more = {"capture_output": True, **more}
    return subprocess.run([sys.executable, "-c", PROBE, what, *options], text=True, check=False, timeout=60, **more)


@pytest.mark.parametrize(
    ("what", "status", "line"),
    [
        ("raise InputError('x.fq: record 3: bad')", 1, "error: x.fq: record 3: bad"),
        ("raise InputError('two\\nlines')", 1, "error: two lines"),
        ("open('/no/such')", 1, "error: /no/such: no such file or directory"),
        (
            f"raise OSError({errno.ENOSPC}, 'full')",
            1,
            "error: no space left on the disk; free some and run the command again",
        ),
        ("raise MemoryError", 1, "error: out of memory; use a machine with more, or fewer sequences"),
        ("{}['k']", 1, "error: unexpected KeyError ('k'); please run with --debug and report what it prints"),
    ],
    ids=["bad data", "one line", "missing", "full disk", "memory", "bug"],
)
def test_each_failure_is_one_line(what, status, line):
    done = probe(what)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"{TALK}vaebin-probe: {line}\n")


def test_debug_adds_the_traceback():
    done = probe("raise InputError('bad')", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("InputError: bad\nvaebin-probe: error: bad\n")


def test_quiet_leaves_warnings_and_errors():
    assert probe("pass", "--quiet").stderr == WARNED
    assert probe("raise InputError('bad')", "-q").stderr == f"{WARNED}vaebin-probe: error: bad\n"


def test_warnings_of_libraries_are_shown_to_who_asks():
    assert probe("pass").stderr == TALK
    assert "soon to change" in probe("pass", env={**os.environ, "PYTHONWARNINGS": "default"}).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_signals_interrupt(number):
    started = subprocess.Popen(
        [sys.executable, "-c", PROBE, "print('ready', flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout.readline() == "ready\n"
    started.send_signal(number)
    _, talk = started.communicate(timeout=30)
    assert (started.returncode, talk) == (130, f"{TALK}vaebin-probe: interrupted; nothing half-written is left\n")


def test_a_background_job_that_ignores_ctrl_c_goes_on_ignoring_it():
    what = "os.kill(os.getpid(), 2); print('done')"
    done = probe(what, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert (done.returncode, done.stdout) == (0, "done\n")


@pytest.mark.parametrize("lines", [1, 100_000], ids=["at the end", "in the middle"])
def test_a_closed_pipe_is_quiet(lines):
    reader, writer = os.pipe()
    os.close(reader)
    done = probe(f"print('line\\n' * {lines})", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, TALK)


def test_a_full_disk_under_stdout_is_one_line():
    with open("/dev/full", "w") as full:
        done = probe("print('line')", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == f"{TALK}vaebin-probe: error: no space left on the disk; free some and run the command again\n"


@pytest.mark.skipif(os.cpu_count() == 1, reason="with one processor there is one thread anyway")
@pytest.mark.parametrize(("given", "threads"), [({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {2})])
def test_numpy_and_scipy_begin_with_one_thread_unless_told_otherwise(given, threads):
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    what = (
        "import numpy, scipy.linalg, threadpoolctl; "
        "print({p['num_threads'] for p in threadpoolctl.threadpool_info() if p['internal_api'] == 'openblas'})"
    )
    assert probe(what, env=kept | given).stdout == f"{threads}\n"
