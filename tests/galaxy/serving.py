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
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "galaxy" / "tools"
WORKFLOW = ROOT / "galaxy" / "workflows" / "vae-binning" / "vae-binning.ga"
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
    """Galaxy's web server and a celery worker, whose jobs run here or in containers."""

    folder: Path
    environment: str = "local"  # or: container
    variables: dict[str, str] = field(default_factory=dict)

    def start(self):
        """Start it; `wait` waits until it is there."""
        self.folder.mkdir(parents=True)
        links = self.folder / "bin"
        links.mkdir()
        for name in SCRIPTS:
            (links / name).symlink_to(shutil.which(name))
        self.port = free_port()
        self._begun = time.monotonic()
        self._log = (self.folder / "serve.log").open("w")
        self._starting = subprocess.Popen(
            [ROOT / "galaxy/ci/serve.sh", VENV, str(self.port), self.folder / "run", links, self.environment],
            stdout=self._log, stderr=self._log, env={**os.environ, **self.variables, "VAEBIN_GALAXY_KEY": KEY},
        )  # fmt: skip
        self.user_key = None
        return self

    def adopt(self, port):
        """Take one that somebody started by galaxy/ci/serve.sh, with the key there: to write tools with."""
        self.folder.mkdir(parents=True)
        self.port, self._begun, self.user_key = port, time.monotonic(), None
        self._starting, self._log = subprocess.Popen(["true"]), (self.folder / "serve.log").open("w")
        self("configuration/toolbox", method="PUT")
        time.sleep(4)
        return self

    def wait(self):
        """Wait until it answers."""
        status = self._starting.wait(600)
        assert status == 0, (self.folder / "serve.log").read_text()
        if self.user_key is None:
            print(f"Galaxy ({self.environment}) answered after {time.monotonic() - self._begun:.0f} s")
            name = f"tester{int(time.time())}"
            user = self("users", username=name, email=f"{name}@example.org", password="tester-0123456789")
            # planemo would make a new key each time, and so end what runs beside it
            self.user_key = self(f"users/{user['id']}/api_key", method="POST")

    def stop(self):
        """End both processes."""
        self._starting.terminate()
        for path in (self.folder / "run").glob("*.pid"):
            subprocess.run(["kill", path.read_text().strip()], check=False, stderr=subprocess.DEVNULL)
        self._log.close()

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

    def test(self, target, report, *options):
        """The command that has planemo test a tool or a workflow, as a started process, and its report (JSON)."""
        return subprocess.Popen(
            [
                VENV / "bin" / "planemo", "test", "--engine", "external_galaxy", "--galaxy_url", self.url,
                "--galaxy_admin_key", KEY, "--galaxy_user_key", self.user_key, "--no_shed_install",
                "--test_output", report.with_suffix(".html"), "--test_output_json", report, *options, target,
            ],
            stdout=report.with_suffix(".log").open("w"), stderr=subprocess.STDOUT,
            env={**os.environ, "PLANEMO_GLOBAL_WORKSPACE": str(self.folder / "planemo")},
        )  # fmt: skip


def results(report):
    """What planemo found, one a test, in order; its log where it found nothing."""
    log = report.with_suffix(".log").read_text()
    assert report.exists(), log[-5000:]
    found = [test["data"] for test in json.loads(report.read_text())["tests"]]
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
