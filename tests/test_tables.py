"""What a report is made from: what is written comes back, what is something else is refused."""

import json
import math

import numpy as np
import pytest

from vaebin.errors import FormatError, InputError
from vaebin.formats import assemblies, coordinates, guards, record, scores, summary
from vaebin.formats.coordinates import Coordinates
from vaebin.formats.guards import Guard
from vaebin.formats.scores import BinScore, Evaluation, LabelScore
from vaebin.formats.summary import Row

ROWS = [
    Row(1, 10, 12_345, 3.14, 3929, 0.512, 0.988, 0.995, 2, "fragment"),
    Row(2, 4, 500, None, None, None, None, 0.5, 0, "unknown"),
]
GUARDS = [Guard("adapter", 3, 900, 0), Guard("weak overlap", 0, 0, 12)]
DRAWN = Coordinates(
    ["a", "b"], np.array([[1.5, -2], [0, 1e4]]), np.array([10, 20]), ["bin_1", "unbinned"], np.array([0.25, 1])
)
EVALUATION = Evaluation(
    {"sequences": 3, "only_in_bins": 0, "only_in_truth": 1},
    {"precision": 1.0, "f1": 0.75},
    {"precision_avg_bp": math.nan},
    [BinScore("bin_1", "x", 2, 1.0, 2 / 3, None, None, None)],
    [LabelScore("x", 3, 2 / 3, "bin_1", 2 / 3, 30, 0.5), LabelScore("y", 1, 0.0, None, 0.0, 10, 0.0)],
)


class TestSummary:
    def test_comes_back(self, tmp_path):
        summary.write(tmp_path / "x", ROWS)
        assert summary.read(tmp_path / "x") == ROWS

    def test_is_as_the_specification_says(self, tmp_path):
        summary.write(tmp_path / "x", ROWS[:1])
        assert (tmp_path / "x").read_text() == (
            "# vaebin-bin-summary 1.0\n"
            "bin\tsequences\tbases\tdepth\tgenome_size\tgc\tclosure\tprobability\tnearest_bin\tkind\n"
            "bin_1\t10\t12345\t3.14\t3929\t0.512\t0.988\t0.995\tbin_2\tfragment\n"
        )


class TestGuards:
    def test_come_back(self, tmp_path):
        guards.write(tmp_path / "x", GUARDS)
        assert guards.read(tmp_path / "x") == GUARDS


class TestCoordinates:
    def test_come_back(self, tmp_path):
        coordinates.write(tmp_path / "x", DRAWN)
        found = coordinates.read(tmp_path / "x")
        assert (found.ids, found.bins) == (DRAWN.ids, DRAWN.bins)
        for column in ("places", "lengths", "probabilities"):
            assert getattr(found, column).tolist() == getattr(DRAWN, column).tolist()

    @pytest.mark.parametrize("n", [0, 2])
    def test_come_back_without_bins(self, tmp_path, n):
        coordinates.write(tmp_path / "x", Coordinates(DRAWN.ids[:n], DRAWN.places[:n], DRAWN.lengths[:n], None, None))
        found = coordinates.read(tmp_path / "x")
        assert found.places.shape == (n, 2)
        assert (found.bins, found.probabilities) == (None, None)


class TestAssemblies:
    COLUMNS = "bin\tstatus\tcontigs\tn50\tlongest\tlength\tgenome_size\tratio\tdepth"

    @pytest.mark.parametrize(
        ("more", "cells", "found"),
        [("", "", (None, None)), ("\tcompleteness\tcontamination", "\t0.95\t0.01", (0.95, 0.01))],
        ids=["without marker genes", "with"],
    )  # fmt: skip
    def test_are_read(self, tmp_path, more, cells, found):
        rows = [
            "bin_1\tassembled\t3\t2000\t2500\t5000\t4900\t1.02\t12.5" + cells,
            "bin_2\tnot assembled: thin" + "\t" * 7,
        ]
        rows[1] += "\t\t" if cells else ""
        (tmp_path / "x").write_text("\n".join(["# vaebin-assemblies 1.0", self.COLUMNS + more, *rows, ""]))
        assert assemblies.read(tmp_path / "x") == [
            ("bin_1", "assembled", 3, 2000, 5000, 1.02, 12.5, *found),
            ("bin_2", "not assembled: thin", None, None, None, None, None, None, None),
        ]

    def test_a_cell_that_cannot_be_is_refused(self, tmp_path):
        (tmp_path / "x").write_text(f"# vaebin-assemblies 1.0\n{self.COLUMNS}\nbin_1\tassembled\tfew" + "\t" * 6 + "\n")
        with pytest.raises(FormatError, match="x: line 3: not a row of a vaebin-assemblies table"):
            assemblies.read(tmp_path / "x")


