"""How work flows, is tried again and is lost: a real Nextflow, with tools that only play their part (tools/play)."""

import re

import pytest
from running import HERE, first_on_path

STAGES = {
    "COUNT": 2, "VECTORIZE": 6, "TRAIN": 2, "EMBED": 6, "CLUSTER": 2, "PLOT": 2, "EVALUATE": 2, "EXTRACT": 2,
    "FLYE": 2, "ASSEMBLIES": 2, "REPORT": 2, "SUMMARIZE": 1, "MULTIQC": 1,
}  # fmt: skip
# Sample, the tool that fails it, where, and the stage that is told to have failed.
FAULTS = [
    ("shard", "vaebin-vectorize", "shard.fasta.*2:4", "vectorize"),
    ("model", "vaebin-train", "model.model", "train"),
    ("part", "vaebin-embed", "part.from_000000000002", "embed"),
    ("bins", "vaebin-cluster", "bins.bins", "cluster"),
    ("drawn", "vaebin-plot", "drawn.plot", "plot"),
    ("scored", "vaebin-evaluate", "scored.scores", "evaluate"),
    ("gathered", "vaebin", "gathered.assemblies", "assemblies"),
    ("told", "vaebin-report", "told.report", "report"),
]
HEALTHY = ["first", "killed", "thin", "last"]


@pytest.fixture(scope="module")
def faulty(play):
    """Samples that fail, each in another stage, between samples that do not; the first training of one is killed."""
    faults = [f"{tool} {pattern}" for _, tool, pattern, _ in FAULTS]
    samples = ["first", "killed", *(sample for sample, *_ in FAULTS), "thin", "last"]
    faults += ["vaebin-train killed.model killed", "flye thin.bin_1", "flye last.bin_1 killed"]
    return play("--assemble", samples=samples, faults=";".join(faults))


def tasks_of(done):
    names = [t["process"] for t in done.tasks() if t["status"] == "COMPLETED"]
    return {name: names.count(name) for name in set(names)}


def attempts(done, process, tag):
    return [(t["status"], t["exit"]) for t in done.tasks() if (t["process"], t["tag"]) == (process, tag)]


@pytest.mark.parametrize("parser", ["v1", "v2"], ids=["default parser of 25.04", "strict parser of 26.04"])
def test_a_stub_run_goes_through_every_stage(play, parser):
    done = play("-stub-run", "--assemble", environment={**first_on_path(HERE / "tools"), "NXF_SYNTAX_PARSER": parser})
    assert done.status == 0, done.output
    assert tasks_of(done) == STAGES


def test_the_work_is_scattered_and_gathered(faulty):
    """Three shards a sample; train and cluster get all of them, in order, and the last shard has no end."""
    tags = {t["tag"] for t in faulty.tasks() if t["process"] == "VECTORIZE"}
    assert {f"{name} {records}" for name in HEALTHY for records in ("0:2", "2:4", "4:")} <= tags
    shards = [f"first.from_{first:012d}" for first in (0, 2, 4)]
    command = (faulty.task_folder("CLUSTER", "first") / ".command.sh").read_text()
    assert re.findall(r"(\S+)\.latent\.npz", command) == shards
    assert re.findall(r"--features (\S+)\.features\.npz", command) == shards
    command = (faulty.task_folder("TRAIN", "first") / ".command.sh").read_text()
    assert re.findall(r"(\S+)\.features\.npz", command) == shards


@pytest.mark.parametrize(("sample", "stage"), [(sample, stage) for sample, _, _, stage in FAULTS], ids=lambda x: x)
def test_a_failure_is_told_with_its_stage(faulty, sample, stage):
    """Never does a sample go on with some of its shards, and never is one lost unseen."""
    assert faulty.status == 1
    assert f"\t{sample}\tfailed: {stage}\t" in "\t" + (faulty.results / "samples.tsv").read_text().replace("\n", "\n\t")
    told = [
        line for line in faulty.output.splitlines() if f"sample {sample} failed in {stage}, exit status 1: " in line
    ]
    assert len(told) == 1, faulty.output
    assert "error: a fault on purpose (in /" in told[0]
    after = ("plot", "evaluate", "assemblies", "report")
    assert (faulty.results / sample / f"{sample}.bins.tsv").exists() == (stage in after)


