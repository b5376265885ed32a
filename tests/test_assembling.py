"""The stage `assemble`: by real miniasm, and by a Flye that only plays its part."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import simulated
from vaebin import assemblers, assembling, markers
from vaebin.assemblers import AssemblyError
from vaebin.assembling import TABLE
from vaebin.config import AssembleConfig
from vaebin.errors import InputError, MismatchError
from vaebin.formats import bins as bin_table
from vaebin.formats import fastx, table
from vaebin.formats import summary as summaries
from vaebin.formats.assemblies import COLUMNS, FORMAT

MINIASM = AssembleConfig("miniasm")
SIZES = {"bin_1": 40_000, "bin_2": 25_000}
DEPTH, LENGTH = 20, 5000


@pytest.fixture(scope="session")
def miniasm():
    missing = [name for name in assemblers.programs(MINIASM) if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: install minimap2, miniasm and racon to run this test")


def write_summary(path, rows):
    """What cluster tells of bins. rows: name, depth, size."""

    def told(name, depth, size):
        known = float(depth) if depth else None, int(size) if size else None
        return summaries.Row(bin_table.number(name), 1, 1, *known, None, None, 1.0, 0, "genome")

    summaries.write(path, [told(*row) for row in rows])


def write_bins(folder, rows, records=None):
    """The tables of extract and cluster, and a file a bin. rows: name, depth, size. records: of each name."""
    (folder / "bins").mkdir(parents=True)
    files = []
    for name, _, _ in rows:
        text = b"".join(
            fastx.record(f"{name}_{i}", s, b"5" * len(s)) for i, s in enumerate((records or {}).get(name, [b"ACGT"]))
        )
        (folder / "bins" / f"{name}.fastq").write_bytes(text)
        files.append((name, f"{name}.fastq"))
    table.write(folder / "bins" / "summary.tsv", *bin_table.SEQUENCES, ("bin", "file"), files)
    known = [row for row in rows if row[0] != bin_table.UNBINNED]
    write_summary(folder / "bins.summary.tsv", known)
    return folder / "bins" / "summary.tsv", folder / "bins.summary.tsv"


def rows_of(folder):
    return {row["bin"]: row for row in table.read(folder / TABLE, FORMAT, 1, COLUMNS)}


def statuses(folder):
    return {name: row["status"] for name, row in rows_of(folder).items()}


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """Two deep genomes, a bin of random reads that do not overlap, one that is too thin, and what is unbinned."""
    rng = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("deep")
    genomes = {name: simulated.random_genome(rng, size) for name, size in SIZES.items()}
    reads = {name: simulated.shotgun(rng, [g], [DEPTH], LENGTH, 0.95).sequences for name, g in genomes.items()}
    reads["bin_3"] = simulated.junk(rng, 30, LENGTH)
    for name, genome in genomes.items():
        (folder / f"{name}.genome.fasta").write_bytes(fastx.record(name, simulated.text(genome), None))
    rows = [(name, f"{DEPTH - 1}.00", size) for name, size in SIZES.items()]
    rows += [("bin_3", "7.00", 25_000), ("bin_4", "2.10", 900_000), ("unbinned", "", "")]
    return folder, write_bins(folder, rows, reads)


@pytest.fixture(scope="module")
def assembled(miniasm, deep):
    folder, tables = deep
    assembling.assemble(*tables, folder / "out", MINIASM, threads=2)
    return folder / "out"


def aligned(genome, contigs):
    """Share of the genome under alignments of the contigs, and the share of the alignments' columns that match."""
    done = subprocess.run(
        ["minimap2", "-c", "-x", "asm20", genome, contigs], capture_output=True, text=True, check=True
    )
    hits = [line.split("\t") for line in done.stdout.splitlines()]
    covered = np.zeros(int(hits[0][6]), bool)
    for hit in hits:
        covered[int(hit[7]) : int(hit[8])] = True
    return covered.mean(), sum(int(h[9]) for h in hits) / sum(int(h[10]) for h in hits)


