"""Every tool's tests in a real Galaxy: planemo runs them, and each counts here."""

import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import pytest
from serving import TOOLS, complain, results

AT_ONCE = 3
XML = sorted(TOOLS.glob("vaebin_*.xml"), key=lambda path: -path.read_text().count("<test "))  # longest first
CASES = [(path.stem, n) for path in XML for n in range(len(ElementTree.parse(path).findall("tests/test")))]


@pytest.fixture(scope="session")
def reports(request, galaxy, tmp_path_factory):
    """What planemo found of each tool that is asked for; several at once, since a job mostly waits."""
    folder = tmp_path_factory.mktemp("reports")
    asked = {item.callspec.params["tool"] for item in request.session.items if "reports" in item.fixturenames}

    def test(tool):
        report = folder / f"{tool}.json"
        galaxy.test(TOOLS / f"{tool}.xml", report).wait(1800)
        return report

    with ThreadPoolExecutor(AT_ONCE) as pool:
        tools = [path.stem for path in XML if path.stem in asked]
        return dict(zip(tools, pool.map(test, tools), strict=True))


@pytest.mark.parametrize(("tool", "number"), CASES, ids=[f"{tool}-{number + 1}" for tool, number in CASES])
def test_tool(reports, tool, number):
    found = results(reports[tool])
    assert len(found) > number, reports[tool].with_suffix(".log").read_text()[-3000:]
    complain(found[number])
