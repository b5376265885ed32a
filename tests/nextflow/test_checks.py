"""What is wrong with a samplesheet or a parameter is told in one line; what the pipeline says of itself is true."""

import csv
import json
import re
import shutil

import jsonschema
import pytest
import yaml
from running import BESIDE, PIPELINE, READS, ROOT, TRUTH, execute

from vaebin import __version__
from vaebin.config import CONTIG_BIN_BASES

SCHEMA = json.loads((PIPELINE / "nextflow_schema.json").read_text())
SHEET_SCHEMA = json.loads((PIPELINE / "assets" / "schema_input.json").read_text())
PROPERTIES = {name: p for group in SCHEMA["$defs"].values() for name, p in group["properties"].items()}
MODULES = sorted(p.parent for p in (PIPELINE / "modules").rglob("main.nf"))
PROFILES = re.findall(
    r"^    (\w+) +\{",
    re.search(r"^profiles \{\n(.*?)^\}", (PIPELINE / "nextflow.config").read_text(), re.M | re.S)[1],
    re.M,
)
HEAD = "sample,reads,platform,coverage,truth\n"
CHOICE = "expected sample and reads, and optionally platform, coverage, truth"
NAME = "expected a name of letters, digits, dots, dashes and underscores, since files are named by it"
RELATIVE = "paths are relative to the samplesheet"
BAD_SHEETS = {
    "empty": ("", f"line 1: no column 'sample'; {CHOICE}"),
    "no samples": (HEAD, "line 1: no samples below the line of column names; add one row for each"),
    "unknown column": ("sample,reads,fastq\na,b,c\n", f"line 1: columns 'sample,reads,fastq': {CHOICE}, each once"),
    "column twice": ("sample,reads,reads\na,b,c\n", f"line 1: columns 'sample,reads,reads': {CHOICE}, each once"),
    "no reads column": ("sample,truth\na,b\n", f"line 1: no column 'reads'; {CHOICE}"),
    "tabs": ("sample\treads\na\tb\n", f"line 1: columns 'sample\treads': {CHOICE}, each once"),
    "cells": (HEAD + "a,R,ont,,,\n", "line 2: 6 cells, expected 5 as in line 1 (a comma too many or too few?)"),
    "no name": (HEAD + ",R,,,\n", f"line 2: sample '': {NAME}"),
    "space in a name": (HEAD + "a b,R,,,\n", f"line 2: sample 'a b': {NAME}"),
    "no reads": (HEAD + "a,,,,\n", "line 2: sample a has no reads; name a file"),
    "platform": (
        HEAD + "a,R,sanger,,\n",
        "line 2: platform 'sanger': expected ont, ont-hq, hifi, clr, contigs or nothing",
    ),
    "missing coverage": (HEAD + "a,R,,x,\n", f"line 2: coverage 'x': no such file (looked for FOLDER/x; {RELATIVE})"),
    "two tables": (
        HEAD + "a,R,,R;T,\n",
        "line 2: coverage 'R;T': expected one table, or BAM files (.bam) parted by semicolons",
    ),
    "one name": (
        HEAD + "a,R,,indexed.bam;other/indexed.bam,\n",
        "line 2: coverage 'indexed.bam;other/indexed.bam': two files have one name; rename one",
    ),
    "no index": (
        HEAD + "a,R,,indexed.bam; bare.bam,\n",
        "line 2: coverage 'bare.bam' has no index beside it; make one: samtools index bare.bam",
    ),
    "missing reads": (HEAD + "a,x,,,\n", f"line 2: reads 'x': no such file (looked for FOLDER/x; {RELATIVE})"),
    "missing truth": (HEAD + "a,R,,,x\n", f"line 2: truth 'x': no such file (looked for FOLDER/x; {RELATIVE})"),
    "folder": (HEAD + "a,.,,,\n", "line 2: reads '.' is a folder; name a file, and give each other one its own row"),
    "same reads twice": (HEAD + "\na,R,,,\na,R,,,\n", "line 4: sample a has the reads 'R' twice; remove a row"),
    "rows disagree": (
        HEAD + "a,R,ont,,\na,T,hifi,,\n",
        "line 3: sample a differs in platform, coverage or truth from its row above; rows of one sample must agree",
    ),
}
GOOD_SHEETS = {
    "two columns": "sample,reads\na,R\n",
    "quotes, spaces, Windows": '\ufeffsample,reads\r\n"a" , "R"\r\n\r\nb,T\r\n',
    "other order": "reads,sample,platform\nR,a.1-x_y,hifi\n",
    "contigs and a table": HEAD + "a,R,contigs,T,\n",
    "contigs and reads mapped to them": HEAD + "a,R,contigs,indexed.bam,\na,T,contigs,indexed.bam,\n",
}
BAD_PARAMETERS = {
    "near": ({"shard_records": 5}, "--shard_records: no such parameter; it is --shard-records"),
    "unknown": ({"foo": 5}, "--foo: no such parameter; see --help"),
    "not a depth": ({"assemblyDepth": "deep"}, "--assembly-depth deep: expected a number"),
    "not a number": ({"shardRecords": "x"}, "--shard-records x: expected a whole number"),
    "not a number at all": ({"minQuality": "good"}, "--min-quality good: expected a number"),
    "too small": ({"latentDim": 0}, "--latent-dim 0: expected 1 or more"),
    "too large": ({"minIdentity": 90}, "--min-identity 90: expected 1 or less"),
    "no share": ({"minIdentity": "high"}, "--min-identity high: expected a number"),
    "not a choice": ({"noise": "maybe"}, "--noise maybe: expected one of assign, keep"),
    "not yes or no": ({"extract": "perhaps"}, "--extract perhaps: expected true or false"),
    "no input": ({}, "--input: give a samplesheet; see --help"),
}
ASKING = """
include { readSamplesheet } from './subworkflows/local/samplesheet'
include { checkParameters } from './subworkflows/local/parameters'

def tell(name, question) {
    try {
        println "said ${name}: ok ${question()}"
    } catch (Exception fault) {
        println "said ${name}: ${fault.message ?: fault.cause?.message}"
    }
}

workflow {
    file("${params.folder}/*.csv").each { sheet ->
        tell(sheet.baseName) { -> readSamplesheet(sheet.toString()).size() }
    }
    new groovy.json.JsonSlurper().parse(file("${params.folder}/parameters.json")).each { name, given ->
        tell("parameters ${name}") { -> checkParameters(given) }
    }
}
"""


