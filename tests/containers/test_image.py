"""The image does what vaebin does, for any user, read-only, without network and with any /tmp or none."""

import importlib.metadata
import json
import os
import re
import shutil
import tomllib

import pytest
from engines import ROOT, RUN, UID, execute

from vaebin import __version__

SCRIPTS = list(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"])
GIGABYTES = {"cpu": 1.5, "cuda": 5.0}
# Some machines set these for the sake of old builds of OpenBLAS: inside as outside.
BLAS = [option for name in os.environ if name.startswith("OPENBLAS_") for option in ("--env", name)]


def here(folder):
    """Options for working in a folder as in /data."""
    return ["--volume", f"{folder}:/data", *BLAS]


def foreign(place):
    """A /tmp as that of a machine with several users, one of whom used the image before."""
    theirs = place / "vaebin-cache" / "numba"
    theirs.mkdir(parents=True)
    place.chmod(0o1777)
    for path in (theirs, theirs.parent):
        os.chown(path, 4242, 4242)
        path.chmod(0o755)
    return ["--volume", f"{place}:/tmp"]


def unwritable(place):
    """A /tmp that belongs to another user."""
    os.chown(place, 4242, 4242)
    place.chmod(0o755)
    return ["--volume", f"{place}:/tmp"]


WRITABLE = ["--tmpfs", "/tmp:mode=1777"]
TEMPORARY = {
    "a /tmp with another user's cache": foreign,
    "another user's /tmp": unwritable,
    "no /tmp": lambda place: [],
}


@pytest.mark.parametrize("case", TEMPORARY)
def test_a_whole_run(outside, image, folder, tmp_path_factory, case):
    options = TEMPORARY[case](tmp_path_factory.mktemp("tmp"))
    done = image.run(*RUN, "-o", "results", options=[*here(folder), *options])
    assert "Traceback" not in done.stderr
    assert {p.name for p in folder.iterdir()} == {"reads.fastq.gz", "truth.tsv", "results"}  # no caches beside
    assert {p.name for p in (folder / "results").iterdir()} == {p.name for p in outside.iterdir()}
    assert {p.stat().st_uid for p in (folder / "results").iterdir()} == {UID}
    assert_same_bins(image, folder / "results" / "bins.tsv", outside / "bins.tsv")


@pytest.mark.parametrize(
    "stage",
    ["vectorize reads.fastq.gz", "cluster results/latent.npz -f results/features.npz", "plot results/latent.npz"],
)
def test_kernels_are_compiled_already(image, folder, outside, stage):
    shutil.copytree(outside, folder / "results")
    options = [*here(folder), *WRITABLE, "--env", "NUMBA_DEBUG_CACHE=1"]
    done = image.run(f"vaebin-{stage.split()[0]}", *stage.split()[1:], "-o", "/tmp/out", options=options)
    assert "[cache] data loaded from '/tmp/vaebin-cache/numba/" in done.stdout
    assert "[cache] data saved" not in done.stdout


def assert_same_bins(image, inside, outside):
    """The same bytes where the same versions are at work; else the same sequences, nearly all in the same bins."""
    if versions_inside(image) == {name: importlib.metadata.version(name) for name in NUMERICAL}:
        assert inside.read_bytes() == outside.read_bytes()
        return
    rows = [[line.split("\t")[:2] for line in path.read_text().splitlines()[2:]] for path in (inside, outside)]
    assert [row[0] for row in rows[0]] == [row[0] for row in rows[1]]
    from sklearn.metrics import adjusted_rand_score

    assert adjusted_rand_score(*([row[1] for row in table] for table in rows)) > 0.95


NUMERICAL = ("hdbscan", "numba", "numpy", "scikit-learn", "scipy", "torch")


def versions_inside(image):
    code = f"import json, importlib.metadata as m; print(json.dumps({{n: m.version(n) for n in {NUMERICAL}}}))"
    return json.loads(image.run("/opt/vaebin/bin/python", "-c", code).stdout)


def test_each_executable_helps_without_any_place_to_write(image):
    script = "cd / && for name in {}; do $name --help && $name --version || exit; done".format(" ".join(SCRIPTS))
    done = image.run("bash", "-c", script)
    assert done.stderr == ""
    assert re.findall(r"Usage: (\S+)", done.stdout) == SCRIPTS
    assert done.stdout.splitlines().count(f"vaebin {__version__}") == len(SCRIPTS)


def test_each_executable_does_its_part(outside, image, folder):
    """As an engine calls them: one container a stage, nothing kept between them but the files."""
    stages = [
        "vaebin-vectorize reads.fastq.gz -o features.npz",
        "vaebin-train features.npz -o model --epochs 5 --device cpu",
        "vaebin-embed features.npz --model model -o latent.npz --device cpu",
        "vaebin-cluster latent.npz --features features.npz -o bins.tsv",
        "vaebin-plot latent.npz --bins bins.tsv -o plot.png --html plot.html --coordinates coordinates.tsv",
        "vaebin-evaluate bins.tsv --truth truth.tsv --json scores.json",
        "vaebin-extract reads.fastq.gz --bins bins.tsv -o bins",
        "vaebin-report bins.tsv --coordinates coordinates.tsv --scores scores.json -o report.html",
    ]
    for stage in stages:
        done = image.run(*stage.split(), options=[*here(folder), *WRITABLE])
        assert not re.search("Traceback|[Ww]arning|[Cc]ache", done.stderr)
    assert_same_bins(image, folder / "bins.tsv", outside / "bins.tsv")
    assert json.loads((folder / "scores.json").read_text())
    assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "echarts" in (folder / "report.html").read_text()
    assert list((folder / "bins").glob("*.fastq.gz"))


def test_galaxy_runs_it(image, docker, folder):
    """The docker run line of Galaxy's job script: inputs read-only, any file name, a HOME of the job's own."""
    job = folder / "job"
    (job / "working").mkdir(parents=True)
    (job / "home").mkdir()
    (job / "tool_script.sh").write_text(
        f"set -e\nvaebin-vectorize '{folder}/reads.fastq.gz' -o '{job}/dataset_1.dat' --threads ${{GALAXY_SLOTS:-1}}\n"
    )
    for path in (job, *job.iterdir()):
        os.chown(path, UID, UID)
    execute(
        "docker", "run", "-e", "GALAXY_SLOTS=1", "-e", f"HOME={job}/home", "--name", f"vaebin-galaxy-{os.getpid()}",
        "-v", f"{folder}:{folder}:ro", "-v", f"{job}:{job}:rw", "-w", f"{job}/working", "-m", "4096m",
        "--net", "none", "--rm", "--user", f"{UID}:{UID}", image.name, "/bin/sh", f"{job}/tool_script.sh", env=docker,
    )  # fmt: skip
    assert (job / "dataset_1.dat").stat().st_uid == UID


def test_nextflow_runs_it(image, docker, folder):
    """The docker run line of Nextflow's .command.run, which looks at the task with ps and awk."""
    (folder / ".command.sh").write_text("#!/bin/bash -C -e -u -o pipefail\nvaebin --version > versions.txt\n")
    (folder / ".command.run").write_text(
        "set -e -u -o pipefail\n"
        "/bin/bash -C -e -u -o pipefail .command.sh &\npid=$!\n"
        "ps -e -o pid=,ppid= | awk '{print $1}' | grep -qx $$\n"
        "wait $pid\ndate +%s%3N > .exitcode\n"
    )
    execute(
        "docker", "run", "-i", "--cpu-shares", "1024", "--memory", "4096m", "-e", "NXF_TASK_WORKDIR", "-e", "NXF_DEBUG",
        "-v", f"{folder}:{folder}", "-w", folder, "-u", f"{UID}:{UID}", "--name", f"nxf-{os.getpid()}", "--rm",
        image.name, "/bin/bash", "-c", f"eval $(echo); /bin/bash {folder}/.command.run nxf_trace",
        env={**docker, "NXF_TASK_WORKDIR": str(folder)},
    )  # fmt: skip
    assert (folder / "versions.txt").read_text() == f"vaebin {__version__}\n"


def test_it_is_small(image, variant):
    assert image.inspect()["Size"] <= GIGABYTES[variant] * 1e9


def test_its_labels_tell_its_version(image, variant):
    labels = image.inspect()["Config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == labels["software.version"] == __version__
    assert labels["version"] == f"{__version__}-{variant}"


def test_its_structure(image, docker):
    config = ROOT / "containers" / "structure.yaml"
    done = execute(
        "container-structure-test", "test", "--driver", "docker", "--no-color", "--image", image.name,
        "--config", config, env=docker, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_other_code_changes_the_last_layer_alone(image, engine, variant, tmp_path):
    """So a new version of the package is built in seconds, and little is fetched."""
    for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE", ".dockerignore"):
        shutil.copy2(ROOT / name, tmp_path)
    for name in ("containers", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    with (tmp_path / "tools/vaebin/errors.py").open("a") as module:
        module.write(f"# {tmp_path}\n")
    engine.make(f"image-{variant}", "IMAGE=vaebin/changed", folder=tmp_path)
    try:
        changed = json.loads(engine("image", "inspect", f"vaebin/changed-{variant}").stdout)[0]["RootFS"]["Layers"]
    finally:
        engine("rmi", f"vaebin/changed-{variant}")
    layers = image.inspect()["RootFS"]["Layers"]
    assert changed[:-1] == layers[:-1]
    assert changed[-1] != layers[-1]


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not installed")
def test_hadolint_finds_nothing():
    folder = ROOT / "containers"
    assert execute("hadolint", "--config", folder / "hadolint.yaml", folder / "Dockerfile").stdout == ""


def test_a_release_lists_what_is_in_it(image, engine, variant, tmp_path):
    engine.make(f"sbom-{variant}", f"DIST={tmp_path}")
    assert [p.name for p in tmp_path.iterdir()] == [f"vaebin-{__version__}-{variant}.spdx.json"]
    packages = json.loads(next(tmp_path.iterdir()).read_text())["packages"]
    listed = {(p["name"].lower().replace("_", "-"), p.get("versionInfo")) for p in packages}
    pinned = re.findall(r"^(\S+)==(\S+)", (ROOT / f"containers/requirements-{variant}.txt").read_text(), re.MULTILINE)
    assert {*pinned, ("vaebin", __version__)} - listed == set()
    assert "procps" in dict(listed)
