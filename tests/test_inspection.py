"""inspect tells any file by what it holds, in words, figures and JSON."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zstandard

from vaebin import contents, inspection
from vaebin.config import TrainConfig
from vaebin.errors import FormatError, InputError
from vaebin.formats import checkpoint, history, scores, table
from vaebin.formats import features as features_format
from vaebin.formats.checkpoint import Checkpoint
from vaebin.formats.history import Epoch
from vaebin.inspection import inspect

ROOT = Path(__file__).parent.parent
MADE = ROOT / "galaxy" / "tools" / "test-data"
SIZES = {"sequences": 90, "bases": 162_637, "n50": 1882, "longest": 2380}
EPOCHS = [Epoch(1, 9.5, 8, 1, 0.5, 9.75, None, 1, 0.002, 3), Epoch(2, 4.25, 3, 1, 0.25, None, None, 1, 0.001, 4)]


@pytest.mark.parametrize(
    ("name", "what", "figures"),
    [
        ("features.npz", "features: ", {**SIZES, "first_record": 0, "depth_in": None}),
        ("latent.npz", "latent means ", {**SIZES, "dimensions": 4, "log_variances": False, "noise": True}),
        ("overlaps.npz", "overlaps ", {"sequences": 90}),
        ("model.safetensors", "model: ", {"dimensions": 4, "features": {"k": 4, "part_k": 4, "parts": 8}}),
        ("bins.tsv", "bins: ", {**SIZES, "bins": 3, "share_binned": 1.0, "mean_probability": 1.0}),
        ("few_bins.tsv", "bins: ", {"sequences": 5, "bins": 3, "share_binned": 0.8}),
        ("reads.fastq.gz", "sequences in FASTQ", {**SIZES, "median_quality": 20.0}),
        ("reads.fasta.gz", "sequences in FASTA", {**SIZES, "median_quality": None}),
        ("unaligned.bam", "sequences in BAM", {"sequences": 5, "median_quality": 20.0}),
        ("truth.tsv", "table of labels", {"sequences": 90, "bases": 162_637, "labels": 3}),
        ("few_depth.tsv", "table of the depth", {"contigs": 5, "mean_depths": {"morning": 3.5, "evening": 6.25}}),
    ],
)  # fmt: skip
def test_files_of_every_kind_whatever_their_names(tmp_path, name, what, figures):
    shutil.copyfile(MADE / name, tmp_path / "dataset_1.dat")
    found = inspect(tmp_path / "dataset_1.dat")
    assert found.what.startswith(what)
    assert figures.items() <= found.figures.items()


def test_a_latent_file_and_its_model_name_each_other():
    model, placed = inspect(MADE / "model.safetensors"), inspect(MADE / "latent.npz")
    assert placed.figures["model"] == model.figures["digest"]
    assert model.parameters["latent_dim"] == 4
    assert (model.format, model.version, model.writer) == ("vaebin-model", [1, 0], "vaebin 0.1.0")


def write_table(path, name, columns, *rows):
    table.write(path, name, (1, 0), columns, rows)


def write_history(path):
    history.write(path, EPOCHS)


def write_checkpoint(path):
    weights = {"a": np.zeros((2, 3), np.float32), "b": np.zeros(4, np.float32)}
    checkpoint.write(path, TrainConfig(), "digest", Checkpoint(EPOCHS, weights, {}, {"m": np.zeros(9, np.float32)}))


def write_summary(path):
    write_table(path, "vaebin-bin-summary", ("bin", "sequences", "bases", "kind"),
                ("bin_1", 30, 900, "genome"), ("bin_2", 20, 100, "thin"), ("bin_3", 5, None, "thin"))  # fmt: skip


def write_guards(path):
    write_table(path, "vaebin-guards", ("guard", "reads", "bases", "edges"), ("chimera", 3, 900, 7), ("junk", 1, 5, 0))


def write_coordinates(path):
    write_table(path, "vaebin-coordinates", ("sequence_id", "x", "y"), ("a", 1, 2), ("b", 3, 4))


def write_files(path):
    write_table(path, "vaebin-bin-sequences", ("bin", "file", "sequences", "bases"), ("bin_1", "x", 4, 50))


def write_scores(path):
    write_table(path, "vaebin-scores", ("score", "value"), ("f1", "0.912300"), ("ari", None))


def write_evaluation(path):
    scores.write_json(path, scores.Evaluation({"both": 7}, {"f1": 0.5}, {}, [], []), {})


def write_run(path):
    path.write_text(json.dumps({"format": "vaebin-run", "version": [1, 0], "stages": {"vectorize": {}, "train": {}}}))


def write_later_table(path):
    write_table(path, "vaebin-marvels", ("bin", "marvel"), ("bin_1", "x"))


def write_biobox(path):
    path.write_text("@Version:0.10.0\n@SampleID:s\n@@SEQUENCEID\tBINID\tLENGTH\na\tx\t10\nb\ty\t20\nc\tx\t5\n")


def write_labels(path):
    path.write_bytes(gzip.compress(b"a\tx\nb\tunbinned\n"))


def write_table_of_others(path):
    path.write_text("name\tgenus\tgenome\nr1\tE\tx\n")


def write_compressed(path):
    path.write_bytes(zstandard.compress(b"@a\nACGT\n+\nIIII\n"))


LOSSES = {"epochs": 2, "last_loss": 4.25, "last_validation": None, "active_dimensions": 4}
OTHERS = {
    write_history: ("history: ", LOSSES),
    write_checkpoint: ("checkpoint: ", {**LOSSES, "weights": 10, "trained_on": "digest"}),
    write_summary: ("summary ", {"bins": 3, "sequences": 55, "bases": 1000, "kinds": {"genome": 1, "thin": 2}}),
    write_guards: ("guards: ", {"chimera": {"reads": 3, "edges": 7}, "junk": {"reads": 1, "edges": 0}}),
    write_coordinates: ("coordinates ", {"points": 2}),
    write_files: ("table of the files ", {"files": 1, "sequences": 4, "bases": 50}),
    write_scores: ("scores ", {"f1": 0.9123, "ari": None}),
    write_evaluation: ("evaluation ", {"bins": 0, "labels": 0, "both": 7, "f1": 0.5}),
    write_run: ("record of a run", {"stages_done": ["vectorize", "train"]}),
    write_later_table: ("table", {"rows": 1, "columns": ["bin", "marvel"]}),
    write_biobox: ("biobox: ", {"sequences": 3, "bases": 35, "labels": 2}),
    write_labels: ("table of labels", {"sequences": 2, "bases": None, "labels": 1}),
    write_table_of_others: ("table", {"columns": ["name", "genus", "genome"]}),
    write_compressed: (
        "sequences in FASTQ",
        {"sequences": 1, "bases": 4, "n50": 4, "longest": 4, "median_quality": 40.0},
    ),
}


@pytest.mark.parametrize("write", OTHERS, ids=lambda write: write.__name__.removeprefix("write_"))
def test_figures(tmp_path, write):
    write(tmp_path / "x")
    found = inspect(tmp_path / "x")
    what, figures = OTHERS[write]
    assert found.what.startswith(what)
    assert dict(found.figures) == figures
    assert inspection.text(tmp_path / "x", found).startswith(f"{tmp_path}/x\n  what ")


def test_every_format_of_the_specification_is_known():
    """But the tables of one bin or label a row, which need no figures but how many rows there are."""
    text = (ROOT / "tools/vaebin/formats/README.md").read_text()
    specified = {word for line in text.splitlines() if line.startswith("##") for word in line.split("`")[1::2]}
    named = {word for word in specified if word.startswith("vaebin-")} | {"vaebin-evaluation"}
    assert named - {"vaebin-bin-scores", "vaebin-label-scores"} == set(contents.OURS)


def test_nothing_is_a_file_of_no_sequences(tmp_path):
    with features_format.Writer(tmp_path / "x", features_spec()) as writer:
        writer.finish({"read": 0, "kept": 0})
    assert inspect(tmp_path / "x").figures["n50"] == 0


def features_spec():
    return {"k": 4, "part_k": 4, "parts": 8, "sketch_k": None, "sketch_fraction": None, "min_length": 0, "samples": []}


def unknown(path):
    path.write_text("Dear reader,\n")


def picture(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


def empty(path):
    path.write_bytes(b"")


def foreign_archive(path):
    np.savez(path.with_suffix(".npz"), x=np.arange(3))
    path.with_suffix(".npz").rename(path)


def foreign_json(path):
    path.write_text('{"a": 1}')


def foreign_network(path):
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(3)}, path)


@pytest.mark.parametrize("write", [unknown, picture, empty, foreign_archive, foreign_json, foreign_network])
def test_what_is_none_of_them_is_one_line(tmp_path, write):
    write(tmp_path / "x")
    with pytest.raises(
        InputError, match=f"^{tmp_path}/x: neither a file of vaebin's nor sequences nor a table; "
    ) as told:
        inspect(tmp_path / "x")
    assert "\n" not in str(told.value)


def test_damage_and_later_versions_are_told(tmp_path):
    whole = (MADE / "reads.fastq.gz").read_bytes()
    for size in (len(whole) // 2, 2000):  # of the second not even the beginning can be decompressed
        (tmp_path / "cut").write_bytes(whole[:size])
        with pytest.raises(InputError, match="cut: the compressed data end early, after record "):
            inspect(tmp_path / "cut")
    for name in ("newer_features.npz", "newer_model.safetensors", "newer_bins.tsv"):
        with pytest.raises(FormatError, match="version 9.0"):
            inspect(MADE / name)
    with pytest.raises(InputError, match="no such file"):
        inspect(tmp_path / "none")
    with pytest.raises(InputError, match="is a directory"):
        inspect(tmp_path)


def test_how_it_reads(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    found = inspection.Inspection(
        "a thing", {"n50": 1234567, "share_of_it": 0.123456, "noise": True, "nothing": None, "many": [*range(12)]},
        "vaebin-thing", [1, 2], "vaebin 0.1.0", {"hidden": [256, 256], "kl_weight": 1.0, "a": [], "b": None},
    )  # fmt: skip
    assert inspection.text(Path("x.npz"), found).splitlines() == [
        "x.npz",
        "  what         a thing",
        "  format       vaebin-thing 1.2, written by vaebin 0.1.0",
        "  N50          1,234,567",
        "  share of it  0.1235",
        "  noise        yes",
        "  many         0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more",
        "  parameters   hidden 256, 256, kl weight 1, a none, b none",
    ]


class TestCommand:
    def call(self, *arguments):
        script = Path(sys.executable).parent / "vaebin"
        return subprocess.run([script, "inspect", *arguments], capture_output=True, text=True, check=False)

    def test_json_is_for_machines(self):
        done = self.call(MADE / "few_features.npz", MADE / "unaligned.bam", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        first, second = json.loads(done.stdout)
        assert first["file"] == str(MADE / "few_features.npz")
        assert (first["format"], first["version"], first["writer"]) == ("vaebin-features", [1, 0], "vaebin 0.1.0")
        assert first["parameters"]["sketch_k"] is None
        assert first["figures"]["records"] == {"read": 5, "kept": 5, "too_short": 0, "no_kmers": 0}
        assert (second["format"], second["what"]) == (None, "sequences in BAM")

    def test_of_several_files_those_that_can_be_told_are(self):
        done = self.call(MADE / "prose.txt", MADE / "bins.tsv")
        assert done.returncode == 1
        assert done.stdout.startswith(f"{MADE}/bins.tsv\n  what ")
        assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [str(MADE / "prose.txt"), "error"]
        assert done.stderr.endswith("error: 1 of 2 files are none that vaebin knows, or damaged\n")

    def test_one_file_that_cannot_be_told_is_one_line(self):
        done = self.call(MADE / "prose.txt")
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
