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
    """What needs no server first, while one starts; containers last: their server takes the place of the other."""
    items.sort(key=lambda item: ("galaxy" in item.fixturenames) + 2 * ("contained" in item.fixturenames))


@pytest.fixture(scope="session")
def galaxies(tmp_path_factory):
    """A function that gives a running Galaxy of the environment named, and ends the one before."""
    running = {}

    def only(environment, **variables):
        if environment not in running:
            for other in list(running):
                running.pop(other).stop()
            folder = tmp_path_factory.mktemp("galaxy") / environment
            galaxy = Galaxy(folder, environment, variables)
            port = os.environ.get("VAEBIN_GALAXY_PORT")
            running[environment] = galaxy.adopt(int(port)) if port and environment == "local" else galaxy.start()
        return running[environment]

    yield only
    for galaxy in running.values():
        galaxy.stop()


@pytest.fixture(scope="session", autouse=True)
def _early(request, galaxies):
    if any("galaxy" in item.fixturenames for item in request.session.items) and not _missing():
        galaxies("local")


@pytest.fixture(scope="session")
def installed():
    if reason := _missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def galaxy(installed, galaxies):
    """A Galaxy that runs jobs on this machine, without containers."""
    found = galaxies("local")
    found.wait()
    return found
