"""The workflow's tests in a real Galaxy, and collections: as one sample, and as samples."""

import time

import pytest
from serving import ASSEMBLY, TOOLS, WORKFLOW, complain, results


@pytest.mark.parametrize("workflow", [WORKFLOW, ASSEMBLY], ids=lambda path: path.stem)
def test_a_workflow(galaxy, tmp_path, workflow):
    """That of assembly with a Flye that only plays its part (galaxy/ci/played)."""
    report = tmp_path / "workflow.json"
    galaxy.test(report, workflow)
    (found,) = results(report).values()
    complain(found)


@pytest.fixture(scope="module")
def collection(galaxy):
    """A list of two files in a history of its own: what the API needs to name it."""
    history = galaxy("histories", key=galaxy.user_key, name="collections")["id"]
    elements = [
        {"src": "pasted", "paste_content": (TOOLS / "test-data" / name).read_text(), "ext": kind, "name": name}
        for name, kind in {"few.fasta": "fasta", "changed.fasta": "fasta"}.items()
    ]
    target = {"destination": {"type": "hdca"}, "collection_type": "list", "name": "samples", "elements": elements}
    made = galaxy("tools/fetch", key=galaxy.user_key, history_id=history, targets=[target])
    finish(galaxy, made["jobs"])
    return history, {"src": "hdca", "id": made["output_collections"][0]["id"]}


def finish(galaxy, jobs):
    """Wait for jobs; what they are then, in full."""
    found = []
    for job in jobs:
        end = time.monotonic() + 600
        while (shown := galaxy(f"jobs/{job['id']}?full=true", key=galaxy.user_key))["state"] not in ("ok", "error"):
            assert time.monotonic() < end, shown
            time.sleep(1)
        found.append(shown)
    return found


def vectorize(galaxy, history, **inputs):
    inputs |= {"sketching|sketch": "--no-sketch"}
    started = galaxy(
        "tools", key=galaxy.user_key, history_id=history, tool_id="vaebin_vectorize",
        inputs={name.replace("__", "|"): value for name, value in inputs.items()},
    )  # fmt: skip
    return started, finish(galaxy, started["jobs"])


def test_a_collection_is_samples(galaxy, collection):
    history, samples = collection
    started, jobs = vectorize(galaxy, history, batch__how="each", batch__reads={"batch": True, "values": [samples]})
    assert [job["state"] for job in jobs] == ["ok", "ok"]
    assert [out["collection_type"] for out in started["implicit_collections"]] == ["list"]


def test_a_collection_is_one_sample(galaxy, collection):
    """Both files have the same ids, which one sample may not: so it was taken as one."""
    history, samples = collection
    _, jobs = vectorize(galaxy, history, batch__how="together", batch__reads={"values": [samples]})
    (job,) = jobs
    assert job["state"] == "error"
    assert "share the id 'read_1'" in job["stderr"]
