"""The pipeline through the real tools, by a real Nextflow."""

import json
import os
import re

import pytest
from running import CONTIGS, DATA, DEPTH, OPTIONS, READS, ROOT, TRUTH, execute, write_sheet

RESULTS = {
    "model.safetensors", "history.tsv", "bins.tsv", "bins.summary.tsv", "guards.tsv", "bins.binning", "plot.png",
    "plot.html", "coordinates.tsv", "scores.tsv", "scores.json", "scores.png",
}  # fmt: skip


def contents(folder, sample=None):
    """Bytes of each file of a sample that the stages wrote, without the sample's name."""
    start = f"{sample}." if sample else ""
    found = {name: (folder / f"{start}{name}").read_bytes() for name in RESULTS}
    for path in (folder / f"{start}bins").iterdir():
        found[f"bins/{path.name}"] = path.read_bytes()
    return found


def test_a_sharded_sample_gives_the_bytes_of_vaebin_run(sharded, alone):
    assert sum(t["process"] == "VECTORIZE" and t["tag"].startswith("tiny_fasta ") for t in sharded.tasks()) == 3
    assert contents(sharded.results / "tiny_fasta", "tiny_fasta") == contents(alone)


def test_an_unsharded_sample_gives_the_bytes_of_vaebin_run(whole, alone):
    """Its reads are in two files of one name in two folders, with another sample's row between them."""
    assert contents(whole.results / "joined", "joined") == contents(alone)


def test_fasta_and_fastq_of_the_same_reads_give_the_same_bins(sharded):
    fasta, fastq = (contents(sharded.results / name, name)["bins.tsv"] for name in ("tiny_fasta", "tiny_fastq"))
    assert fasta == fastq


def test_every_sample_has_a_folder_and_the_run_a_report(sharded):
    files = sharded.files()
    for sample in ("tiny_fasta", "tiny_fastq"):
        assert {f"{sample}/{sample}.{name}" for name in RESULTS} <= files
        assert f"{sample}/{sample}.bins/summary.tsv" in files
        page = (sharded.results / sample / f"{sample}.report.html").read_text()
        assert f"<h1>{sample}: 4 bins from 640 reads" in page
        assert "F1 against the truth" in page
    assert {
        "samples.tsv", "multiqc/multiqc_report.html", "pipeline_info/report.html", "pipeline_info/timeline.html",
        "pipeline_info/trace.tsv", "pipeline_info/versions.json",
    } <= files  # fmt: skip
    assert not {f for f in files if "features" in f or "latent" in f}  # large, and only on request


@pytest.mark.parametrize("sample", ["table", "mapped"])
def test_contigs_with_depth_give_the_bytes_of_vaebin_run(contigs, tmp_path, sample):
    done, bams = contigs
    options = ["--truth", DATA / "contigs.truth.tsv", "--id-column", "contig_id", "--depth", DEPTH]
    if sample == "mapped":
        options = [*(word for bam in bams for word in ("--bam", bam)), "--min-identity", "0.9"]
    alone = execute(["vaebin", "run", CONTIGS, "-o", tmp_path, "--extract", "--device", "cpu", *options, *OPTIONS])
    assert alone.returncode == 0, alone.stderr
    scored = {"scores.tsv", "scores.json", "scores.png"} if sample == "table" else set()
    for name in {name for name in RESULTS if not name.startswith("scores")} | scored | {"contig2bin.tsv"}:
        path = done.results / sample / f"{sample}.{name}"
        assert path.read_bytes() == (tmp_path / name).read_bytes(), name
    extracted = done.results / sample / f"{sample}.bins" / "summary.tsv"
    assert extracted.read_bytes() == (tmp_path / "bins" / "summary.tsv").read_bytes()


def test_reads_have_no_table_of_contigs(whole):
    assert not [name for name in whole.files() if "contig2bin" in name]


def test_the_table_of_samples_tells_the_scores_of_vaebin_run(sharded, alone):
    names, *rows = [line.split("\t") for line in (sharded.results / "samples.tsv").read_text().splitlines()]
    table = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    scores = dict(line.split("\t") for line in (alone / "scores.tsv").read_text().splitlines()[2:])
    for sample in ("tiny_fasta", "tiny_fastq"):
        assert table[sample]["state"] == "done"
        assert table[sample]["sequences"] == "640"
        assert {k: table[sample][k] for k in ("precision", "recall", "f1", "ari")} == {
            k: scores[k] for k in ("precision", "recall", "f1", "ari")
        }
    told = sharded.output.splitlines()
    for sample in table.values():
        assert any(line.split() == list(sample.values()) for line in told)


def test_multiqc_shows_samples_scores_and_bins(sharded):
    data = sharded.results / "multiqc" / "multiqc_report_data"
    report = json.loads((data / "multiqc_data.json").read_text())
    (samples,) = (s for s in report["report_saved_raw_data"].values() if {"tiny_fasta", "tiny_fastq"} == set(s) and
                  "state" in s["tiny_fasta"])  # fmt: skip
    assert samples["tiny_fasta"]["state"] == "done"
    page = (sharded.results / "multiqc" / "multiqc_report.html").read_text()
    for section in ("samples", "scores", "kinds", "bins", "guards"):
        assert f"mqc-module-section-vaebin_{section}" in page or f'id="vaebin_{section}' in page
    assert "Software Versions" in page


