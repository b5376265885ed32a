"""What all tests share."""

import os
import shutil
import signal

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # begun in the background: what the tests start shall hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # torch's threads of several tests at once had better not spin


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a test that would be skipped for want of a tool fails: there, the tool is missing from the set-up."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr[2]}"


@pytest.fixture(scope="session")
def chromium():
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("no chromium to open the page with")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(chromium):
    """Opens a file as a page; in the end, no page has told an error or asked for anything but itself."""
    pages, faults, asked = [], [], []

    def visited(path, **how):
        page = chromium.new_context(**how).new_page()
        page.set_default_timeout(120_000)  # milliseconds: the machine may be busy
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        pages.append((page, path))
        return page

    yield visited
    for page, _ in pages:
        page.context.close()
    assert faults == []
    assert asked == [path.as_uri() for _, path in pages]
