"""numba gets a folder of its own to keep what it compiles, wherever and as whomever vaebin runs."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

NOBODY = 65534
ASK = f"""
import os
from vaebin.caches import find_cache
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
find_cache()
print(os.environ.get("NUMBA_CACHE_DIR", "its own"))
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders to other users")


@pytest.fixture
def spot():
    """A folder that every user may enter, unlike tmp_path, and one in it for temporary files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        yield folder


def make(folder, owner, mode):
    folder.mkdir()
    os.chown(folder, owner, owner)
    folder.chmod(mode)
    return folder


def ask(spot, **environment):
    """What NUMBA_CACHE_DIR is, after find_cache as nobody; the folder that it names is gone by now if it was made."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"TMPDIR": str(spot / "tmp"), "HOME": "/nonexistent", **environment},
        cwd="/", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert list((spot / "tmp").iterdir()) == []
    return done.stdout.strip()


NAMED = {
    "ours": (NOBODY, 0o755, True),
    "root's, open to all": (0, 0o777, True),
    "root's": (0, 0o755, False),
    "another user's": (4242, 0o755, False),
    "another user's, open to all": (4242, 0o777, False),
    "another user's, open to all but to rename": (4242, 0o1777, True),
}


@pytest.mark.parametrize("case", NAMED)
@pytest.mark.parametrize("below", ["", "numba", "a/b"], ids=["itself", "to be made", "and those above"])
def test_a_folder_is_used_where_it_is_ours_alone(spot, case, below):
    owner, mode, good = NAMED[case]
    folder = make(spot / "cache", owner, mode) / below
    found = ask(spot, NUMBA_CACHE_DIR=str(folder))
    assert found == str(folder) if good else found.startswith(f"{spot}/tmp/vaebin-numba-")
    assert below == "" or not folder.exists()


def test_what_is_no_folder_is_not_used(spot):
    (spot / "file").write_text("")
    for wrong in (spot / "file", spot / "file" / "numba"):
        assert ask(spot, NUMBA_CACHE_DIR=str(wrong)).startswith(f"{spot}/tmp/")


def test_numba_keeps_the_users_cache_where_there_is_one(spot):
    home = make(spot / "home", NOBODY, 0o755)
    assert ask(spot, HOME=str(home)) == "its own"
    assert ask(spot, XDG_CACHE_HOME=str(home)) == "its own"


def test_what_an_image_compiled_is_linked(spot):
    """What is in the cache already stays."""
    cache = make(spot / "cache", NOBODY, 0o755)
    for name in ("old.nbi", "new.nbi"):
        path = make(spot / name, 0, 0o755) / "kernels"
        path.mkdir()
        (path / name).write_text(name)
    ask(spot, NUMBA_CACHE_DIR=str(cache), VAEBIN_COMPILED=str(spot / "old.nbi"))
    (cache / "kernels" / "new.nbi").write_text("mine")
    ask(spot, NUMBA_CACHE_DIR=str(cache), VAEBIN_COMPILED=str(spot / "new.nbi"))
    assert {p.name: p.read_text() for p in (cache / "kernels").iterdir()} == {"old.nbi": "old.nbi", "new.nbi": "mine"}


def test_without_compiled_kernels_no_folder_is_made(spot):
    cache = make(spot / "cache", NOBODY, 0o755)
    ask(spot, NUMBA_CACHE_DIR=str(cache), VAEBIN_COMPILED=str(spot / "none"))
    assert list(cache.iterdir()) == []


def test_without_a_home_it_gets_a_temporary_one(spot):
    assert ask(spot).startswith(f"{spot}/tmp/vaebin-numba-")
