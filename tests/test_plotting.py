"""The plot stage: latent means and bins to a picture, a page and a table of points."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from vaebin import plotting
from vaebin.config import PlotConfig
from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.figures.points import Groups, Values
from vaebin.formats import bins, coordinates, latent, table
from vaebin.formats.ids import Ids

SMALL = PlotConfig(n_neighbors=50)  # no more points than this: principal components, at once


def write_latent(path, means, first=0, noise=None, model="m"):
    means = np.asarray(means, np.float32)
    ids = Ids.of([f"read_{i}" for i in range(first, first + len(means))])
    shard = latent.Latent(ids, np.arange(len(means)) + 1000, means, None, noise, model, first)
    latent.write(path, shard, {})
    return path


def write_bins(path, numbers, reason=None):
    n = len(numbers)
    reason = np.zeros(n, int) if reason is None else np.array(reason)
    made = bins.Bins([f"read_{i}" for i in range(n)], np.arange(n) + 1000, np.array(numbers), np.full(n, 0.5), reason)
    bins.write(path, made)
    return path


@pytest.fixture
def some(tmp_path):
    """Thirty sequences in two bins, two of them unsure."""
    means = np.random.default_rng(0).normal(size=(30, 3)) + np.repeat([[0, 0, 0], [9, 9, 9]], 15, axis=0)
    reason = [1, 1] + [0] * 28
    return write_latent(tmp_path / "latent", means), write_bins(tmp_path / "bins", [2] * 10 + [1] * 20, reason)


def rows(path):
    return list(table.read(path, coordinates.FORMAT, 1, coordinates.COLUMNS))


class TestCoordinates:
    def test_tell_of_each_point_what_it_is(self, some, tmp_path):
        plotting.plot([some[0]], SMALL, bins=some[1], coordinates=tmp_path / "out")
        lines = (tmp_path / "out").read_text().splitlines()
        assert lines[:2] == ["# vaebin-coordinates 1.0", "sequence_id\tx\ty\tlength\tbin\tprobability"]
        found = rows(tmp_path / "out")
        assert [r["sequence_id"] for r in found] == [f"read_{i}" for i in range(30)]
        assert [r["bin"] for r in found] == ["unbinned"] * 2 + ["bin_2"] * 8 + ["bin_1"] * 20
        assert {r["probability"] for r in found} == {"0.5000"}
        assert [float(r["x"]) < 0 for r in found] in ([True] * 15 + [False] * 15, [False] * 15 + [True] * 15)

    def test_without_bins_have_empty_cells(self, some, tmp_path):
        plotting.plot([some[0]], SMALL, coordinates=tmp_path / "out")
        assert {(r["bin"], r["probability"]) for r in rows(tmp_path / "out")} == {("", "")}

    def test_are_in_units_of_the_noise(self, tmp_path):
        """A direction twice as wide but four times as noisy is the narrower one."""
        means = [[2, 0], [-2, 0], [0, 1], [0, -1]]
        write_latent(tmp_path / "latent", means, noise=np.diag([16.0, 1.0]))
        plotting.plot([tmp_path / "latent"], SMALL, coordinates=tmp_path / "out")
        found = np.array([[float(r["x"]), float(r["y"])] for r in rows(tmp_path / "out")])
        assert np.abs(found).tolist() == [[0, 0.5], [0, 0.5], [1, 0], [1, 0]]

    def test_are_the_same_for_shards_in_any_order(self, tmp_path):
        means = np.random.default_rng(0).normal(size=(20, 3))
        whole = write_latent(tmp_path / "whole", means)
        shards = [write_latent(tmp_path / "b", means[12:], 12), write_latent(tmp_path / "a", means[:12])]
        write_bins(tmp_path / "bins", [1] * 20)
        plotting.plot([whole], SMALL, coordinates=tmp_path / "one")
        plotting.plot(shards, SMALL, coordinates=tmp_path / "two")
        assert [r["x"] for r in rows(tmp_path / "one")] == [r["x"] for r in rows(tmp_path / "two")]

    def test_of_a_sample_hold_rare_bins(self, tmp_path):
        write_latent(tmp_path / "latent", np.random.default_rng(0).normal(size=(1000, 3)))
        write_bins(tmp_path / "bins", [1] * 995 + [2] * 5)
        config = PlotConfig(sample=40, n_neighbors=50)
        plotting.plot([tmp_path / "latent"], config, bins=tmp_path / "bins", coordinates=tmp_path / "out")
        found = [r["bin"] for r in rows(tmp_path / "out")]
        assert (len(found), found.count("bin_2")) == (40, 5)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 60])
def test_all_outputs_are_the_same_twice(n, tmp_path):
    write_latent(tmp_path / "latent", np.random.default_rng(0).normal(size=(n, 4)))
    write_bins(tmp_path / "bins", [1] * n)
    config = PlotConfig(n_neighbors=15)
    for run in "ab":
        plotting.plot(
            [tmp_path / "latent"], config, bins=tmp_path / "bins", picture=tmp_path / f"{run}.picture",
            html=tmp_path / f"{run}.html", coordinates=tmp_path / f"{run}.tsv",
        )  # fmt: skip
    for suffix in ("picture", "html", "tsv"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    assert (tmp_path / "a.picture").read_bytes().startswith(b"\x89PNG")  # whatever the name
    assert len(rows(tmp_path / "a.tsv")) == n


class TestColours:
    def colouring(self, some, folder, text, column="species", id_column="read_id"):
        (folder / "table").write_text(text)
        space = latent.read(some[0])
        return plotting._colouring(folder / "table", id_column, column, space)

    def labels(self, values, more=""):
        return f"read_id\tspecies\tx{more}\n" + "".join(f"read_{i}\t{v}\t1{more}\n" for i, v in enumerate(values))

    def test_names_are_groups(self, some, tmp_path):
        found = self.colouring(some, tmp_path, self.labels(["E. coli"] * 20 + ["B. subtilis"] * 10))
        assert isinstance(found, Groups)
        assert (found.names, found.sizes) == (["E. coli", "B. subtilis"], [20, 10])

    def test_numbers_are_shades(self, some, tmp_path):
        found = self.colouring(some, tmp_path, self.labels([i / 2 for i in range(30)]))
        assert isinstance(found, Values)
        assert found.numbers.tolist() == [i / 2 for i in range(30)]

    @pytest.mark.parametrize(("different", "kind"), [(20, Groups), (21, Values)], ids=["twenty", "twenty-one"])
    def test_few_whole_numbers_are_names_of_groups(self, different, kind, some, tmp_path):
        assert isinstance(self.colouring(some, tmp_path, self.labels([i % different for i in range(30)])), kind)

    def test_sequences_that_the_table_does_not_hold_are_of_no_group(self, some, tmp_path):
        found = self.colouring(some, tmp_path, self.labels(["E. coli"] * 12))
        assert (found.nothing, found.nothings) == ("no species", 18)

    def test_and_have_no_number(self, some, tmp_path):
        found = self.colouring(some, tmp_path, self.labels(["0.5", "", "1.5"]))
        assert np.isnan(found.numbers).tolist() == [False, True, False] + [True] * 27

    def test_our_bin_table_is_a_table_too(self, some, tmp_path):
        found = self.colouring(some, tmp_path, some[1].read_text(), "reason", "sequence_id")
        assert found.names == ["assigned", "unsure"]

    def test_a_table_of_other_sequences_is_refused(self, some, tmp_path):
        with pytest.raises(MismatchError, match="column 'read_id' holds none of the 30 sequences"):
            self.colouring(some, tmp_path, "read_id\tspecies\tx\nother\tE. coli\t1\n")

    def test_a_column_that_is_not_there_is_named(self, some, tmp_path):
        with pytest.raises(FormatError, match="no column 'genus'"):
            self.colouring(some, tmp_path, self.labels(["E. coli"]), "genus")

    def test_the_page_shows_bin_and_column(self, some, tmp_path):
        (tmp_path / "table").write_text(self.labels(["E. coli"] * 30))
        plotting.plot(
            [some[0]], SMALL, bins=some[1], html=tmp_path / "out", color_table=tmp_path / "table", column="species"
        )
        data = json.loads((tmp_path / "out").read_text().partition('json">')[2].partition("</script>")[0])
        assert data["groups"]["names"] == ["E. coli"]
        assert [data["bins"][i] for i in data["bin"]] == ["unbinned"] * 2 + ["bin_2"] * 8 + ["bin_1"] * 20


class TestRefuses:
    def test_bins_of_other_sequences(self, some, tmp_path):
        write_bins(tmp_path / "fewer", [1] * 29)
        with pytest.raises(MismatchError, match=r"fewer: 29 records, but .*latent has 30"):
            plotting.plot([some[0]], SMALL, bins=tmp_path / "fewer", coordinates=tmp_path / "out")

    def test_to_write_nothing(self, some):
        with pytest.raises(InputError, match="nothing to write"):
            plotting.plot([some[0]], SMALL)

    @pytest.mark.parametrize("half", [{"color_table": "table"}, {"column": "species"}], ids=["table", "column"])
    def test_half_a_colouring(self, half, some, tmp_path):
        with pytest.raises(InputError, match="both the table and the name of its column"):
            plotting.plot([some[0]], SMALL, coordinates=tmp_path / "out", **half)

    def test_means_that_are_not_numbers(self, tmp_path):
        write_latent(tmp_path / "latent", [[0, 1], [np.nan, 1]])
        with pytest.raises(InputError, match="'read_1' are not numbers"):
            plotting.plot([tmp_path / "latent"], SMALL, coordinates=tmp_path / "out")


class TestCommandLine:
    def run(self, *arguments):
        command = "from vaebin.cli.plot import main; main()"
        return subprocess.run(
            [sys.executable, "-c", command, *map(str, arguments)],
            capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        )  # fmt: skip

    def test_writes_the_format_asked_for_under_the_name_given(self, some, tmp_path):
        out = tmp_path / "plot.png"
        done = self.run(some[0], "--bins", some[1], "-o", out, "--format", "svg", "--n-neighbors", 50)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes().startswith(b"<?xml")
        assert done.stderr.splitlines() == [
            "vaebin-plot: projecting 30 of 30 sequences",
            "vaebin-plot: too few sequences, or too alike, for UMAP: drawing their principal components",
        ]

    @pytest.mark.parametrize("arguments", [[], ["--html", "x", "--column", "species"]], ids=["no file", "half a table"])
    def test_bad_usage_ends_with_2(self, arguments, some):
        assert self.run(some[0], *arguments).returncode == 2
