"""One Galaxy at a time for all tests; it starts while tests that need none run."""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))  # the command line as it is in this checkout
sys.path.insert(1, str(ROOT / "tests" / "containers"))  # engines.py, which knows how images are built and run

from serving import SCRIPTS, VENV, Galaxy  # noqa: E402


def _missing():
    if not (VENV / "bin" / "galaxy-web").exists() or not (VENV / "bin" / "planemo").exists():
        return "no Galaxy in this environment: make test-galaxy installs one and runs this test there"
    if missing := [name for name in SCRIPTS if not shutil.which(name)]:
        return f"vaebin is not installed: {', '.join(missing)}"
    return None


def pytest_collection_modifyitems(items):
    """What needs no server first, while one starts; containers last, which change where its jobs run."""
    items.sort(key=lambda item: ("galaxy" in item.fixturenames) + ("contained" in item.fixturenames))


@pytest.fixture(scope="session")
def starting(tmp_path_factory):
    """A Galaxy that may not answer yet; VAEBIN_GALAXY=FOLDER takes one that galaxy/ci/serve.sh started there."""
    folder = os.environ.get("VAEBIN_GALAXY")
    found = Galaxy(Path(folder)).adopt() if folder else Galaxy(tmp_path_factory.mktemp("galaxy") / "run").start()
    yield found
    found.stop()


@pytest.fixture(scope="session", autouse=True)
def _early(request):
    if any("galaxy" in item.fixturenames for item in request.session.items) and not _missing():
        request.getfixturevalue("starting")


@pytest.fixture(scope="session")
def installed():
    if reason := _missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def galaxy(installed, starting):
    """A Galaxy that runs jobs on this machine; in containers while `contained` is asked for."""
    starting.wait()
    return starting
