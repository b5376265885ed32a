"""Whatever the input and whatever happens: a valid result or one clear line, no half file, never a traceback."""

import contextlib
import gzip
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vaebin.formats import bins

DATA = Path(__file__).parent / "data"
READS, TRUTH = DATA / "reads.fastq.gz", DATA / "truth.tsv"


def call(*command, **more):
    script = Path(sys.executable).parent / command[0]
    return subprocess.run(
        [script, *map(str, command[1:])], capture_output=True, text=True, timeout=600, check=False, **more
    )


def run(reads, folder, *options):
    return call("vaebin", "run", reads, "-o", folder, "--epochs", "2", *options)


def run_command(folder):
    """The command that made `results`, to be started."""
    script = Path(sys.executable).parent / "vaebin"
    return [script, "run", READS, "-o", folder, "--epochs", "2", "--truth", TRUTH, "--extract"]


def is_one_clear_line(done, name):
    """The command failed and its last words are one line; what it said before that are no errors."""
    *talk, last = done.stderr.splitlines()
    return (
        done.returncode == 1
        and last.startswith(f"{name}: error: ")
        and "unexpected" not in last
        and all(line.startswith(f"{name}: ") and "error" not in line for line in talk)
    )


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def random_fasta(count, seed=7):
    letters = random.Random(seed)
    return "".join(f">r{n} x\n{''.join(letters.choices('ACGT', k=letters.randint(50, 900)))}\n" for n in range(count))


GOOD = {
    "no sequences": (0, ""),
    "one sequence": (1, random_fasta(1)),
    "two sequences": (2, random_fasta(2)),
    "ten sequences": (10, random_fasta(10)),
    "999 sequences": (999, random_fasta(999)),
    "all N": (20, "".join(f">r{n}\n{'N' * 300}\n" for n in range(20))),
    "the same sequence over and over": (50, "".join(f">r{n}\n{'ACGTTGCA' * 40}\n" for n in range(50))),
    "shorter than a k-mer": (3, ">a\nA\n>b\nAC\n>c\nACG\n"),
}


@pytest.mark.parametrize("case", GOOD)
def test_every_sequence_gets_its_row(tmp_path, case):
    count, text = GOOD[case]
    (tmp_path / "reads").write_text(text)
    done = run(tmp_path / "reads", tmp_path / "out", "--extract")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    table = bins.read(tmp_path / "out" / "bins.tsv")
    assert list(table.ids) == [line.split()[0][1:] for line in text.splitlines() if line[0] == ">"]
    assert len(table.ids) == count
    assert done.stdout.split("\n\n")[-1].startswith("bins ")


def duplicated(path):
    path.write_text(">a\nACGTACGTAA\n>b\nACGTACGTAA\n>a\nACGTACGTAA\n")


def truncated(path):
    path.write_bytes(gzip.compress(random_fasta(50).encode())[:-200])


def cut(path):
    path.write_text("@a\nACGT\n+\nIIII\n@b\nACGT\n+\nII")


def without_qualities(path):
    path.write_text("@a\nACGT\n+\nIIII\n@b\nACGT\n")


def folder(path):
    path.mkdir()


def missing(path):
    pass


def binary(path):
    path.write_bytes(bytes(range(256)) * 10)


def prose(path):
    path.write_text("Dear reader,\n")


BAD = {
    duplicated: "records 1 and 3 share the id 'a'",
    truncated: "reads: the compressed data end early",
    cut: "reads: line 8",
    without_qualities: "reads: line 7",
    folder: "reads: is a directory",
    missing: "reads: no such file",
    binary: "reads: ",
    prose: "reads: ",
}


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_bad_sequences_are_one_line_and_leave_nothing(tmp_path, make):
    make(tmp_path / "reads")
    done = call("vaebin-vectorize", tmp_path / "reads", "-o", tmp_path / "features.npz")
    assert is_one_clear_line(done, "vaebin-vectorize"), done.stderr
    assert BAD[make] in done.stderr
    assert [p.name for p in tmp_path.iterdir() if p.name != "reads"] == []


