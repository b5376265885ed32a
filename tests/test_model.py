"""The model file: what goes in comes out, and its digest tells models apart."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from vaebin.config import TrainConfig
from vaebin.errors import FormatError, InputError
from vaebin.formats import checkpoint, container, model, tensors
from vaebin.formats.model import Model

SPEC = {"k": 4, "part_k": 4, "parts": 8}


def some_model(**changes):
    rng = np.random.default_rng(0)
    weights = {
        "mu.weight": rng.normal(size=(2, 5)).astype(np.float32),
        "encoder.1.num_batches_tracked": np.array(7, np.int64),
    }
    plain = {
        "config": TrainConfig(latent_dim=2, hidden=(5,)),
        "spec": SPEC,
        "weights": weights,
        "offset": rng.normal(size=3).astype(np.float32),
        "scale": np.ones(3, np.float32),
        "noise": np.eye(2),
        "sequences": "a" * 64,
    }
    return Model(**{**plain, **changes})


def same_arrays(first, second):
    return first.keys() == second.keys() and all(
        first[k].dtype == second[k].dtype and np.array_equal(first[k], second[k]) for k in first
    )


@pytest.mark.parametrize("noise", [np.array([[2.0, 1.0], [1.0, 3.0]]), None], ids=["noise", "no noise"])
def test_round_trip(tmp_path, noise):
    written = some_model(noise=noise)
    model.write(tmp_path / "m", written)
    found = model.read(tmp_path / "m")
    assert same_arrays(found.tensors(), written.tensors())
    assert (found.config, found.spec, found.sequences) == (written.config, written.spec, written.sequences)
    assert found.digest() == written.digest()


def test_the_same_bytes_twice(tmp_path):
    for name in ("a", "b"):
        model.write(tmp_path / name, some_model())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_arrays_in_fortran_order_come_out_right(tmp_path):
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    model.write(tmp_path / "m", some_model(weights={"w": array}))
    assert model.read(tmp_path / "m").weights["w"].tolist() == array.tolist()


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": {"mu.weight": np.zeros((2, 5), np.float32)}},
        {"offset": np.zeros(3, np.float32)},
        {"scale": np.full(3, 2, np.float32)},
        {"noise": None},
        {"noise": 2 * np.eye(2)},
        {"spec": {**SPEC, "k": 3}},
        {"config": TrainConfig(latent_dim=2, hidden=(5,), seed=2)},
        {"config": TrainConfig(latent_dim=2, hidden=(5,), optimizer="adam")},
        {"sequences": "b" * 64},
    ],
    ids=["weights", "offset", "scale", "no noise", "noise", "spec", "config", "optimizer", "sequences"],
)
def test_the_digest_tells_what_differs(changes):
    assert some_model(**changes).digest() != some_model().digest()


def test_what_a_later_minor_version_adds_is_passed_over(tmp_path):
    written = some_model()
    header = written.header()
    header |= {"version": [1, 9], "parameters": {**dataclasses.asdict(written.config), "novelty": 1}, "more": 2}
    tensors.write(tmp_path / "m", header, written.tensors())
    assert model.read(tmp_path / "m").config == written.config


def test_a_file_that_does_not_tell_its_optimizer_was_trained_by_adam(tmp_path):
    """Such are the files of before there was another; their latents name them by a digest that goes on to hold."""
    written = some_model(config=TrainConfig(latent_dim=2, hidden=(5,), optimizer="adam"))
    header = written.header()
    header["parameters"] = {key: value for key, value in header["parameters"].items() if key != "optimizer"}
    tensors.write(tmp_path / "m", header, written.tensors())
    found = model.read(tmp_path / "m")
    assert found.config == written.config
    said = {key: value for key, value in header.items() if key != "writer"}
    sha = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name, value in sorted(written.tensors().items()):
        sha.update(f"{name} {value.dtype} {value.shape}".encode() + value.tobytes())
    assert found.digest() == sha.hexdigest()


def test_another_major_version_is_refused(tmp_path):
    tensors.write(tmp_path / "m", {**some_model().header(), "version": [2, 0]}, some_model().tensors())
    with pytest.raises(
        FormatError, match=r"m: vaebin-model version 2\.0, written by .*; this vaebin reads version 1\.x"
    ):
        model.read(tmp_path / "m")


def test_a_file_that_lacks_a_tensor_is_refused(tmp_path):
    arrays = some_model().tensors()
    del arrays["scaler.scale"]
    tensors.write(tmp_path / "m", some_model().header(), arrays)
    with pytest.raises(FormatError, match="m: a vaebin-model file that lacks parts"):
        model.read(tmp_path / "m")


class TestOtherFiles:
    @pytest.mark.parametrize(
        "content", [b"", b"{}", b"\x00" * 100, b"PK\x03\x04nonsense"], ids=["empty", "JSON", "zeros", "zip"]
    )
    def test_are_refused(self, tmp_path, content):
        (tmp_path / "m").write_bytes(content)
        with pytest.raises(FormatError, match="m: not a vaebin-model file, or cut short"):
            model.read(tmp_path / "m")

    def test_a_cut_model_is_refused(self, tmp_path):
        model.write(tmp_path / "m", some_model())
        (tmp_path / "m").write_bytes((tmp_path / "m").read_bytes()[:-1])
        with pytest.raises(FormatError, match="cut short"):
            model.read(tmp_path / "m")

    def test_safetensors_of_another_program_are_refused(self, tmp_path):
        from safetensors.numpy import save_file

        save_file({"w": np.zeros(3, np.float32)}, tmp_path / "m")
        with pytest.raises(FormatError, match="not a vaebin-model file"):
            model.read(tmp_path / "m")

    def test_a_checkpoint_is_named(self, tmp_path):
        state = checkpoint.Checkpoint([], some_model().weights, {}, {})
        checkpoint.write(tmp_path / "c", TrainConfig(), "a" * 64, state)
        with pytest.raises(FormatError, match="c: a vaebin-checkpoint file; expected vaebin-model"):
            model.read(tmp_path / "c")

    def test_a_container_is_refused(self, tmp_path):
        container.write(tmp_path / "f", some_model().header(), {"x": np.zeros(3)})
        with pytest.raises(FormatError, match="f: not a vaebin-model file"):
            model.read(tmp_path / "f")

    def test_no_file(self, tmp_path):
        with pytest.raises(InputError, match="m: no such file"):
            model.read(tmp_path / "m")

    def test_a_folder(self, tmp_path):
        with pytest.raises(InputError, match="is a directory; expected a vaebin-model file"):
            model.read(tmp_path)
