"""What a user sees: the form of a tool, the workflow run from its page, the interactive plot and the picture.

VAEBIN_SCREENSHOTS=FOLDER keeps the screenshots, to look at: a form that reads badly is a defect.
"""

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from serving import ROOT, WORKFLOW

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# A browser that speaks with this machine alone.
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
READS = ROOT / "tests" / "data" / "reads.fastq.gz"
WAIT = 120_000  # milliseconds


@pytest.fixture(scope="module")
def browser(installed):
    if CHROMIUM is None:
        pytest.skip("no chromium to open Galaxy with")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def page(galaxy, browser):
    """A window of Galaxy, as the user whom it knows."""
    context = browser.new_context(base_url=galaxy.url, viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(WAIT)
    window = context.new_page()
    window.goto("/")
    window.wait_for_selector("#history-name, .history-index, [data-description='history panel']")
    return window


@pytest.fixture(scope="module")
def keep(tmp_path_factory):
    folder = Path(os.environ.get("VAEBIN_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")).absolute()
    folder.mkdir(parents=True, exist_ok=True)

    def screenshot(page, name):
        page.wait_for_timeout(1500)  # for what slides and fades
        page.screenshot(path=folder / f"{name}.png")

    return screenshot


def ask(page, path, **body):
    """Galaxy's API as the user of the window."""
    answer = page.request.post(f"/api/{path}", data=body, timeout=WAIT) if body else page.request.get(f"/api/{path}")
    assert answer.ok, answer.text()
    return answer.json()


def wait_for(page, path, ready, seconds=600):
    """Ask until the answer is ready."""
    end = time.monotonic() + seconds
    while not ready(answer := ask(page, path)):
        assert time.monotonic() < end, answer
        page.wait_for_timeout(1000)
    return answer


@pytest.fixture(scope="module")
def form(page):
    page.goto("/?tool_id=vaebin_cluster")
    page.wait_for_selector("[id='form-element-latent']")


@pytest.mark.usefixtures("form")
class TestForm:
    def test_it_asks_for_the_files_first(self, page, keep):
        keep(page, "form")
        fields = page.locator("[id^='form-element-']").all()
        names = [field.get_attribute("id").removeprefix("form-element-") for field in fields if field.is_visible()]
        assert names[:3] == ["latent", "features", "preset"]
        assert page.locator("button:has-text('Run Tool')").count() >= 1

    def test_it_tells_what_is_chosen_where_nothing_is_given(self, page):
        shown = page.locator("[id='form-element-binning|noise']").inner_text()
        assert "Sequences that are not sure" in shown
        assert "As the settings above say" in shown
        assert "(default: assign)" in shown

    def test_its_sections_open(self, page, keep):
        page.locator("text=Overlaps between reads").first.click()
        page.wait_for_selector("[id='form-element-overlapping|community_size']", state="visible")
        page.locator("[id='form-element-overlapping|community_size']").scroll_into_view_if_needed()
        keep(page, "form-sections")

    def test_its_help_shows_the_flow(self, page, keep):
        page.locator("text=The tools and their order").scroll_into_view_if_needed()
        keep(page, "form-help")
        assert "[vectorize]" in page.locator("pre", has_text="[cluster]").inner_text()


@pytest.fixture(scope="module")
def invocation(page, keep):
    """The workflow, run from its page on the tiny set; the labels of its outputs and the datasets."""
    history = ask(page, "histories", name="tiny set")["id"]
    page.request.get(f"/history/set_as_current?id={history}")
    element = {"src": "path", "path": str(READS), "ext": "fastqsanger.gz", "name": READS.name}
    target = {"destination": {"type": "hdas"}, "elements": [element]}
    ask(page, "tools/fetch", history_id=history, targets=[target])
    wait_for(page, f"histories/{history}", lambda found: found["state"] == "ok")
    workflow = ask(page, "workflows", workflow=json.loads(WORKFLOW.read_text()))["id"]
    steps = ask(page, f"workflows/{workflow}/download?style=run")["steps"]
    # Galaxy refuses to run a workflow that leaves a parameter of a tool unsaid.
    assert {step["step_label"]: step["messages"] for step in steps if step.get("messages")} == {}
    page.goto(f"/workflows/run?id={workflow}")
    page.wait_for_selector("text=Minimum length")
    page.wait_for_selector(f"text={READS.name}")
    keep(page, "workflow")
    page.get_by_role("button", name=re.compile("Run Workflow", re.IGNORECASE)).last.click()
    found = wait_for(page, f"workflows/{workflow}/invocations", bool)
    path = f"invocations/{found[0]['id']}"
    wait_for(page, path, lambda one: one["state"] in ("scheduled", "completed", "failed", "cancelled"))
    states = wait_for(
        page, f"{path}/jobs_summary", lambda one: one["states"] and not set(one["states"]) - {"ok", "error", "paused"}
    )
    assert set(states["states"]) == {"ok"}, states
    wait_for(page, f"histories/{history}", lambda one: one["state"] in ("ok", "error"))
    page.goto(f"/workflows/invocations/{found[0]['id']}")
    keep(page, "invocation")
    return ask(page, path)


def test_the_workflow_runs_from_its_page(invocation):
    assert set(invocation["outputs"]) == {
        "Bins", "Summary of the bins", "Report", "Picture", "Interactive page", "Table of the files", "Model", "Losses",
    }  # fmt: skip
    assert set(invocation["output_collections"]) == {"Sequences of each bin"}


def preview(page, dataset):
    page.goto(f"/datasets/{dataset['id']}/preview")


def test_the_interactive_page_is_alive(page, invocation, keep):
    """Its script runs, which Galaxy allows only for tools that the administrator trusts."""
    preview(page, invocation["outputs"]["Interactive page"])
    frame = page.frame_locator("iframe#frame")
    frame.get_by_text("bin_1", exact=True).first.wait_for()
    drawn = frame.locator("#plot canvas").first.evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert drawn > 10
    keep(page, "plot")
    frame.locator("#legend button").first.click()  # a bin is switched off
    assert frame.locator("#legend button").first.get_attribute("aria-pressed") == "false"


def test_the_report_is_alive(page, invocation, keep):
    preview(page, invocation["outputs"]["Report"])
    frame = page.frame_locator("iframe#frame")
    frame.locator("#bins-body .name").first.click()  # a bin alone
    assert frame.locator("#bins-body .name").first.get_attribute("aria-pressed") == "true"
    assert frame.locator("#bubbles svg path").count() > 5
    keep(page, "report")


def test_the_picture_is_shown(page, invocation, keep):
    preview(page, invocation["outputs"]["Picture"])
    image = page.locator("img[src*='display'], img[src*='datasets']").first
    image.wait_for()
    page.wait_for_function(
        "() => [...document.images].some(i => /display|datasets/.test(i.src) && i.naturalWidth > 400)"
    )
    keep(page, "picture")


def test_the_table_has_its_columns_named(page, invocation, keep):
    preview(page, invocation["outputs"]["Bins"])
    page.wait_for_selector("text=sequence_id")
    keep(page, "bins")
    page.wait_for_selector("text=best_bin")
