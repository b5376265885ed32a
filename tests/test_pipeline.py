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

import bam_files
from vaebin import sequences
from vaebin.config import CONTIG_BIN_BASES
from vaebin.formats import bins, features

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
CONTIGS_ALONE = "with --depth or --bam"
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


def shown(of_contigs):
    """What the README says of the folder."""
    tree = re.search(r"```text\nresults/\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    return {line.split()[0] for line in tree.splitlines() if of_contigs or CONTIGS_ALONE not in line}


def there(folder):
    return {p.name + "/" * p.is_dir() for p in folder.iterdir()}


def test_the_folder_is_as_the_readme_shows_it(whole):
    assert there(whole[0]) | {"assemblies/"} == shown(of_contigs=False)  # with --assemble: test_assembling.py


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


def test_a_second_run_loads_nothing_that_only_the_work_needs(whole):
    begun = [sys.executable, "-X", "importtime", *command(whole[0])]
    said = subprocess.run(begun, capture_output=True, text=True, timeout=600, check=True).stderr
    loaded = set(re.findall(r"^import time: .*\| +(\w+)$", said, re.MULTILINE))
    assert "numpy" in loaded
    assert not loaded & {"torch", "numba", "sklearn", "hdbscan", "umap", "matplotlib"}


class TestContigs:
    CONTIGS, DEPTH = DATA / "contigs.fasta.gz", DATA / "contigs.depth.tsv"

    @classmethod
    def run(cls, folder, *options):
        truth = ["--truth", DATA / "contigs.truth.tsv", "--id-column", "contig_id", "--extract", "--epochs", "3"]
        arguments = [SCRIPT, "run", cls.CONTIGS, "-o", folder, *truth, *options]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        return done

    @pytest.fixture(scope="class")
    @classmethod
    def binned(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp("contigs")
        return folder, cls.run(folder, "--depth", cls.DEPTH)

    def test_the_folder_is_as_the_readme_shows_it(self, binned):
        assert there(binned[0]) | {"assemblies/"} == shown(of_contigs=True)

    def test_bins_go_to_das_tool_as_well(self, binned):
        table = bins.read(binned[0] / "bins.tsv")
        pairs = [line.split("\t") for line in (binned[0] / "contig2bin.tsv").read_text().splitlines()]
        assert pairs == [[name, bins.name(number)] for name, number in zip(table.ids, table.assigned, strict=True)]
        assert re.search(rf"^contig2bin +{binned[0]}/contig2bin.tsv$", binned[1].stdout, re.MULTILINE)

    def test_what_is_not_known_of_contigs_is_not_told(self, binned):
        header = binned[1].stdout.splitlines()[0].split()
        assert header == ["bin", "sequences", "bases", "depth", "genome_size", "gc", "probability", "kind"]

    def test_bins_that_are_hardly_a_genome_are_not_extracted(self, binned):
        rows = (binned[0] / "bins.summary.tsv").read_text().splitlines()[2:]
        large = {row.split("\t")[0] for row in rows if int(row.split("\t")[2]) >= CONTIG_BIN_BASES}
        assert len(large) < len(rows)
        extracted = {path.name.split(".")[0] for path in (binned[0] / "bins").glob("bin_*")}
        assert extracted == large

    def test_depth_from_reads_is_another_depth(self, binned, tmp_path):
        shutil.copytree(binned[0], tmp_path / "out")
        lengths = {record.id: len(record.sequence) for record in sequences.read([self.CONTIGS])}
        reads = [(name, 0, "500M", 0, 0) for name in lengths]
        files = [bam_files.write(tmp_path / f"{n}.bam", lengths, reads[n:]) for n in (0, 1)]
        options = ["--bam", files[0], "--bam", files[1], "--min-bin-bases", "1"]
        assert stages_run(self.run(tmp_path / "out", *options))[:4] == STAGES[:4]
        measured = features.read(tmp_path / "out" / "features.npz")
        assert measured.depth[:2].tolist() == [
            pytest.approx([500 / measured.lengths[0], 0]),
            pytest.approx([500 / measured.lengths[1]] * 2),
        ]
        assert stages_run(self.run(tmp_path / "out", *options)) == []


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


def test_reads_of_low_quality_are_in_no_bin_and_no_file(tmp_path):
    options = ["--extract", "--preset", "article", "--epochs", "1", "--min-quality", "15"]
    done = subprocess.run(
        [SCRIPT, "run", DATA / "reads.fastq.gz", "-o", tmp_path, *options], capture_output=True, text=True, check=True
    )
    records = features.read(tmp_path / "features.npz").records
    assert 0 < records["low_quality"] < records["read"] == 640
    assert len(bins.read(tmp_path / "bins.tsv").ids) == records["kept"] == 640 - records["low_quality"]
    assert f"{records['low_quality']} sequences are not in the bin table and were passed over" in done.stderr


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
    "options", [["--depth", "a.tsv", "--bam", "a.bam"], ["--depth", "a.tsv", "--min-identity", "0.9"]], ids=" ".join
)
def test_depth_from_two_sources_is_bad_usage(tmp_path, options):
    done = subprocess.run([SCRIPT, "run", READS, "-o", tmp_path / "out", *options], capture_output=True, check=False)
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


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
