"""Benchmarks are no part of the tests but must go on working: each says how it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
SCRIPTS = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in ("common.py", "simulation.py"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_tells_its_usage(name):
    done = subprocess.run([sys.executable, FOLDER / name, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"usage: python benchmarks/{name}" in done.stdout