@pytest.mark.parametrize("name", SIZES)
def test_a_deep_bin_becomes_its_genome(deep, assembled, name):
    covered, identity = aligned(deep[0] / f"{name}.genome.fasta", assembled / f"{name}.fasta")
    assert covered > 0.98
    assert identity > 0.99


def test_the_table_tells_of_every_bin(assembled):
    rows = rows_of(assembled)
    assert list(rows) == ["bin_1", "bin_2", "bin_3", "bin_4"]
    assert statuses(assembled) == {
        "bin_1": "assembled",
        "bin_2": "assembled",
        "bin_3": "failed: no contigs",
        "bin_4": "not assembled: depth 2.1 < 5",
    }
    for name, size in SIZES.items():
        lengths = [len(line) for line in (assembled / f"{name}.fasta").read_text().splitlines() if line[0] != ">"]
        row = {key: rows[name][key] for key in COLUMNS[2:]}
        assert row == {
            "contigs": str(len(lengths)), "n50": row["n50"], "longest": str(max(lengths)), "length": str(sum(lengths)),
            "genome_size": str(size), "ratio": f"{sum(lengths) / size:.3f}", "depth": "19.00", "completeness": "",
            "contamination": "",
        }  # fmt: skip
        assert float(row["ratio"]) == pytest.approx(1, abs=0.1)
    assert list(rows["bin_4"].values())[2:] == ["", "", "", "", "900000", "", "2.10", "", ""]


def test_there_is_a_file_for_each_assembly_and_a_log_for_each_try(assembled):
    names = {path.name for path in assembled.iterdir()}
    assert names == {"bin_1.fasta", "bin_2.fasta", "bin_1.log", "bin_2.log", "bin_3.log", TABLE, "run.json"}
    assert (assembled / "bin_3.log").read_text().splitlines()[-1] == "no contigs"
    commands = [line.split()[1] for line in (assembled / "bin_1.log").read_text().splitlines() if line[:2] == "$ "]
    assert commands == ["minimap2", "miniasm", "minimap2", "racon", "minimap2", "racon"]


def test_what_is_assembled_stays_and_what_failed_is_tried_again(deep, assembled, tmp_path, monkeypatch):
    out = shutil.copytree(assembled, tmp_path / "out")
    tried = []

    def fail(reads, contigs, *_):
        tried.append(contigs.stem)
        raise AssemblyError("no contigs")

    monkeypatch.setattr(assemblers, "assemble", fail)
    before = (out / TABLE).read_bytes()
    assembling.assemble(*deep[1], out, MINIASM)
    assert tried == ["bin_3"]
    assert (out / TABLE).read_bytes() == before