def test_versions_are_those_of_the_tools(sharded):
    versions = json.loads((sharded.results / "pipeline_info" / "versions.json").read_text())
    stated = re.search(r'__version__ = "(.*)"', (ROOT / "tools" / "vaebin" / "__init__.py").read_text())[1]
    tools = {"COUNT", "VECTORIZE", "TRAIN", "EMBED", "CLUSTER", "PLOT", "EVALUATE", "EXTRACT"}
    assert {name: versions[name] for name in tools} == {name: {"vaebin": stated} for name in tools}


def test_resume_runs_nothing_again(sharded, nextflow, pipeline, multiqc):
    before = sharded.statuses()
    assert set(before) == {"COMPLETED"}
    again = nextflow(
        "run", sharded.folder, pipeline, "-profile", "test", "--outdir", "results", "--extract", "-resume",
        environment=multiqc,
    )  # fmt: skip
    assert again.status == 0, again.output
    assert again.statuses() == {"CACHED": before["COMPLETED"]}


def test_bins_are_assembled_to_the_bytes_of_vaebin_run(assembled):
    """By real minimap2, miniasm and racon, a task a bin; logs differ, since they tell of folders and times."""
    done, alone, _ = assembled
    folder = done.results / "deep" / "deep.assemblies"
    made = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix != ".log"}
    assert made == {
        p.name: p.read_bytes() for p in (alone / "assemblies").iterdir() if p.suffix != ".log" and p.name != "run.json"
    }
    contigs = {name.removesuffix(".fasta") for name in made if name.endswith(".fasta")}
    assert contigs
    assert {t["tag"] for t in done.tasks() if t["process"] == "MINIASM"} >= {f"deep {name}" for name in contigs}
    versions = json.loads((done.results / "pipeline_info" / "versions.json").read_text())
    assert set(versions["MINIASM"]) == {"minimap2", "miniasm", "racon"}


def test_resume_assembles_nothing_again(assembled, nextflow):
    done, _, command = assembled
    before = done.statuses()
    again = nextflow(*command, "-resume")
    assert again.status == 0, again.output
    assert again.statuses() == {"CACHED": before["COMPLETED"]}


def test_a_sample_that_fails_is_named_and_leaves_the_others_alone(whole):
    assert whole.status == 1
    told = [line for line in whole.output.splitlines() if "sample cut failed in vectorize, exit status 1: " in line]
    assert len(told) == 1, whole.output
    assert "cut.fastq.gz: the compressed data end early, after record" in told[0]
    assert "1 of 2 samples failed; -resume goes on" in whole.output
    assert "sample joined failed" not in whole.output
    rows = (whole.results / "samples.tsv").read_text().splitlines()[1:]
    assert [row.split("\t")[:2] for row in rows] == [["joined", "done"], ["cut", "failed: vectorize"]]


def test_the_image_gives_the_bytes_of_vaebin_run(nextflow, pipeline, image, docker, alone, tmp_path):
    """In containers, through docker's client and its socket."""
    sheet = write_sheet(tmp_path / "sheet.csv", ("tiny", READS, "", "", TRUTH))
    done = nextflow(
        "run", tmp_path, pipeline, "-profile", "docker", "--input", sheet, "--outdir", "results", "--shard-records",
        "400", "--epochs", "3", "--multiqc", "false", "--extract", environment=docker,
    )  # fmt: skip
    assert done.status == 0, done.output
    assert image.name in (done.task_folder("CLUSTER", "tiny") / ".command.run").read_text()
    for name in ("bins.tsv", "bins.summary.tsv", "scores.tsv", "model.safetensors"):
        assert (done.results / "tiny" / f"tiny.{name}").read_bytes() == (alone / name).read_bytes(), name


def test_slurm_gives_the_bytes_of_vaebin_run(nextflow, pipeline, slurm, alone, tmp_path):
    """On a real SLURM of one node; its controller knows every task's job."""
    sheet = write_sheet(tmp_path / "sheet.csv", ("tiny", READS, "", "", ""))
    (tmp_path / "quick.config").write_text("executor { pollInterval = '1 sec'; queueStatInterval = '2 sec' }\n")
    done = nextflow(
        "run", tmp_path, pipeline, "-profile", "test,slurm", "--input", sheet, "--outdir", "results", "--slurm-queue",
        "long", "--shard-records", "400", "--multiqc", "false", "-c", tmp_path / "quick.config", environment=slurm,
    )  # fmt: skip
    assert done.status == 0, done.output
    assert (done.results / "tiny" / "tiny.bins.tsv").read_bytes() == (alone / "bins.tsv").read_bytes()
    jobs = execute(["scontrol", "show", "jobs"], env={**os.environ, **slurm}).stdout
    completed = set(re.findall(r"JobId=(\d+) .*?JobState=COMPLETED", jobs, re.DOTALL))
    assert {task["native_id"] for task in done.tasks()} <= completed