class TestEvaluation:
    def test_comes_back(self, tmp_path):
        scores.write_json(tmp_path / "x", EVALUATION, {})
        found = scores.read_json(tmp_path / "x")
        assert (found.counts, found.scores, found.bins, found.labels) == (
            EVALUATION.counts, EVALUATION.scores, EVALUATION.bins, EVALUATION.labels
        )  # fmt: skip
        assert math.isnan(found.amber["precision_avg_bp"])

    def test_what_a_later_minor_version_adds_is_passed_over(self, tmp_path):
        scores.write_json(tmp_path / "x", EVALUATION, {})
        content = json.loads((tmp_path / "x").read_text())
        content |= {"version": [1, 9], "strains": []}
        content["bins"][0]["strain"] = "y"
        (tmp_path / "x").write_text(json.dumps(content))
        assert scores.read_json(tmp_path / "x").bins == EVALUATION.bins


class TestRecord:
    def test_tells_the_parameters_of_each_stage(self, tmp_path):
        stages = {"train": {"parameters": {"epochs": 3}, "inputs": {}, "outputs": {}}}
        (tmp_path / "x").write_text(json.dumps({"format": "vaebin-run", "version": [1, 0], "stages": stages}))
        assert record.parameters(tmp_path / "x") == {"train": {"epochs": 3}}


TABLES = {
    "summary": (summary, summary.read),
    "guards": (guards, guards.read),
    "coordinates": (coordinates, coordinates.read),
}
BROKEN_ROWS = {
    "summary": "bin_1\tmany\t12345\t3.14\t3929\t0.512\t0.988\t0.995\tbin_2\tfragment",
    "guards": "adapter\t3\tfew\t0",
    "coordinates": "a\tleft\t0\t10\tbin_1\t0.5",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_cell_that_cannot_be_is_refused(tmp_path, name):
    module, read = TABLES[name]
    columns = module.Guard._fields if name == "guards" else module.COLUMNS
    (tmp_path / "x").write_text(f"# {module.FORMAT} 1.0\n" + "\t".join(columns) + f"\n{BROKEN_ROWS[name]}\n")
    with pytest.raises(FormatError, match=f"x: line 3: not a row of a {module.FORMAT} table"):
        read(tmp_path / "x")


DOCUMENTS = {"evaluation": scores.read_json, "record": record.parameters}


@pytest.mark.parametrize("name", DOCUMENTS)
class TestDocuments:
    @pytest.mark.parametrize(
        "text",
        ["Dear reader", "[]", "{}", '{"format": "x", "version": [1, 0]}'],
        ids=["prose", "list", "bare", "other"],
    )
    def test_something_else_is_refused(self, tmp_path, name, text):
        (tmp_path / "x").write_text(text)
        with pytest.raises(FormatError, match=str(tmp_path / "x")):
            DOCUMENTS[name](tmp_path / "x")

    def test_a_later_major_version_is_refused(self, tmp_path, name):
        formats = {"evaluation": scores.FORMAT, "record": record.FORMAT}
        (tmp_path / "x").write_text(json.dumps({"format": formats[name], "version": [9, 0]}))
        with pytest.raises(FormatError, match="this vaebin reads version 1.x"):
            DOCUMENTS[name](tmp_path / "x")

    def test_a_missing_file_and_a_folder_are_told(self, tmp_path, name):
        with pytest.raises(InputError, match="no such file"):
            DOCUMENTS[name](tmp_path / "none")
        with pytest.raises(InputError, match="is a directory"):
            DOCUMENTS[name](tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("evaluation", {"format": scores.FORMAT, "version": [1, 0], "scores": {}}),
     ("record", {"format": record.FORMAT, "version": [1, 0], "stages": {"train": {}}})],
    ids=["evaluation", "record"],
)  # fmt: skip
def test_a_document_that_lacks_parts_is_refused(tmp_path, name, content):
    (tmp_path / "x").write_text(json.dumps(content))
    with pytest.raises(FormatError, match="x: a vaebin-"):
        DOCUMENTS[name](tmp_path / "x")
