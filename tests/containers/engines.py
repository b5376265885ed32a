"""What builds and runs images here, and one image to run commands in."""

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A private podman, and a Debian base where there is no registry: for machines that reach none.
WITHOUT_REGISTRY = ROOT.parent / "shared" / "containers"
UID = 12345
RUN = ("vaebin", "run", "reads.fastq.gz", "--epochs", "5", "--device", "cpu", "--threads", "1")


def execute(*command, check=True, **more):
    """Run a command; if it fails, its words are the failure of the test."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **more)
    assert not check or done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done


@dataclass(frozen=True)
class Engine:
    """docker or podman: its name, the environment that it needs, and what else to tell it when it builds."""

    name: str
    environment: Mapping[str, str]
    build_flags: Sequence[str] = ()

    def __call__(self, *arguments, **more):
        return execute(self.name, *arguments, env=self.environment, **more)

    def make(self, target, *variables, folder=ROOT):
        """Call the checkout's Makefile."""
        flags = shlex.join(self.build_flags)
        return execute(
            "make", "-C", folder, target, f"ENGINE={self.name}", f"BUILD_FLAGS={flags}", *variables,
            env=self.environment,
        )  # fmt: skip


def find_engine(variant: str) -> Engine | None:
    """The engine to build images of this variant with; None if there is none."""
    if WITHOUT_REGISTRY.is_dir() and shutil.which("podman"):
        return _engine_without_registry(variant)
    for name in ("docker", "podman"):
        if shutil.which(name) and execute(name, "info", check=False).returncode == 0:
            return Engine(name, dict(os.environ))
    return None


def _engine_without_registry(variant):
    listed = execute("bash", "-c", ". ./engine.sh && env -0", cwd=WITHOUT_REGISTRY).stdout
    environment = dict(line.split("=", 1) for line in listed.split("\0") if line)
    base = "debian:bookworm-slim"
    if execute("podman", "image", "exists", base, check=False, env=environment).returncode:
        execute("bash", WITHOUT_REGISTRY / "make-base.sh", "debian", base, env=environment)
    folder = Path(environment["CONTAINERS_CONF"]).parent / "pip"
    finding = ["--no-find-links"] if variant == "cuda" else []
    lent = execute("python3", WITHOUT_REGISTRY / "pip_flags.py", folder, *finding, env=environment).stdout
    flags = ["--layers", "--pull=never", "--network=host", "--build-arg", "PIP_EXTRA_INDEX_URL=", *shlex.split(lent)]
    return Engine("podman", environment, flags)


@contextlib.contextmanager
def serve(engine: Engine, socket: Path) -> Iterator[dict[str, str]]:
    """The environment in which the docker client finds a service: docker's own, or podman's, as Galaxy and Nextflow."""
    if engine.name == "docker":
        yield dict(engine.environment)
        return
    service = subprocess.Popen(["podman", "system", "service", "--time=0", f"unix://{socket}"], env=engine.environment)
    environment = {**engine.environment, "DOCKER_HOST": f"unix://{socket}"}
    try:
        for _ in range(100):
            if socket.exists() and execute("docker", "version", check=False, env=environment).returncode == 0:
                break
            time.sleep(0.1)
        yield environment
    finally:
        service.terminate()
        service.wait()


@dataclass(frozen=True)
class Image:
    """An image, run as strictly as anyone may: as a user it does not know, read-only, without network, on one CPU."""

    engine: Engine
    name: str
    strict: Sequence[str] = field(
        default=("--rm", "--network", "none", "--read-only", "--user", f"{UID}:{UID}", "--cpus", "1")
    )

    def run(self, *command, options=(), check=True):
        # podman would lay a writable /tmp and more over the read-only root
        bare = ["--read-only-tmpfs=false"] if self.engine.name == "podman" else []
        return self.engine("run", *self.strict, *bare, *options, self.name, *command, check=check)

    def inspect(self):
        return json.loads(self.engine("image", "inspect", self.name).stdout)[0]