def test_the_other_samples_are_done(faulty):
    rows = [line.split("\t") for line in (faulty.results / "samples.tsv").read_text().splitlines()[1:]]
    assert [row[0] for row in rows] == ["first", "killed", *(sample for sample, *_ in FAULTS), "thin", "last"]
    assert [row[0] for row in rows if row[1] == "done"] == HEALTHY
    assert not [name for name in HEALTHY if f"sample {name} failed" in faulty.output]
    assert "8 of 12 samples failed" in faulty.output
    assert (faulty.results / "multiqc" / "multiqc_report.html").exists()


def test_a_killed_task_is_tried_again_and_bad_data_are_not(faulty):
    assert attempts(faulty, "TRAIN", "killed") == [("FAILED", "137"), ("COMPLETED", "0")]
    assert attempts(faulty, "TRAIN", "model") == [("FAILED", "1")]


def test_each_bin_is_assembled_alone_and_by_its_depth(faulty):
    """bin_1 of each sample, not bin_2, which is too thin; a memory and a time by its bases."""
    tags = {t["tag"] for t in faulty.tasks() if t["process"] == "FLYE"}
    assert {f"{name} bin_1" for name in HEALTHY} <= tags
    assert not {tag for tag in tags if tag.endswith("bin_2")}
    assert "flye --nano-raw reads/bin_1.fasta --out-dir first.bin_1" in (
        faulty.task_folder("FLYE", "first bin_1") / ".command.sh"
    ).read_text()  # fmt: skip


def test_a_bin_that_cannot_be_assembled_is_told_and_its_sample_done(faulty):
    """It is a result, as any other; an assembler that was killed is tried again."""
    told = [line for line in faulty.output.splitlines() if "was not assembled" in line]
    assert len(told) == 1, faulty.output
    assert told[0].endswith("sample thin: bin_1 was not assembled: no contigs")
    assert attempts(faulty, "FLYE", "thin bin_1") == [("COMPLETED", "0")]
    assert attempts(faulty, "FLYE", "last bin_1") == [("FAILED", "137"), ("COMPLETED", "0")]
    assert (faulty.results / "last" / "last.assemblies" / "bin_1.fasta").exists()
    assert (faulty.results / "thin" / "thin.assemblies" / "bin_1.log").exists()


def test_slurm_is_asked_for_what_a_task_needs_and_for_more_the_second_time(play):
    """sbatch and squeue are played; the directives are those that SLURM would read."""
    done = play(
        "-profile", "slurm,gpu", "--slurm-queue", "long", "--slurm-options=--account=lab",
        faults="vaebin-train two.model killed", environment=first_on_path(HERE / "slurm", HERE / "tools"),
    )  # fmt: skip
    assert done.status == 0, done.output

    def directives(process, tag):
        scripts = [p / ".command.run" for p in done.task_folders(process, tag)]
        return [
            {d.removeprefix("#SBATCH ") for d in s.read_text().splitlines() if d.startswith("#SBATCH")} for s in scripts
        ]

    (first,) = directives("TRAIN", "one")
    assert {"-p long", "-c 2", "--mem 16384M", "-t 12:00:00", "--account=lab --gres=gpu:1"} <= first
    before, after = directives("TRAIN", "two")
    assert {"-c 2", "--mem 16384M", "-t 12:00:00"} <= before
    assert {"-c 2", "--mem 32768M", "-t 24:00:00"} <= after
    (other,) = directives("CLUSTER", "one")
    assert {"-c 8", "--mem 32768M", "--account=lab"} <= other
    assert "--device cuda" in (done.task_folder("TRAIN", "one") / ".command.sh").read_text()
