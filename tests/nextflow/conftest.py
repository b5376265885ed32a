"""Nextflow, the pipeline, and the runs that several tests look at."""

import importlib.util
import os
import shutil
import subprocess
import sys

import cluster
import numpy as np
import pytest
from running import (
    BESIDE,
    CONTIGS,
    DATA,
    DEPTH,
    HERE,
    OPTIONS,
    READS,
    ROOT,
    TRUTH,
    Nextflow,
    execute,
    first_on_path,
    write_sheet,
)

import bam_files
import simulated
from vaebin import sequences
from vaebin.formats import fastx

# The container tests' engine, image and docker service.
sys.path.insert(0, str(ROOT / "tests" / "containers"))
_spec = importlib.util.spec_from_file_location("container_fixtures", ROOT / "tests" / "containers" / "conftest.py")
_containers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_containers)
variant, once, engine = _containers.variant, _containers.once, _containers.engine
image, docker = _containers.image, _containers.docker


@pytest.fixture(scope="session")
def nextflow(tmp_path_factory):
    if not shutil.which(os.environ.get("JAVA_CMD", "java")):
        pytest.skip("no Java: install Java 17 or newer to run this test")
    program = shutil.which("nextflow") or BESIDE / "nextflow"
    if not os.access(program, os.X_OK):
        pytest.skip("no Nextflow: install it to run this test (https://www.nextflow.io/docs/latest/install.html)")
    return Nextflow(program, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def pipeline(nextflow, tmp_path_factory):
    return nextflow.prepare(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def multiqc(tmp_path_factory):
    """An environment with MultiQC on PATH: VAEBIN_MULTIQC, or one that is there."""
    program = os.environ.get("VAEBIN_MULTIQC") or shutil.which("multiqc")
    if not program:
        pytest.skip("no MultiQC: set VAEBIN_MULTIQC to run this test")
    folder = tmp_path_factory.mktemp("multiqc")
    (folder / "multiqc").symlink_to(program)
    return first_on_path(folder)


@pytest.fixture(scope="session")
def sharded(nextflow, pipeline, multiqc, tmp_path_factory):
    """The test profile, as a user would try it: two samples in three shards each, through the real tools."""
    folder = tmp_path_factory.mktemp("sharded")
    done = nextflow(
        "run", folder, pipeline, "-profile", "test", "--outdir", "results", "--extract", environment=multiqc
    )
    assert done.status == 0, done.output
    return done


@pytest.fixture(scope="session")
def whole(nextflow, pipeline, tmp_path_factory):
    """Unsharded: the tiny set in two files of one name, and beside it a sample whose file was cut short."""
    folder = tmp_path_factory.mktemp("whole")
    lines = subprocess.run(["gzip", "-dc", READS], capture_output=True, text=True, check=True).stdout.splitlines(True)
    starts = [i for i, line in enumerate(lines) if line.startswith(">")]
    middle = starts[len(starts) // 3]
    for name, part in (("first", lines[:middle]), ("second", lines[middle:])):
        (folder / name).mkdir()
        (folder / name / "reads.fasta").write_text("".join(part))
    (folder / "cut.fastq.gz").write_bytes((DATA / "reads.fastq.gz").read_bytes()[:100_000])
    sheet = write_sheet(
        folder / "samplesheet.csv",
        ("joined", "first/reads.fasta", "ont", "", TRUTH),
        ("cut", "cut.fastq.gz", "ont", "", ""),
        ("joined", "second/reads.fasta", "ont", "", TRUTH),
    )
    return nextflow(
        "run", folder, pipeline, "--input", sheet, "--outdir", "results", "--extract", "--multiqc", "false", *OPTIONS
    )


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """The folder of `vaebin run` on the tiny set, with the same settings."""
    folder = tmp_path_factory.mktemp("alone")
    done = execute(["vaebin", "run", READS, "-o", folder, "--truth", TRUTH, "--extract", "--device", "cpu", *OPTIONS])
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def contigs(nextflow, pipeline, tmp_path_factory):
    """The tiny contigs, in two shards with a table of depths, and with reads mapped to them; and these files."""
    folder = tmp_path_factory.mktemp("contigs")
    lengths = {record.id: len(record.sequence) for record in sequences.read([CONTIGS])}
    everywhere = [(name, 0, "500M", 0, 0) for name in lengths]
    bams = [bam_files.write(folder / f"{n}.bam", lengths, everywhere[n:]) for n in (0, 30)]
    truth = DATA / "contigs.truth.tsv"
    sheet = write_sheet(
        folder / "samplesheet.csv",
        ("table", CONTIGS, "contigs", DEPTH, truth),
        ("mapped", CONTIGS, "contigs", "0.bam;30.bam", ""),
    )
    done = nextflow(
        "run", folder, pipeline, "--input", sheet, "--outdir", "results", "--extract", "--multiqc", "false",
        "--shard-records", "40", "--id-column", "contig_id", "--min-identity", "0.9", *OPTIONS,
    )  # fmt: skip
    assert done.status == 0, done.output
    return done, bams


@pytest.fixture(scope="session")
def assembled(nextflow, pipeline, tmp_path_factory):
    """A sample of two genomes deep enough to be assembled, and the folder of `vaebin run` on the same reads."""
    if not all(map(shutil.which, ("minimap2", "miniasm", "racon"))):
        pytest.skip("no miniasm: install minimap2, miniasm and racon to run this test")
    folder = tmp_path_factory.mktemp("assembled")
    rng = np.random.default_rng(5)
    genomes = [simulated.random_genome(rng, 60_000, gc) for gc in (0.35, 0.6)]
    reads = simulated.shotgun(rng, genomes, (15, 10), 3000).sequences
    (folder / "deep.fasta").write_bytes(b"".join(fastx.record(f"r{i}", s, None) for i, s in enumerate(reads)))
    how = ["--assemble", "--assembler", "miniasm", *OPTIONS]
    alone = execute(["vaebin", "run", folder / "deep.fasta", "-o", folder / "alone", "--device", "cpu", *how])
    assert alone.returncode == 0, alone.stderr
    sheet = write_sheet(folder / "samplesheet.csv", ("deep", "deep.fasta", "ont", "", ""))
    command = ["run", folder, pipeline, "--input", sheet, "--outdir", "results", "--multiqc", "false", *how]
    done = nextflow(*command)
    assert done.status == 0, done.output
    return done, folder / "alone", command


@pytest.fixture(scope="session")
def play(nextflow, pipeline, tmp_path_factory):
    """Run samples of six records in shards of two, with tools that only play their part, some of which fail."""

    def run(*arguments, samples=("one", "two"), faults="", environment=None):
        folder = tmp_path_factory.mktemp("play")
        rows = [(name, f"{name}.fasta", "", "", TRUTH) for name in samples]
        for name in samples:
            (folder / f"{name}.fasta").write_text(">a\nACGT\n")
        settings = folder / "settings.config"
        settings.write_text(f"env.FAULTS = '{faults}'\nexecutor.pollInterval = '200ms'\n")
        return nextflow(
            "run", folder, pipeline, "--input", write_sheet(folder / "sheet.csv", *rows), "--outdir", "results",
            "--shard-records", "2", "-c", settings, *arguments,
            environment={**first_on_path(HERE / "tools"), **(environment or {})},
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """The environment in which a real SLURM takes jobs."""
    if not cluster.is_installed():
        pytest.skip("no SLURM: install slurm-wlm and munge to run this test")
    folder = tmp_path_factory.mktemp("slurm")
    yield cluster.start(folder)
    cluster.stop(folder)
