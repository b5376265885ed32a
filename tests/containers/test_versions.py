"""One version everywhere, and locks that hold what pyproject.toml asks for."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from vaebin import __version__

ROOT = Path(__file__).parents[2]
VARIANTS = ["cpu", "cuda"]
PIN = re.compile(r"^(\S+)==(\S+) \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def lock(variant):
    return (ROOT / "containers" / f"requirements-{variant}.txt").read_text()


def pins(variant):
    return {name: version for name, version, _ in PIN.findall(lock(variant))}


def tracked_files():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def texts():
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content and path != Path(__file__):
            yield path, content.decode(errors="replace")


def test_the_image_says_the_version():
    arguments = re.findall(r"^ARG VERSION=(.*)$", (ROOT / "containers/Dockerfile").read_text(), re.MULTILINE)
    assert arguments == [__version__]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_lock_says_the_version_that_it_was_made_for(variant):
    assert f"#    make lock (vaebin {__version__}, {variant})\n" in lock(variant)


def test_all_image_names_are_of_this_version():
    names = [(p.name, *found) for p, text in texts() for found in re.findall(r"vaebin/vaebin:([\w.@$({]+)-(\w+)", text)]
    assert {variant for _, _, variant in names} == set(VARIANTS)
    written_out = [name for name in names if name[1][0].isdigit()]
    assert [name for name in written_out if name[1] != __version__ or name[2] not in VARIANTS] == []
    assert "Dockerfile" in [name for name, *_ in written_out]


def test_the_galaxy_tools_are_of_this_version():
    tokens = [token for _, text in texts() for token in re.findall(r'name="@TOOL_VERSION@">([^<]*)<', text)]
    assert [token for token in tokens if token != __version__] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_lock_holds_what_the_package_requires(variant):
    required = map(Requirement, tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    pinned = pins(variant)
    assert [str(r) for r in required if r.name not in pinned or not r.specifier.contains(pinned[r.name])] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_pin_has_its_hashes(variant):
    lines = [line for line in lock(variant).splitlines() if line and not line.lstrip().startswith(("#", "--hash"))]
    assert len(lines) == len(pins(variant)) > 20


def test_the_locks_differ_in_torch_and_cuda_alone():
    cpu, cuda = pins("cpu"), pins("cuda")
    assert {name for name in cpu.keys() | cuda.keys() if cpu.get(name) != cuda.get(name)} == {
        "torch", *(name for name in cuda if name.startswith(("cuda-", "nvidia-")))
    }  # fmt: skip
    assert cpu["torch"] == f"{cuda['torch']}+cpu"


def test_torch_is_the_one_that_make_installs():
    assert f"\nTORCH := {pins('cuda')['torch']}\n" in (ROOT / "Makefile").read_text()
