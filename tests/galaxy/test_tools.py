"""Every tool's tests in a real Galaxy: planemo runs them, and each counts here."""

import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import pytest
from serving import TOOLS, complain, results

AT_ONCE = 3  # a test mostly waits for its jobs
TESTS = {path.stem: len(ElementTree.parse(path).findall("tests/test")) for path in sorted(TOOLS.glob("vaebin_*.xml"))}
CASES = [(tool, number) for tool, count in TESTS.items() for number in range(count)]


def shares(tools):
    """The tools in AT_ONCE lists with about as many tests in each: planemo itself takes long to start."""
    lists = [[] for _ in range(AT_ONCE)]
    for tool in sorted(tools, key=TESTS.get, reverse=True):
        min(lists, key=lambda one: sum(map(TESTS.get, one))).append(tool)
    return [one for one in lists if one]


@pytest.fixture(scope="session")
def reports(request, galaxy, tmp_path_factory):
    """Of each tool that is asked for, the report that holds it."""
    folder = tmp_path_factory.mktemp("reports")
    asked = {item.callspec.params["tool"] for item in request.session.items if "reports" in item.fixturenames}

    def test(tools):
        report = folder / f"{tools[0]}.json"
        galaxy.test(report, *(TOOLS / f"{tool}.xml" for tool in tools))
        return dict.fromkeys(tools, report)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {tool: report for part in pool.map(test, shares(asked)) for tool, report in part.items()}


@pytest.mark.parametrize(("tool", "number"), CASES, ids=[f"{tool}-{number + 1}" for tool, number in CASES])
def test_tool(reports, tool, number):
    found = results(reports[tool])
    name = f"{tool}-{number}"
    assert name in found, reports[tool].with_suffix(".log").read_text()[-3000:]
    complain(found[name])
