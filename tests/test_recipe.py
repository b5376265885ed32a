"""The recipe for bioconda says what pyproject.toml says, and keeps bioconda's rules but for two that it names."""

import re
import tomllib
from pathlib import Path

import jinja2
import pytest
import yaml
from packaging.requirements import Requirement

from vaebin import __version__

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "conda" / "meta.yaml").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"torch": "pytorch", "isal": "python-isal", "matplotlib": "matplotlib-base"}


def render(text):
    """As conda-build would, with what it gives to every recipe."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    given = {"PYTHON": "python", "pin_subpackage": lambda name, max_pin: f"{name} {max_pin}"}
    return yaml.safe_load(environment.from_string(text).render(given))


@pytest.fixture(scope="module")
def recipe():
    return render(TEXT)


def test_version(recipe):
    assert recipe["package"] == {"name": PROJECT["name"], "version": __version__}


def test_dependencies(recipe):
    required = map(Requirement, PROJECT["dependencies"])
    wanted = [f"{CONDA_NAMES.get(r.name, r.name)} {r.specifier}" for r in required]
    python = f"python {PROJECT['requires-python']}"
    assert recipe["requirements"]["run"] == [python, *sorted(wanted)]
    (builder,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert recipe["requirements"]["host"] == [python, "pip", builder.replace(">=", " >=")]


def test_entry_points(recipe):
    assert recipe["build"]["entry_points"] == [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]


def test_every_executable_is_tested(recipe):
    tested = {command.split()[0] for command in recipe["test"]["commands"]}
    assert tested == set(PROJECT["scripts"])


def test_what_it_is(recipe):
    about = recipe["about"]
    assert about["summary"] == PROJECT["description"]
    assert about["license"] == PROJECT["license"]
    assert [about["license_file"]] == PROJECT["license-files"]
    assert (ROOT / about["license_file"]).is_file()


LINT = {  # by the names that bioconda-utils gives them
    "missing_home": lambda r: not r["about"].get("home"),
    "missing_summary": lambda r: not r["about"].get("summary"),
    "missing_license": lambda r: not r["about"].get("license"),
    "missing_license_file": lambda r: not r["about"].get("license_file"),
    "missing_tests": lambda r: not r["test"].get("commands"),
    "missing_build_number": lambda r: r["build"]["number"] != 0,
    "missing_hash": lambda r: not re.fullmatch("[0-9a-f]{64}", str(r["source"].get("sha256"))),
    "missing_run_exports": lambda r: not r["build"].get("run_exports"),
    "should_be_noarch_python": lambda r: r["build"].get("noarch") != "python",
    "should_not_be_noarch_skip": lambda r: "skip" in r["build"],
    "uses_vcs_url": lambda r: any(key.startswith(("git", "hg", "svn")) for key in r["source"]),
    "setup_py_install_args": lambda r: "setup.py" in r["build"]["script"],
    "version_constraints_missing_whitespace": lambda r: any(
        re.match(r"[\w-]+[<>=]", one) for group in r["requirements"].values() for one in group
    ),
    "duplicate_run": lambda r: (
        len({one.split()[0] for one in r["requirements"]["run"]}) < len(r["requirements"]["run"])
    ),
}


def test_lint_finds_what_waits_for_a_release_and_no_more(recipe):
    """The recipe names it itself; when there is an archive, both go, and nothing is made up before."""
    found = {name for name, fault in LINT.items() if fault(recipe)}
    said = set(re.search(r"lint tells of both \((.*)\)", TEXT)[1].split(", "))
    assert found == said == {"missing_hash", "missing_home"}
    assert recipe["source"] == {"path": ".."}
    assert (ROOT / "conda" / recipe["source"]["path"] / "pyproject.toml").is_file()


BROKEN = {
    "missing_home": ("about", "home", None),
    "missing_summary": ("about", "summary", ""),
    "missing_license": ("about", "license", ""),
    "missing_license_file": ("about", "license_file", ""),
    "missing_tests": ("test", "commands", []),
    "missing_build_number": ("build", "number", None),
    "missing_hash": ("source", "sha256", "unknown"),
    "missing_run_exports": ("build", "run_exports", []),
    "should_be_noarch_python": ("build", "noarch", "generic"),
    "should_not_be_noarch_skip": ("build", "skip", True),
    "uses_vcs_url": ("source", "git_url", "x"),
    "setup_py_install_args": ("build", "script", "python setup.py install"),
    "version_constraints_missing_whitespace": ("requirements", "run", ["a>=1"]),
    "duplicate_run": ("requirements", "run", ["a >=1", "a <2"]),
}


def released(recipe):
    """As it will be, with an address and a checksum that are none."""
    return {**recipe, "about": {**recipe["about"], "home": "x"}, "source": {"url": "x", "sha256": "0" * 64}}


def test_a_release_leaves_nothing_to_find(recipe):
    assert [name for name, fault in LINT.items() if fault(released(recipe))] == []


@pytest.mark.parametrize("name", LINT)
def test_each_rule_finds_its_fault(name, recipe):
    group, key, value = BROKEN[name]
    whole = released(recipe)
    assert LINT[name]({**whole, group: {**whole[group], key: value}})