def test_the_table_can_be_made_of_what_is_there(deep, assembled, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("bin_1.fasta", "bin_2.fasta", "bin_3.log"):
        shutil.copyfile(assembled / name, out / name)
    assembling.assemble(*deep[1], out, MINIASM, table_only=True)
    assert (out / TABLE).read_bytes() == (assembled / TABLE).read_bytes()


# Flye, played: it writes what it was told, and fails on a bin whose reads say so.
STUB = """#!/bin/bash
if [ "$1" = --version ]; then echo 2.9.5-b1801; exit; fi
echo "[2026-01-02 03:04:05] INFO: Starting Flye" >&2
case $2 in
  *bin_2*) echo "[2026-01-02 03:04:06] ERROR: No disjointigs were assembled" >&2
           echo "[2026-01-02 03:04:06] ERROR: Pipeline aborted" >&2; exit 1 ;;
  *bin_3*) kill -9 $$ ;;
  *bin_5*) touch "$(dirname "$0")/started"; sleep 60 & wait ;;
esac
printf '>contig_1\\nACGTACGTAC\\n>contig_2\\nACGTA\\n' >"$4/assembly.fasta"
echo "$1 $3 $5 $6" >>"$(dirname "$0")/calls"
"""


@pytest.fixture
def flye(tmp_path, monkeypatch):
    """The folder of the Flye that is first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "flye").write_text(STUB)
    (folder / "flye").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize(
    ("platform", "mode"),
    [("ont", "--nano-raw"), ("ont-hq", "--nano-hq"), ("clr", "--pacbio-raw"), ("hifi", "--pacbio-hifi")],
)
def test_flye_is_called_by_platform(tmp_path, flye, platform, mode):
    tables = write_bins(tmp_path, [("bin_1", "9.00", 30_000)])
    assembling.assemble(*tables, tmp_path / "out", AssembleConfig("flye", platform), threads=3)
    assert (flye / "calls").read_text() == f"{mode} --out-dir --threads 3\n"
    assert (tmp_path / "out" / "bin_1.fasta").read_text() == ">contig_1\nACGTACGTAC\n>contig_2\nACGTA\n"
    assert (tmp_path / "out" / TABLE).read_text() == (
        "# vaebin-assemblies 1.0\n"
        "bin\tstatus\tcontigs\tn50\tlongest\tlength\tgenome_size\tratio\tdepth\tcompleteness\tcontamination\n"
        "bin_1\tassembled\t2\t10\t10\t15\t30000\t0.001\t9.00\t\t\n"
    )
    record = json.loads((tmp_path / "out" / "run.json").read_text())["stages"]["assemble bin_1"]
    assert record["parameters"] == {
        "assembler": "flye", "platform": platform, "polish": 2, "programs": {"flye": "2.9.5-b1801"}
    }  # fmt: skip


def test_a_bin_that_fails_leaves_the_others_alone(tmp_path, flye):
    tables = write_bins(tmp_path, [(f"bin_{n}", "9.00", 30_000) for n in (1, 2, 3, 4)])
    assembling.assemble(*tables, tmp_path / "out")
    assert statuses(tmp_path / "out") == {
        "bin_1": "assembled",
        "bin_2": "failed: No disjointigs were assembled",
        "bin_3": "failed: flye was ended by signal 9, as when memory runs out",
        "bin_4": "assembled",
    }


def test_an_older_assembly_does_not_outlive_a_failure(tmp_path, flye):
    tables = write_bins(tmp_path, [("bin_2", "9.00", 30_000)])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "bin_2.fasta").write_text(">old\nACGT\n")
    assembling.assemble(*tables, tmp_path / "out")
    assert statuses(tmp_path / "out") == {"bin_2": "failed: No disjointigs were assembled"}


@pytest.mark.parametrize("change", ["reads", "platform", "force", "nothing"])
def test_what_makes_a_bin_be_assembled_again(tmp_path, flye, change):
    tables = write_bins(tmp_path, [("bin_1", "9.00", 30_000)])
    assembling.assemble(*tables, tmp_path / "out")
    if change == "reads":
        (tmp_path / "bins" / "bin_1.fastq").write_text("@a\nAAAA\n+\n5555\n")
    config = AssembleConfig(platform="hifi" if change == "platform" else "ont", min_depth=3)
    assembling.assemble(*tables, tmp_path / "out", config, force=change == "force")
    assert len((flye / "calls").read_text().splitlines()) == (1 if change == "nothing" else 2)


@pytest.mark.parametrize(
    ("row", "options", "status"),
    [
        (("bin_1", "4.99", 30_000), {}, "not assembled: depth 4.99 < 5"),
        (("bin_1", "5.00", 30_000), {}, "assembled"),
        (("bin_1", "4.00", 30_000), {"min_depth": 2.5}, "assembled"),
        (("bin_1", "9.00", 19_999), {}, "not assembled: size 19999 < 20000"),
        (("bin_1", "9.00", 19_999), {"min_size": 0}, "assembled"),
        (("bin_1", "", ""), {}, "not assembled: depth unknown"),
        (("bin_1", "", ""), {"min_depth": 0}, "assembled"),
        (("bin_1", "0.20", ""), {"min_depth": 0}, "assembled"),
    ],
)
def test_which_bins_are_assembled(tmp_path, flye, row, options, status):
    assembling.assemble(*write_bins(tmp_path, [row]), tmp_path / "out", AssembleConfig(**options))
    assert statuses(tmp_path / "out") == {"bin_1": status}


def test_markers_are_counted_in_what_is_assembled_and_not_twice(tmp_path, flye, monkeypatch):
    tables = write_bins(tmp_path, [("bin_1", "9.00", 30_000), ("bin_2", "9.00", 30_000), ("bin_4", "1.00", 30_000)])
    searched = []
    monkeypatch.setattr(markers, "read", lambda path: [path.read_text()])
    monkeypatch.setattr(
        markers, "count", lambda contigs, found, threads: searched.append((contigs, found)) or {"a": 1, "b": 0, "c": 3}
    )
    profiles, out = tmp_path / "markers.hmm", tmp_path / "out"
    profiles.write_text("profiles")
    for _ in range(2):
        assembling.assemble(*tables, out, profiles=profiles)
    assert searched == [([b"ACGTACGTAC", b"ACGTA"], ["profiles"])]
    rows = rows_of(out)
    assert {name: (row["completeness"], row["contamination"]) for name, row in rows.items()} == {
        "bin_1": ("0.667", "0.667"), "bin_2": ("", ""), "bin_4": ("", "")
    }  # fmt: skip
    assert (out / "bin_1.markers.tsv").read_text() == "# vaebin-markers 1.0\nmarker\tcopies\na\t1\nb\t0\nc\t3\n"
    assert assembling.written(out) == [out / TABLE, out / "bin_1.fasta", out / "bin_1.markers.tsv"]
    profiles.write_text("other profiles")
    assembling.assemble(*tables, out, profiles=profiles)
    assert len(searched) == 2
    assembling.assemble(*tables, out)
    assert rows_of(out)["bin_1"]["completeness"] == ""


def test_no_bins_are_an_empty_table(tmp_path, flye):
    assembling.assemble(*write_bins(tmp_path, []), tmp_path / "out")
    assert rows_of(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("$ flye --error\n[2026-01-02 03:04:05] INFO: at work\n[2026-01-02 03:04:06] ERROR: a\n[x] ERROR: b\n", "a"),
        ("[racon::load] error: file  has\tno overlaps!\n", "[racon::load] error: file has no overlaps!"),
        ("[M::main] Version: 0.3\nno contigs\n\n", "no contigs"),
        ("$ flye\n", "the log is empty"),
    ],
)  # fmt: skip
def test_a_log_tells_the_reason(tmp_path, log, reason):
    (tmp_path / "log").write_text(log)
    assert assemblers.reason(tmp_path / "log") == reason


class TestErrors:
    @pytest.mark.parametrize(
        ("config", "message"),
        [
            (AssembleConfig(), "--assembler flye needs flye on PATH; install flye, for instance from bioconda"),
            (MINIASM, "--assembler miniasm needs minimap2 and miniasm and racon on PATH"),
            (AssembleConfig("miniasm", polish=0), "--assembler miniasm needs minimap2 and miniasm on PATH"),
        ],
    )
    def test_no_assembler(self, tmp_path, monkeypatch, config, message):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(InputError, match=message):
            assembling.assemble(*write_bins(tmp_path, []), tmp_path / "out", config)
        assert not (tmp_path / "out").exists()

    def test_the_folder_of_the_sequences(self, tmp_path, flye):
        files, summary = write_bins(tmp_path, [("bin_1", "9.00", 30_000)])
        before = files.read_text()
        with pytest.raises(InputError, match="bins: holds the bins' sequences, .*; give another folder"):
            assembling.assemble(files, summary, files.parent)
        assert files.read_text() == before

    def test_tables_of_different_bins(self, tmp_path, flye):
        files, summary = write_bins(tmp_path, [("bin_1", "9.00", 1)])
        write_summary(summary, [("bin_2", "9.00", 1)])
        with pytest.raises(MismatchError, match="has no row for bin_1 of .*; give the tables of the same bins"):
            assembling.assemble(files, summary, tmp_path / "out")


def test_an_interrupt_ends_the_assembler_and_leaves_nothing_half_written(tmp_path, flye):
    files, summary = write_bins(tmp_path, [("bin_1", "9.00", 30_000), ("bin_5", "9.00", 30_000)])
    out = tmp_path / "out"
    started = subprocess.Popen(
        [Path(sys.executable).parent / "vaebin", "assemble", files, "--summary", summary, "-o", out],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (flye / "started").exists():
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGTERM)
    _, talk = started.communicate(timeout=30)
    assert (started.returncode, talk.splitlines()[-1]) == (130, "vaebin: interrupted; nothing half-written is left")
    assert {path.name for path in out.iterdir()} == {"bin_1.fasta", "bin_1.log", "bin_5.log", "run.json"}
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running


def test_the_command_shows_the_table(tmp_path, flye):
    files, summary = write_bins(tmp_path, [("bin_1", "9.00", 30_000), ("bin_2", "1.00", 4_000_000)])
    done = subprocess.run(
        [Path(sys.executable).parent / "vaebin", "assemble", files, "--summary", summary, "-o", tmp_path / "out"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == (
        "bin    status                      contigs  n50  longest  length  genome_size  ratio  depth\n"
        "bin_1  assembled                         2   10       10      15        30000  0.001   9.00\n"
        "bin_2  not assembled: depth 1 < 5        -    -        -       -      4000000      -   1.00\n"
    )
    assert done.stderr.endswith(f"1 of 2 bins, 2 contigs, 15 bases in {tmp_path}/out\n")


# `vaebin run --assemble`, on reads of two genomes deep enough, and Flye played.


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    """Reads of two genomes of 60 kb at 12 and 8 reads a base."""
    rng = np.random.default_rng(5)
    genomes = [simulated.random_genome(rng, 60_000, gc) for gc in (0.35, 0.6)]
    path = tmp_path_factory.mktemp("reads") / "reads.fasta"
    sequences = simulated.shotgun(rng, genomes, (12, 8), 3000).sequences
    path.write_bytes(b"".join(fastx.record(f"r{i}", s, None) for i, s in enumerate(sequences)))
    return path


def run_all(reads, folder, *options):
    script = Path(sys.executable).parent / "vaebin"
    return subprocess.run(
        [script, "run", reads, "-o", folder, "--epochs", "3", "--assemble", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_run_ends_with_contigs_and_is_taken_up_again(tmp_path, flye, reads):
    done = run_all(reads, tmp_path / "out", "--platform", "hifi")
    assert done.returncode == 0, done.stderr
    found = statuses(tmp_path / "out" / "assemblies")
    count = list(found.values()).count("assembled")
    assert count >= 1
    told = dict(line.split(maxsplit=1) for line in done.stdout.split("\n\n")[-1].splitlines())
    assert told["assembled"].startswith(f"{count} of {len(found)} bins, {2 * count} contigs, {15 * count} bases")
    assert Path(told["assemblies"]) == tmp_path / "out" / "assemblies"
    calls = (flye / "calls").read_text()
    assert calls.startswith("--pacbio-hifi ")
    again = run_all(reads, tmp_path / "out", "--platform", "hifi")
    assert again.stdout == done.stdout
    assert "assemble: done before, kept" in again.stderr
    assert (flye / "calls").read_text() == calls


def test_a_run_tells_before_the_work_that_there_is_no_assembler(tmp_path, monkeypatch, reads):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run_all(reads, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("vaebin: error: --assembler flye needs flye on PATH; install flye, ")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
