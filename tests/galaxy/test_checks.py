"""What tools-iuc and IWC ask of tools and workflows, and that what is made is as it would be made again."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from serving import ASSEMBLY, ROOT, TOOLS, VENV, WORKFLOW, planemo

GALAXY = ROOT / "galaxy"
WORKFLOWS = [WORKFLOW, ASSEMBLY]
# What needs network: bio.tools.
OFFLINE = "BioToolsValid"


def test_tools_and_repositories_are_free_of_lint(installed):
    done = planemo("shed_lint", "--tools", "--fail_level", "warn", "--skip", f"version_bumped,{OFFLINE}", TOOLS)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("+Linting tool") == len(list(TOOLS.glob("vaebin_*.xml")))


def test_there_is_no_other_workflow():
    assert sorted(path.parent for path in WORKFLOWS) == sorted((GALAXY / "workflows").iterdir())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_free_of_lint(installed, workflow):
    done = planemo("workflow_lint", "--iwc", "--fail_level", "warn", workflow.parent)
    assert done.returncode == 0, done.stdout


def without_uuids(value):
    if isinstance(value, dict):
        return {key: without_uuids(one) for key, one in value.items() if key != "uuid"}
    return [without_uuids(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_made_from_its_source(installed, tmp_path, workflow):
    again = tmp_path / "again.ga"
    source = workflow.with_suffix(".gxwf.yml")
    subprocess.run([VENV / "bin" / "gxwf-to-native", source, again], check=True)
    assert without_uuids(json.loads(again.read_text())) == without_uuids(json.loads(workflow.read_text())), (
        f"make {workflow.name} again: gxwf-to-native {source.name} {workflow.name}"
    )


@pytest.mark.parametrize(
    ("workflow", "others"),
    [(WORKFLOW, set()), (ASSEMBLY, {"__BUILD_LIST__", "__FILTER_FAILED_DATASETS__", "flye"})],
    ids=lambda value: getattr(value, "stem", ""),
)
def test_a_workflow_takes_the_tools_of_this_version(installed, workflow, others):
    from galaxy.tool_util.parser import get_tool_source

    steps = [step for step in json.loads(workflow.read_text())["steps"].values() if step["type"] == "tool"]
    versions = {step["tool_id"]: step["tool_version"] for step in steps}
    ours = {name: version for name, version in versions.items() if name.startswith("vaebin_")}
    assert ours == {name: get_tool_source(str(TOOLS / f"{name}.xml")).parse_version() for name in ours}
    assert {name.split("/")[-2] if "/" in name else name for name in versions.keys() - ours} == others
    assert len(steps) == len(versions)
    assert ours.keys() >= {f"vaebin_{stage}" for stage in ("vectorize", "train", "embed", "cluster", "extract")}


def test_the_test_data_are_small():
    assert sum(path.stat().st_size for path in (TOOLS / "test-data").rglob("*")) < 1_000_000


def test_the_test_data_are_those_of_the_script(tmp_path):
    """The sequences byte by byte, and no file that it does not make."""
    sys.path.insert(0, str(GALAXY / "ci"))
    import make_test_data

    make_test_data.write_sequences(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (TOOLS / "test-data" / path.name).read_bytes(), path.name
    made = {path.name for path in tmp_path.iterdir()} | set(
        re.findall(r'"(\w+\.(?:npz|tsv|json|safetensors|bam))"', (GALAXY / "ci/make_test_data.py").read_text())
    )
    assert {path.name for path in (TOOLS / "test-data").iterdir()} <= made | {"few_latent.npz"}


def test_every_file_of_the_test_data_is_used():
    tests = "".join(path.read_text() for path in TOOLS.glob("vaebin_*.xml"))
    assert [path.name for path in (TOOLS / "test-data").iterdir() if path.name not in tests] == []


@pytest.mark.parametrize("name", ["job_conf.gpu.sample.yml", "tpv.sample.yml"])
def test_the_samples_send_training_to_a_gpu(name):
    text = (GALAXY / name).read_text()
    assert yaml.safe_load(text)
    assert re.search(r"vaebin_\(?train", text)
    assert "GALAXY_VAEBIN_DEVICE" in text
    assert "--gpus all" in text


def test_tpv_reads_its_sample(installed):
    """But for mypy's opinion, which takes a minute, since it reads all of Galaxy, and fails nothing."""
    from tpv.commands.linter import TPVConfigLinter

    class Linter(TPVConfigLinter):
        def lint_code(self, loader):
            pass

    linter = Linter([str(GALAXY / "tpv.sample.yml")], None, preserve_temp_code=False)
    linter.lint()
    assert linter.warnings == []
