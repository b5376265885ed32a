"""The floor plan: small modules, small functions, and documents that tell what is there."""

import ast
import re
import statistics
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "tools" / "vaebin"
MODULES = sorted(SOURCE.rglob("*.py"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())


def functions(path):
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function):
    """Lines of a function's body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_modules_and_functions_are_small(path):
    assert len(path.read_text().splitlines()) <= 250
    assert {f.name: length(f) for f in functions(path) if length(f) > 40} == {}


def test_most_functions_are_very_small():
    assert statistics.median(length(f) for path in MODULES for f in functions(path)) <= 10


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_modules_say_what_they_are(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize(
    "name", [module.split(":")[0].split(".")[-1] for module in SETTINGS["project"]["scripts"].values()]
)
def test_an_executable_is_no_more_than_a_command_line(name):
    """At most 60 lines besides the declarations of options."""
    path = SOURCE / "cli" / f"{name}.py"
    lines = set(range(len(path.read_text().splitlines())))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.arg | ast.Assign) or (
            isinstance(node, ast.Subscript) and "Annotated" in ast.dump(node)
        ):
            lines -= set(range(node.lineno - 1, node.end_lineno))
    assert len(lines) <= 60


def test_the_readme_names_every_executable():
    text = (ROOT / "README.md").read_text()
    assert [name for name in SETTINGS["project"]["scripts"] if f"`{name}`" not in text] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tools/vaebin/formats/README.md"])
def test_links_between_documents_lead_somewhere(document):
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_versions_agree():
    from vaebin import __version__

    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
    newest = re.search(r"^## (\S+)\n\n(.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest[1] == __version__
    assert newest[2].startswith("Results: ")


def test_every_release_says_whether_results_change():
    entries = re.split(r"^## .*\n\n", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if not entry.startswith("Results: ")] == []
