"""`vaebin run`: all stages into one folder, continued wherever it was left."""

import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vaebin.formats import bins

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
READS, TRUTH = DATA / "reads.fasta.gz", DATA / "truth.tsv"
SCRIPT = Path(sys.executable).parent / "vaebin"
STAGES = ["vectorize", "train", "embed", "cluster", "plot", "evaluate", "extract", "report"]


def command(folder, *options):
    paths = ["run", READS, "-o", folder, "--truth", TRUTH, "--extract", "--epochs", "3"]
    return [SCRIPT, *map(str, paths), *options]


def run(folder, *options):
    done = subprocess.run(command(folder, *options), capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def stages_run(done):
    """Names of the stages that were worked on, by the talk."""
    return re.findall(r"^vaebin: (\w+)$", done.stderr, re.MULTILINE)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(folder)


def test_the_stages_run_in_order(whole):
    assert stages_run(whole[1]) == STAGES


def test_the_folder_is_as_the_readme_shows_it(whole):
    tree = re.search(r"```text\nresults/\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    shown = {line.split()[0] for line in tree.splitlines()}
    there = {p.name + "/" * p.is_dir() for p in whole[0].iterdir()}
    assert shown == there


def test_it_tells_bins_scores_and_where_they_are(whole):
    folder, done = whole
    rows, figures = done.stdout.replace("heat map", "heatmap").split("\n\n")
    told = dict(line.split(maxsplit=1) for line in figures.splitlines())
    table = bins.read(folder / "bins.tsv")
    assert [row.split()[0] for row in rows.splitlines()] == ["bin", *map(bins.name, range(1, table.assigned.max() + 1))]
    assert int(told["bins"]) == table.assigned.max()
    assert told["binned"].startswith(f"{(table.assigned > 0).sum()} of {len(table.ids)} sequences (")
    scores = json.loads((folder / "scores.json").read_text())["scores"]
    assert [float(told[n]) for n in ("precision", "recall", "F1", "ARI")] == pytest.approx(
        [scores[n] for n in ("precision", "recall", "f1", "ari")], abs=1e-6
    )
    for name in ("table", "picture", "page", "scores", "heatmap", "sequences", "report"):
        assert Path(told[name]).exists()
        assert Path(told[name]).is_relative_to(folder)


def test_every_binned_sequence_is_extracted(whole):
    folder = whole[0]
    rows = [line.split("\t") for line in (folder / "bins" / "summary.tsv").read_text().splitlines()[2:]]
    sequences = sum(int(row[2]) for row in rows)
    assert sequences == (bins.read(folder / "bins.tsv").assigned > 0).sum()
    assert {p.name for p in (folder / "bins").iterdir()} == {"summary.tsv", *(row[1] for row in rows)}


def test_a_second_run_does_nothing_and_tells_the_same(whole):
    folder, first = whole
    before = files(folder)
    again = run(folder)
    assert stages_run(again) == []
    assert again.stdout == first.stdout
    assert files(folder) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--noise", "keep"], ["cluster"]),
        (["-k", "3"], ["vectorize"]),
        (["--threads", "1", "--device", "cpu"], []),
        (["--force"], STAGES),
    ],
    ids=" ".join,
)
def test_what_an_option_makes_necessary(tmp_path, whole, options, expected):
    """At least the stages that the option is for; those after them where their inputs changed."""
    shutil.copytree(whole[0], tmp_path / "out")
    worked = set(stages_run(run(tmp_path / "out", *options)))
    assert worked >= set(expected)
    assert worked <= set(STAGES[min(map(STAGES.index, expected), default=len(STAGES)) :])


OUTPUTS = dict(
    zip(
        STAGES,
        [
            "features.npz",
            "model.safetensors",
            "latent.npz",
            "bins.tsv",
            "plot.png",
            "scores.tsv",
            "bins/summary.tsv",
            "report.html",
        ],
        strict=True,
    )
)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_in_any_stage_and_run_again_gives_the_same_bytes(tmp_path, whole, stage):
    folder = tmp_path / "out"
    shutil.copytree(whole[0], folder)
    (folder / OUTPUTS[stage]).unlink()
    kill_in(stage, folder)
    done = run(folder)
    assert stages_run(done) == [stage]
    assert files(folder) == files(whole[0])


def test_killed_on_the_way_and_run_again_gives_the_same_bytes(tmp_path, whole):
    kill_in("train", tmp_path / "out")
    kill_in("cluster", tmp_path / "out")
    assert stages_run(run(tmp_path / "out")) == STAGES[3:]
    assert files(tmp_path / "out") == files(whole[0])


def kill_in(stage, folder):
    started = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    list(itertools.takewhile(lambda line: line != f"vaebin: {stage}\n", started.stderr))
    started.send_signal(signal.SIGKILL)
    started.communicate(timeout=60)
    assert started.returncode == -signal.SIGKILL


def test_settings_can_be_those_of_an_ancestor(tmp_path):
    run(tmp_path, "--preset", "article")
    assert json.loads((tmp_path / "run.json").read_text())["stages"]["train"]["parameters"]["logvar"] == "softplus"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "-: not a file; vaebin run reads its input more than once: save it to a file first"),
        (["/dev/null"], "/dev/null: not a file"),
    ],
    ids=["stdin", "device"],
)
def test_input_that_can_be_read_once_only_is_refused(tmp_path, arguments, message):
    done = subprocess.run(
        [SCRIPT, "run", *arguments, "-o", tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"vaebin: error: {message}" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--truth", "no.tsv"], "no.tsv: no such file"),
        (["--truth", TRUTH, "--label-column", "genus"], "truth.tsv: line 1 has no column 'genus'"),
    ],
    ids=["missing", "no such column"],
)
def test_a_bad_truth_is_told_before_the_work(tmp_path, options, message):
    done = subprocess.run(
        [SCRIPT, "run", READS, "-o", tmp_path / "out", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert stages_run(done) == []