@pytest.mark.parametrize("make", [truncated, missing], ids=lambda make: make.__name__)
def test_so_they_are_to_a_whole_run(tmp_path, make):
    make(tmp_path / "reads")
    done = run(tmp_path / "reads", tmp_path / "out")
    assert is_one_clear_line(done, "vaebin"), done.stderr
    assert BAD[make] in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The tiny set through all stages."""
    folder = tmp_path_factory.mktemp("results")
    done = run(READS, folder, "--truth", TRUTH, "--extract")
    assert done.returncode == 0, done.stderr
    return folder


def stage_calls(results, target):
    """Each executable with its inputs from a whole run, and its output at `target`."""
    return {
        "vaebin-vectorize": [READS, "-o", target],
        "vaebin-train": [results / "features.npz", "--epochs", "1", "-o", target],
        "vaebin-embed": [results / "features.npz", "--model", results / "model.safetensors", "-o", target],
        "vaebin-cluster": [results / "latent.npz", "--features", results / "features.npz", "-o", target],
        "vaebin-plot": [results / "latent.npz", "--bins", results / "bins.tsv", "-o", target],
        "vaebin-evaluate": [results / "bins.tsv", "--truth", TRUTH, "--json", target],
        "vaebin-extract": [READS, "--bins", results / "bins.tsv", "-o", target],
        "vaebin-report": [results / "bins.tsv", "--summary", results / "bins.summary.tsv", "-o", target],
    }


STAGES = ["vectorize", "train", "embed", "cluster", "plot", "evaluate", "extract", "report"]


@contextlib.contextmanager
def tiny_disk(folder):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, results, stage):
    with tiny_disk(tmp_path / "disk") as disk:
        (disk / "ballast").write_bytes(bytes(16 * 1024))
        target = disk / "out"
        done = call(f"vaebin-{stage}", *stage_calls(results, target)[f"vaebin-{stage}"])
        assert is_one_clear_line(done, f"vaebin-{stage}"), done.stderr
        assert "no space left on the disk" in done.stderr
        assert files(disk).keys() == {"ballast"}


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "extract"])  # which writes a folder
def test_a_full_device_is_one_line(results, stage):
    done = call(f"vaebin-{stage}", *stage_calls(results, "/dev/full")[f"vaebin-{stage}"])
    assert is_one_clear_line(done, f"vaebin-{stage}"), done.stderr
    assert "no space left on the disk" in done.stderr


@pytest.mark.parametrize("stage", STAGES[1:])
@pytest.mark.parametrize("wrong", ["text", "missing", "folder", "truncated"])
def test_a_file_that_is_no_result_of_ours_is_refused(tmp_path, results, stage, wrong):
    """The first input of the stage, or for extract the bin table, is something else."""
    command = stage_calls(results, tmp_path / "out")[f"vaebin-{stage}"]
    place = command.index("--bins") + 1 if stage == "extract" else 0
    broken = tmp_path / "broken"
    if wrong == "folder":
        broken.mkdir()
    elif wrong == "truncated":
        broken.write_bytes(command[place].read_bytes()[:-50])
    elif wrong == "text":
        broken.write_text("Dear reader,\n")
    command[place] = broken
    done = call(f"vaebin-{stage}", *command)
    assert is_one_clear_line(done, f"vaebin-{stage}"), done.stderr
    assert str(broken) in done.stderr
    assert not (tmp_path / "out").exists()


INTERRUPTS = {
    "vectorize": (signal.SIGINT, "features.npz"),
    "train": (signal.SIGINT, "model.safetensors"),
    "embed": (signal.SIGTERM, "latent.npz"),
    "cluster": (signal.SIGINT, "bins.tsv"),
    "plot": (signal.SIGTERM, "plot.png"),
    "extract": (signal.SIGINT, "bins/summary.tsv"),
}


@pytest.mark.parametrize("stage", INTERRUPTS)
def test_an_interrupt_is_one_line_and_leaves_no_half_file(tmp_path, results, stage):
    number, output = INTERRUPTS[stage]
    folder = tmp_path / "out"
    shutil.copytree(results, folder)
    (folder / output).unlink()
    started = subprocess.Popen(run_command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    talk = list(itertools.takewhile(lambda line: line != f"vaebin: {stage}\n", started.stderr))
    started.send_signal(number)
    _, last = started.communicate(timeout=120)
    assert started.returncode == 130
    assert last.splitlines()[-1] == "vaebin: interrupted; nothing half-written is left"
    assert "Traceback" not in "".join(talk) + last
    assert files(folder).keys() <= files(results).keys()


def test_the_same_command_gives_the_same_bytes(tmp_path, results):
    again = tmp_path / "elsewhere"
    renamed = tmp_path / "renamed"
    shutil.copyfile(READS, renamed)
    done = run(renamed, again, "--truth", TRUTH, "--extract")
    assert done.returncode == 0, done.stderr
    assert files(again) == files(results)


def test_no_file_tells_where_when_or_by_whom_it_was_made(results):
    secrets = [str(results), str(DATA), sys.prefix]
    for name, content in files(results).items():
        assert not [s for s in secrets if s.encode() in content], name


@pytest.mark.parametrize("threads", ["1", "3"])
def test_threads_change_nothing(tmp_path, results, threads):
    for stage, name in (("vectorize", "features.npz"), ("cluster", "bins.tsv")):
        command = stage_calls(results, tmp_path / name)[f"vaebin-{stage}"]
        done = call(f"vaebin-{stage}", *command, "--threads", threads)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes()


@pytest.mark.parametrize("mask", [0o022, 0o077], ids=oct)
def test_modes_follow_the_umask(tmp_path, mask):
    done = call("vaebin-vectorize", READS, "-o", tmp_path / "features", preexec_fn=lambda: os.umask(mask))
    assert done.returncode == 0
    assert (tmp_path / "features").stat().st_mode & 0o777 == 0o666 & ~mask