@pytest.fixture(scope="module")
def said(nextflow, pipeline, tmp_path_factory):
    """The pipeline's answers to all cases, by their names; one start of Nextflow for all of them."""
    folder = tmp_path_factory.mktemp("cases")
    (folder / "R").write_bytes(READS.read_bytes())
    (folder / "T").write_bytes(TRUTH.read_bytes())
    (folder / "other").mkdir()
    for name in ("indexed.bam", "indexed.bam.bai", "bare.bam", "other/indexed.bam"):
        (folder / name).touch()
    for name, text in [*((n, t) for n, (t, _) in BAD_SHEETS.items()), *GOOD_SHEETS.items()]:
        (folder / f"{name}.csv").write_bytes(text.encode())
    (folder / "parameters.json").write_text(json.dumps({name: given for name, (given, _) in BAD_PARAMETERS.items()}))
    (pipeline / "asking.nf").write_text(ASKING)
    done = nextflow("run", folder, pipeline / "asking.nf", "--folder", folder)
    assert done.status == 0, done.output
    found = dict(re.findall(r"^said (.*?): (.*)$", done.output, re.M))
    return {name: answer.replace(str(folder), "FOLDER") for name, answer in found.items()}


@pytest.mark.parametrize("name", BAD_SHEETS)
def test_a_bad_samplesheet_is_told_by_line(said, name):
    assert said[name] == f"{name}.csv: {BAD_SHEETS[name][1]}"


@pytest.mark.parametrize("name", GOOD_SHEETS)
def test_a_samplesheet_may_be_written_otherwise(said, name):
    assert said[name].startswith("ok")


@pytest.mark.parametrize("name", BAD_PARAMETERS)
def test_a_bad_parameter_is_told(said, name):
    assert said[f"parameters {name}"] == BAD_PARAMETERS[name][1]


