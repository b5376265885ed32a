"""A real Galaxy with our tools, started and stopped, and planemo to test in it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "galaxy" / "tools"
WORKFLOW = ROOT / "galaxy" / "workflows" / "vae-binning" / "vae-binning.ga"
ASSEMBLY = ROOT / "galaxy" / "workflows" / "vae-assembly" / "vae-assembly.ga"
VENV = Path(sys.prefix)  # these tests run in Galaxy's own environment
KEY = "ci-admin-key-0123456789"
SCRIPTS = list(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"])


def planemo(*arguments, check=False, **more):
    """Run planemo; all that it says is in stdout."""
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(
        [VENV / "bin" / "planemo", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment, **more,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout
    return done


def free_port():
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Galaxy:
    """Galaxy's web server and a celery worker; its files are in `run`."""

    run: Path

    def start(self):
        """Start it; `wait` waits until it is there."""
        links = self.run / "bin"
        links.mkdir(parents=True)
        for name in SCRIPTS:
            (links / name).symlink_to(shutil.which(name))
        self.port, self._begun = free_port(), time.monotonic()
        self._log = self.run / "serve.log"
        with self._log.open("w") as log:
            self._starting = subprocess.Popen(
                [ROOT / "galaxy/ci/serve.sh", VENV, str(self.port), self.run, links],
                stdout=log, stderr=log, env={**os.environ, "VAEBIN_GALAXY_KEY": KEY},
            )  # fmt: skip
        return self._ready(self._come_up)

    def adopt(self):
        """Take one that somebody started by galaxy/ci/serve.sh, with the key there: to write tools with."""
        self.port, self._starting = int((self.run / "port").read_text()), None
        return self._ready(self._reload)

    def _ready(self, prepare):
        pool = ThreadPoolExecutor(1)  # other tests run meanwhile
        self._preparing = pool.submit(prepare)
        pool.shutdown(wait=False)
        return self

    def wait(self):
        """Wait until it answers."""
        self.user_key = self._preparing.result()

    def _come_up(self):
        assert self._starting.wait(600) == 0, self._log.read_text()
        key = self._make_user()
        print(f"Galaxy answered after {time.monotonic() - self._begun:.0f} s")
        # Celery builds its application with its first task.
        history = self("histories", key=key, name="first")["id"]
        element = {"src": "pasted", "paste_content": "first", "ext": "txt"}
        target = {"destination": {"type": "hdas"}, "elements": [element]}
        self("tools/fetch", key=key, history_id=history, targets=[target])
        return key

    def _reload(self):
        self("configuration/toolbox", method="PUT")
        time.sleep(4)
        return self._make_user()

    def _make_user(self):
        """A user's key: planemo would make a new one each time, and so end what runs beside it."""
        name = f"tester{int(time.time())}"
        user = self("users", username=name, email=f"{name}@example.org", password="tester-0123456789")
        return self(f"users/{user['id']}/api_key", method="POST")

    def stop(self):
        """End what was started."""
        if self._starting is not None:
            self._starting.terminate()
            for path in self.run.glob("*.pid"):
                subprocess.run(["kill", path.read_text().strip()], check=False, stderr=subprocess.DEVNULL)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __call__(self, path, method=None, key=KEY, **body):
        """Ask its API."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"x-api-key": key, "content-type": "application/json"},
            method=method or ("POST" if body else "GET"),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def test(self, report, *targets):
        """Have planemo test tools or a workflow; it writes a report (JSON), and a log beside it."""
        with report.with_suffix(".log").open("w") as log:
            subprocess.run(
                [
                    VENV / "bin" / "planemo", "test", "--engine", "external_galaxy", "--galaxy_url", self.url,
                    "--galaxy_admin_key", KEY, "--galaxy_user_key", self.user_key, "--no_shed_install",
                    "--test_output", report.with_suffix(".html"), "--test_output_json", report, *targets,
                ],
                stdout=log, stderr=subprocess.STDOUT, check=False, timeout=3000,
                env={**os.environ, "PLANEMO_GLOBAL_WORKSPACE": str(self.run / "planemo")},
            )  # fmt: skip


def results(report):
    """What planemo found of each test, by its name; its log where it found nothing."""
    log = report.with_suffix(".log").read_text()
    assert report.exists(), log[-5000:]
    found = {test["id"]: test["data"] for test in json.loads(report.read_text())["tests"]}
    assert found, log[-5000:]
    return found


def complain(result):
    """Fail with all that is known of a test that did not pass."""
    if result["status"] != "success":
        job = result.get("job") or {}
        told = [result.get("output_problems"), result.get("execution_problem"), job.get("command_line")]
        told += [job.get("stdout"), job.get("stderr")]
        details = json.dumps(result.get("invocation_details"))  # of a workflow: what its jobs said
        told += sorted(set(re.findall(r'"stderr": "((?:[^"\\]|\\.)+)"', details)))
        raise AssertionError("\n".join(str(one) for one in told if one))
