"""A real Nextflow, and the pipeline as it can run it."""

import csv
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PIPELINE = ROOT / "nextflow"
DATA = ROOT / "tests" / "data"
READS, TRUTH = DATA / "reads.fasta.gz", DATA / "truth.tsv"
CONTIGS, DEPTH = DATA / "contigs.fasta.gz", DATA / "contigs.depth.tsv"
# A Nextflow without network, where there is none on PATH.
BESIDE = ROOT.parent / "shared" / "nextflow"
OLD = (25, 10)  # before it, the output block is a preview
OPTIONS = ["--epochs", "3"]


def execute(command, cwd=None, env=None, timeout=900):
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


@dataclass(frozen=True)
class Done:
    """A run that ended."""

    status: int
    output: str
    folder: Path

    @property
    def results(self):
        return self.folder / "results"

    @property
    def error_lines(self):
        return [line for line in self.output.splitlines() if line.startswith("ERROR")]

    def tasks(self):
        """Rows of the trace, with the process's own name as `process`."""
        with open(self.results / "pipeline_info" / "trace.tsv", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        for row in rows:
            row["process"], row["tag"] = re.fullmatch(r"(?:.*:)?(\w+)(?: \((.*)\))?", row["name"]).groups()
        return rows

    def statuses(self):
        """How many tasks ended in which state."""
        states = [task["status"] for task in self.tasks()]
        return {state: states.count(state) for state in set(states)}

    def task_folders(self, process, tag):
        """Where the task worked, one folder an attempt, in order."""
        rows = sorted(self.tasks(), key=lambda task: int(task["task_id"]))
        hashes = [t["hash"] for t in rows if (t["process"], t["tag"]) == (process, tag)]
        return [next((self.folder / "work").glob(f"{hashed}*")) for hashed in hashes]

    def task_folder(self, process, tag):
        (found,) = self.task_folders(process, tag)
        return found

    def files(self):
        return {p.relative_to(self.results).as_posix() for p in self.results.rglob("*") if p.is_file()}


class Nextflow:
    """The program, its version, and an environment for it that leaves the user's own alone."""

    def __init__(self, program, home):
        self.program = program
        self.environment = {
            **os.environ,
            "NXF_HOME": str(home),
            "NXF_ANSI_LOG": "false",
            "NXF_OFFLINE": "true",
            "NXF_DISABLE_CHECK_LATEST": "true",
        }
        said = execute([program, "-version"], env=self.environment)
        found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said.stdout)
        assert found, said.stdout + said.stderr
        self.version = tuple(map(int, found.groups()))

    def prepare(self, folder):
        """A copy of the pipeline beside the tests' data, as this version takes it."""
        pipeline = folder / "nextflow"
        shutil.copytree(PIPELINE, pipeline, ignore=shutil.ignore_patterns(".nextflow*", "work", "results"))
        (folder / "tests").symlink_to(ROOT / "tests")
        if self.version < OLD:
            edit(pipeline / "main.nf", r"\A(#!.*\n)", r"\1nextflow.preview.output = true\n")
            edit(pipeline / "nextflow.config", r"!>=25\.10\.0", "!>=25.04.0")
        return pipeline

    def __call__(self, command, folder, *arguments, environment=None):
        folder.mkdir(exist_ok=True)
        done = execute([self.program, command, *arguments], folder, {**self.environment, **(environment or {})})
        return Done(done.returncode, done.stdout + done.stderr, folder)


def edit(path, pattern, replacement):
    text, n = re.subn(pattern, replacement, path.read_text())
    assert n == 1, f"{path}: {pattern} is there {n} times"
    path.write_text(text)


def write_sheet(path, *rows):
    path.write_text("sample,reads,platform,coverage,truth\n" + "".join(",".join(map(str, r)) + "\n" for r in rows))
    return path


def first_on_path(*folders):
    """PATH with these folders before the others."""
    return {"PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]])}