def test_a_bad_samplesheet_ends_the_run_with_one_line(nextflow, pipeline, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(HEAD + "a,x,,,\n")
    done = nextflow("run", tmp_path, pipeline, "--input", "sheet.csv", "--outdir", "results")
    assert done.status == 1
    assert len(done.error_lines) <= 1
    lines = [line for line in done.output.splitlines() if "sheet.csv" in line]
    assert len(lines) == 1, done.output
    assert lines[0].endswith(f"sheet.csv: line 2: reads 'x': no such file (looked for {tmp_path}/x; {RELATIVE})")
    assert "Exception" not in done.output


def test_help_shows_every_parameter(nextflow, pipeline, tmp_path):
    done = nextflow("run", tmp_path, pipeline, "--help")
    assert done.status == 0
    shown = re.findall(r"^  --(\S+)", done.output, re.M)
    assert [re.sub("-(.)", lambda found: found[1].upper(), name) for name in shown] == list(PROPERTIES)
    assert max(map(len, done.output.splitlines())) <= 120


@pytest.mark.parametrize("profile", ["standard", *PROFILES])
def test_every_profile_can_be_read(nextflow, pipeline, tmp_path, profile):
    asked = [] if profile == "standard" else ["-profile", profile]
    done = nextflow("config", tmp_path, pipeline, "-o", "json", *asked)
    assert done.status == 0, done.output
    config = json.loads(done.output[done.output.index("{") :])
    executors = {"slurm": "slurm", "awsbatch": "awsbatch", "google_batch": "google-batch", "k8s": "k8s"}
    assert config["process"].get("executor") == executors.get(profile)
    if profile == "standard":
        assert set(config["params"]) == set(PROPERTIES)
        stated = {name: p["default"] for name, p in PROPERTIES.items() if "default" in p}
        assert {name: config["params"][name] for name in stated} == stated
        assert {v for name, v in config["params"].items() if name not in stated} == {None}


@pytest.mark.parametrize(
    ("profile", "gpu"), [("test,docker", False), ("test,docker,gpu", True)], ids=["processor", "graphics card"]
)
def test_the_cuda_image_is_for_tasks_on_a_gpu(nextflow, pipeline, tmp_path, profile, gpu):
    done = nextflow("inspect", tmp_path, pipeline, "-profile", profile, "-format", "json", "--assemble")
    assert done.status == 0, done.output
    found = {
        p["name"].split(":")[-1]: p["container"] for p in json.loads(done.output[done.output.index("{") :])["processes"]
    }
    ours = {name for name, container in found.items() if "vaebin/vaebin" in container}
    assert ours == {module.name.upper() for module in MODULES} - {"MULTIQC", "FLYE", "MINIASM"}
    cuda = {name for name, container in found.items() if container == f"vaebin/vaebin:{__version__}-cuda"}
    assert cuda == ({"TRAIN", "EMBED"} if gpu else set())
    assert {found[name] for name in ours - cuda} == {f"vaebin/vaebin:{__version__}-cpu"}


def test_the_syntax_is_strict(nextflow, tmp_path):
    """By Nextflow's own parser: `nextflow lint`, or the one that comes with an older Nextflow."""
    copy = shutil.copytree(PIPELINE, tmp_path / "nextflow", ignore=shutil.ignore_patterns("nf-test.config"))
    if nextflow.version >= (25, 10):
        done = execute([nextflow.program, "lint", copy], env=nextflow.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return
    if not (BESIDE / "lint.sh").exists():
        pytest.skip("no parser for the strict syntax: install Nextflow 25.10 or newer to run this test")
    done = execute(["bash", BESIDE / "lint.sh", copy])
    assert done.stdout.splitlines()[-1].endswith("files, 0 errors, 0 warnings"), done.stdout + done.stderr


def test_the_schemas_are_schemas():
    for schema in (SCHEMA, SHEET_SCHEMA):
        jsonschema.Draft202012Validator.check_schema(schema)
    assert [entry["$ref"] for entry in SCHEMA["allOf"]] == [f"#/$defs/{name}" for name in SCHEMA["$defs"]]


@pytest.mark.parametrize("name", ["test", "test_full"])
def test_the_samplesheets_that_come_with_it_follow_the_schema(name):
    with open(PIPELINE / "assets" / name / "samplesheet.csv", newline="") as stream:
        jsonschema.validate(list(csv.DictReader(stream)), SHEET_SCHEMA)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
def test_a_module_is_described(module):
    """meta.yml has what main.nf takes and gives; the conda packages and image are of this version."""
    script = (module / "main.nf").read_text()
    about = yaml.safe_load((module / "meta.yml").read_text())
    assert about["name"] == module.name
    inputs, outputs = re.search(r"input:\n(.*?)output:\n(.*?)when:", script, re.S).groups()
    emitted = set(re.findall(r"emit: (\w+)", outputs))
    assert set(about["output"]) == emitted
    assert ("topics" in about) == ("topic: versions" in outputs)
    taken = re.findall(r"(?:val|path)[ (](\w+)", inputs)
    assert [
        name for row in about["input"] for entry in (row if isinstance(row, list) else [row]) for name in entry
    ] == taken
    packages = yaml.safe_load((module / "environment.yml").read_text())["dependencies"]
    assert (f"bioconda::vaebin={__version__}" in packages) == ("vaebin-" in script or "vaebin assemble" in script)
    assert set(re.findall(r"vaebin/vaebin:(\S+?)-(?:cpu|cuda)'", script)) <= {__version__}
    assert (module / "tests" / "main.nf.test").exists()


def test_the_version_is_vaebins():
    assert re.search(r"version +=? *'(\S+)'", (PIPELINE / "nextflow.config").read_text())[1] == __version__


def test_bins_of_contigs_are_extracted_from_as_many_bases_as_by_vaebin_run():
    stated = re.search(r"--min-bin-bases (\d+)'", (PIPELINE / "conf" / "modules.config").read_text())[1]
    assert int(stated) == CONTIG_BIN_BASES


def test_the_readme_names_every_profile_and_column():
    text = (ROOT / "README.md").read_text() + (PIPELINE / "README.md").read_text()
    assert not [word for word in [*PROFILES, *SHEET_SCHEMA["items"]["properties"]] if f"`{word}`" not in text]
