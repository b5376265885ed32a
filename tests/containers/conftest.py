"""The engine and the image, once for all tests; VAEBIN_VARIANT=cuda has the other image tested."""

import contextlib
import fcntl
import os
import sys
from pathlib import Path

import pytest
from engines import ROOT, RUN, UID, Image, execute, find_engine, serve

from vaebin import __version__

DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def variant():
    return os.environ.get("VAEBIN_VARIANT", "cpu")


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """A folder that all of pytest's workers share, which lets one of them do what the others wait for."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @contextlib.contextmanager
    def alone(name):
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield shared / name

    return alone


@pytest.fixture(scope="session")
def engine(variant, once):
    if os.geteuid() != 0:
        pytest.skip("only root can give folders to the users that the containers run as")
    with once("engine"):
        found = find_engine(variant)
    if found is None:
        pytest.skip("no container engine: install docker or podman to run this test")
    return found


@pytest.fixture(scope="session")
def image(engine, variant, once):
    """The image, built by `make image-cpu` or `make image-cuda`."""
    with once("image"):
        engine.make(f"image-{variant}")
    return Image(engine, f"vaebin/vaebin:{__version__}-{variant}")


@pytest.fixture(scope="session")
def outside(engine, once):
    """Results of RUN without the image."""
    with once("outside") as folder:
        if not folder.exists():
            script = Path(sys.executable).parent / RUN[0]
            execute(script, *RUN[1:2], DATA / RUN[2], *RUN[3:], "-o", folder)
    return folder


@pytest.fixture(scope="session")
def docker(engine, tmp_path_factory):
    """The environment of the docker client, with a service to talk to."""
    with serve(engine, tmp_path_factory.mktemp("service") / "socket") as environment:
        yield environment


@pytest.fixture
def folder(tmp_path):
    """A folder with the tiny set, which the container's user owns."""
    for name in ("reads.fastq.gz", "truth.tsv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    os.chown(tmp_path, UID, UID)
    tmp_path.chmod(0o755)
    return tmp_path
