"""The workflow with every tool inside the image that the XML names, as public servers run it."""

import contextlib
import sqlite3

import pytest
from engines import find_engine, serve
from serving import WORKFLOW, complain, results

from vaebin import __version__


@pytest.fixture(scope="module")
def contained(galaxy, tmp_path_factory):
    """The Galaxy, whose jobs now run by docker, or by podman's service in its place."""
    engine = find_engine("cpu")
    if engine is None:
        pytest.skip("no container engine: install docker or podman to run this test")
    engine.make("image-cpu")
    with serve(engine, tmp_path_factory.mktemp("service") / "socket") as environment:
        switch = galaxy.run / "containers"
        switch.write_text(environment.get("DOCKER_HOST", ""))
        yield galaxy
        switch.unlink()


def jobs_after(galaxy, number):
    """What Galaxy's own records say of our tools' later jobs, and of the containers that they ran in."""
    with contextlib.closing(sqlite3.connect(galaxy.run / "data/universe.sqlite")) as database:
        return database.execute(
            "SELECT job.id, tool_id, state, container_type FROM job LEFT JOIN job_container_association "
            "ON job.id = job_id WHERE tool_id LIKE 'vaebin_%' AND job.id > ?",
            (number,),
        ).fetchall()


def test_the_workflow_runs_in_the_image(contained, tmp_path):
    report, log = tmp_path / "workflow.json", contained.run / "galaxy.log"
    before, said = max((row[0] for row in jobs_after(contained, 0)), default=0), len(log.read_text())
    contained.test(report, WORKFLOW)
    (found,) = results(report).values()
    complain(found)
    jobs = jobs_after(contained, before)
    assert {job[1] for job in jobs} >= {f"vaebin_{s}" for s in ("vectorize", "train", "embed", "cluster")}
    assert {job[2:] for job in jobs} == {("ok", "docker")}, jobs
    image = f"identifier=vaebin/vaebin:{__version__}-cpu,type=docker"
    assert log.read_text()[said:].count(image) >= len(jobs)
