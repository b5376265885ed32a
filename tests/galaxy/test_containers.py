"""The workflow with every tool inside the image that the XML names, as public servers run it."""

import contextlib
import sqlite3

import pytest
from engines import find_engine, serve
from serving import WORKFLOW, complain, results

from vaebin import __version__


@pytest.fixture(scope="module")
def contained(installed, galaxies, tmp_path_factory):
    """A Galaxy whose jobs run by docker, or by podman's service in its place."""
    engine = find_engine("cpu")
    if engine is None:
        pytest.skip("no container engine: install docker or podman to run this test")
    engine.make("image-cpu")
    with serve(engine, tmp_path_factory.mktemp("service") / "socket") as environment:
        found = galaxies("container", **environment)
        found.wait()
        yield found


def test_the_workflow_runs_in_the_image(contained, tmp_path):
    report = tmp_path / "workflow.json"
    contained.test(WORKFLOW, report).wait(1800)
    (found,) = results(report)
    complain(found)
    jobs = [job for job in contained("jobs?state=ok") if job["tool_id"].startswith("vaebin_")]
    assert {job["tool_id"] for job in jobs} >= {f"vaebin_{s}" for s in ("vectorize", "train", "embed", "cluster")}
    # Galaxy's own record of which job ran in which container; its API does not tell.
    with contextlib.closing(sqlite3.connect(contained.folder / "run/data/universe.sqlite")) as database:
        rows = database.execute(
            "SELECT job.tool_id, container_type, container_name, container_info FROM job_container_association "
            "JOIN job ON job.id = job_id"
        ).fetchall()
    assert {row[0] for row in rows} == {job["tool_id"] for job in jobs}
    assert all(row[1] == "docker" for row in rows), rows
    image = f"identifier=vaebin/vaebin:{__version__}-cpu,type=docker"
    assert (contained.folder / "run/galaxy.log").read_text().count(image) >= len(rows)
