"""The report stage: from the files of a run to one page, and what is told where they do not belong together."""

import dataclasses
import itertools
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import feature_files
import report_files
from vaebin import __version__, provenance, summaries
from vaebin.errors import FormatError, MismatchError
from vaebin.figures import bubbles, curves, lengths
from vaebin.figures import report as page
from vaebin.formats import bins, coordinates, summary
from vaebin.formats.coordinates import Coordinates
from vaebin.formats.features import Sketch
from vaebin.formats.history import Epoch
from vaebin.formats.summary import Row
from vaebin.reporting import Files, report


class Read(HTMLParser):
    """The page's text, cell by cell in each table, and its data."""

    def __init__(self, path):
        super().__init__()
        self.tables, self.text, self.data, self._within = [], "", "", ""
        self.source = path.read_text()
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self._within = dict(attrs).get("type", tag) if tag in ("script", "style") else ""
        self._cell = tag in ("td", "th") or (self._cell if tag in ("button", "code", "span", "svg", "path") else False)

    _cell = False

    def handle_endtag(self, tag):
        self._within = ""
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self._within == "application/json":
            self.data += data
        elif not self._within:
            self.text += data
            if self._cell:
                self.tables[-1][-1][-1] += data.strip()

    def table(self, first):
        """Rows below the head of the table whose head begins so."""
        return next(rows[1:] for rows in self.tables if rows[0][: len(first)] == first)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return folder, report_files.write(folder)


@pytest.fixture(scope="module")
def whole(files):
    folder, given = files
    report(folder / "bins.tsv", folder / "report.html", given, "Pond <1>")
    return Read(folder / "report.html")


def made(folder, given, output, bins_name="bins.tsv"):
    report(folder / bins_name, output, given)
    return Read(output)


class TestPage:
    def test_begins_with_what_was_found(self, whole):
        assert "Pond <1>: 3 bins from 50 sequences, 96.0 % of them binned" in whole.text

    def test_says_so_where_all_are_binned(self, tmp_path):
        bins.write(tmp_path / "bins.tsv", report_files.table([1, 1], [0, 0]))
        found = made(tmp_path, Files(), tmp_path / "x")
        assert "1 bin from 2 sequences, all of them binned" in found.text
        assert "Every one of the sequences was put into its likeliest bin" in found.text

    def test_tells_why_the_rest_is_not_binned(self, whole):
        rows = whole.table(["", "sequences"])
        assert [row[:3] for row in rows] == [
            ["binned", "48", "96.0 %"], ["not sure", "1", "2.0 %"], ["junk", "1", "2.0 %"]
        ]  # fmt: skip
        assert [row[4:6] for row in rows] == [["192 kb", "96.0 %"], ["4 kb", "2.0 %"], ["4 kb", "2.0 %"]]

    def test_has_a_row_for_each_bin(self, whole):
        head = ["bin", "mostly", "purity", "complete", "sequences", "bases", "depth", "size", "GC", "closure"]
        rows = whole.table(head)
        assert [row[:2] + row[4:12] for row in rows] == [
            ["bin_1", "E. coli <K12>", "30", "120 kb", "12.5", "9.6 kb", "41.0 %", "0.970", "0.950", "96.8 %"],
            ["bin_2", "", "12", "48 kb", "130.0", "4.1 Mb", "65.5 %", "0.640", "0.820", "63.2 %"],
            ["bin_3", "", "6", "24 kb", "–", "–", "50.0 %", "–", "0.700", "31.6 %"],
        ]
        assert [row[12] for row in rows] == ["genome", "mixed?", "thin"]

    def test_explains_the_words_that_occur(self, whole):
        assert page.KINDS["mixed?"] in whole.text
        assert page.KINDS["plasmid-like"] not in whole.text

    def test_holds_guards_scores_labels_and_agreement(self, whole):
        assert [row[:4] for row in whole.table(["", "reads"])] == [
            ["adapter", "3", "9 kb", "0"], ["junk", "1", "4 kb", "0"]
        ]  # fmt: skip
        assert [row[1] for row in whole.table(["score"])] == ["0.9800", "0.9700", "0.9750", "0.9600"]
        assert whole.table(["label"]) == [["E. coli <K12>", "31", "97.0 %", "bin_1", "96.8 %"]]
        ((binning, count, ari),) = whole.table(["binning"])
        assert (binning, count) == ("2", "2")
        assert 0.5 < float(ari) < 1

    @pytest.mark.parametrize("markers", [False, True])
    def test_holds_a_table_of_assemblies(self, files, tmp_path, markers):
        columns = [
            "bin",
            "status",
            "contigs",
            "n50",
            "length",
            "ratio",
            "depth",
            *["completeness", "contamination"] * markers,
        ]
        row = ["bin_1", "assembled", "3", "2000", "9700", "1.01", "12.5", *["0.98", "0.0"] * markers]
        lines = ["# vaebin-assemblies 1.0", "\t".join(columns), "\t".join(row)]
        (tmp_path / "a.tsv").write_text("\n".join([*lines, ""]))
        ((*cells, state),) = made(files[0], Files(assemblies=tmp_path / "a.tsv"), tmp_path / "x").table(
            ["bin", "contigs"]
        )
        assert cells == ["bin_1", "3", "2 kb", "9.7 kb", "1.01", "12.5", *["98.0 %", "0.0 %"] * markers]
        assert state == "assembled"

    def test_has_the_data_of_each_figure(self, whole):
        data = json.loads(whole.data)
        assert data["map"]["id"] == [f"s{i}" for i in range(0, 50, 2)]
        assert data["map"]["groups"]["names"] == ["bin_1", "bin_2", "bin_3"]
        assert [bin["name"].splitlines()[0] for bin in data["bubbles"]["series"][0]["data"]] == ["bin_2", "bin_1"]
        assert len(data["lengths"]["bins"]) == 4
        assert list(data["training"]) == ["loss", "contrast"]

    def test_names_of_any_kind_stay_text(self, whole):
        assert "<K12>" not in whole.source
        assert "Pond <1>" not in whole.source

    def test_is_the_same_every_time(self, files, whole, tmp_path):
        folder, given = files
        report(folder / "bins.tsv", tmp_path / "again.html", given, "Pond <1>")
        assert (tmp_path / "again.html").read_text() == whole.source

    def test_of_the_bins_alone(self, files, tmp_path):
        found = made(files[0], Files(), tmp_path / "x")
        assert [row[:3] for row in found.table(["bin"])] == [
            ["bin_1", "30", "120 kb"], ["bin_2", "12", "48 kb"], ["bin_3", "6", "24 kb"]
        ]  # fmt: skip
        data = json.loads(found.data)
        assert (data["map"], data["bubbles"], data["training"]) == (None, None, {})

    @pytest.mark.parametrize("n", [0, 3])
    def test_where_nothing_was_binned(self, n, tmp_path):
        bins.write(tmp_path / "bins.tsv", report_files.table([0] * n, [1] * n))
        found = made(tmp_path, Files(), tmp_path / "x")
        assert f"0 bins from {n} sequences, 0.0 % of them binned" in found.text
        assert "No bin was found." in found.text

    def test_a_hundred_thousand_reads_take_less_than_five_megabytes(self, tmp_path):
        n, groups = 100_000, 300
        numbers = np.arange(n) % groups + 1
        ids = [f"{i:08x}-0000-4000-8000-{i:012x}" for i in range(n)]
        made_bins = bins.Bins(ids, np.full(n, 5000), numbers, np.full(n, 0.97), np.zeros(n, int))
        bins.write(tmp_path / "bins.tsv", made_bins)
        drawn = Coordinates(
            ids[:10_000], np.random.default_rng(0).normal(size=(10_000, 2)), np.full(10_000, 5000), None, None
        )
        coordinates.write(tmp_path / "coordinates.tsv", drawn)
        report(tmp_path / "bins.tsv", tmp_path / "x", Files(coordinates=tmp_path / "coordinates.tsv"))
        assert (tmp_path / "x").stat().st_size < 5e6


class TestWhatWasRun:
    def facts(self, found):
        return dict(re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", found.source.partition('id="run"')[2]))

    def test_from_headers(self, files, tmp_path):
        folder, given = files
        given = dataclasses.replace(given, features=[folder / "features.npz"])
        lengths_of = np.full(50, 8 * 136)
        bins.write(tmp_path / "bins.tsv", dataclasses.replace(report_files.table(), lengths=lengths_of))
        found = made(tmp_path, dataclasses.replace(given, others=()), tmp_path / "x")
        facts = self.facts(found)
        assert facts["version"] == f"vaebin {__version__}"
        assert facts["input"] == "50 records in the input"
        assert "overlaps" not in facts  # there is no sketch to find them by
        assert provenance.digest([f"s{i}" for i in range(50)], lengths_of.tolist())[:16] in facts["sequences"]
        assert "Parameters of vectorize" in found.text
        assert "50 reads" in found.text

    def test_from_the_record_of_a_run(self, files, tmp_path):
        stages = {name: {"parameters": {"seed": 7}} for name in ("extract", "cluster", "train")}
        (tmp_path / "run.json").write_text(json.dumps({"format": "vaebin-run", "version": [1, 0], "stages": stages}))
        found = made(files[0], Files(run=tmp_path / "run.json"), tmp_path / "x")
        assert re.findall(r"Parameters of (\w+)", found.text) == ["train", "cluster"]
        assert [["seed", "7"]] in found.tables

    def test_by_what_overlaps_were_found(self, files, tmp_path):
        lengths_of = np.full(50, 4000)
        parts = np.full((50, 8, 136), 1, np.uint16)
        sketch = Sketch(np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.zeros(51, np.int64))
        with feature_files.Writer(tmp_path / "f", feature_files.spec(sketch_k=19, sketch_fraction=16)) as writer:
            ids = [f"s{i}" for i in range(50)]
            writer.append(feature_files.Block(ids, lengths_of, parts.sum(1).astype(np.uint16), parts, sketch))
            writer.finish({"read": 50, "kept": 50, "too_short": 0})
        facts = self.facts(made(files[0], Files(features=[tmp_path / "f"]), tmp_path / "x"))
        assert facts["overlaps"] == "found by 19-mers, of which 1 in 16 was kept"

    def test_sequences_left_out_before_binning_are_counted(self, files, tmp_path):
        parts = np.full((50, 8, 136), 1, np.uint16)
        with feature_files.Writer(tmp_path / "f", feature_files.spec(min_length=500)) as writer:
            ids = [f"s{i}" for i in range(50)]
            writer.append(feature_files.Block(ids, np.full(50, 4000), parts.sum(1).astype(np.uint16), parts))
            writer.finish({"read": 60, "kept": 50, "too_short": 10})
        found = made(files[0], Files(features=[tmp_path / "f"]), tmp_path / "x")
        assert found.table(["", "reads"])[-1][:3] == ["too short", "10", "16.7 %"]
        assert self.facts(found)["input"] == "60 records in the input; 10 under 500 bases were left out"

    def test_no_path_and_no_time(self, files, whole):
        assert str(files[0]) not in whole.source
        assert not re.search(r"\b20\d\d-\d\d-\d\d", whole.text)


class TestFilesThatDoNotBelongTogether:
    def test_a_summary_of_other_bins(self, files, tmp_path):
        summary.write(tmp_path / "s", [dataclasses.replace(report_files.ROWS[0], sequences=7)])
        with pytest.raises(MismatchError, match="s: bin_1 has 7 sequences, but 30 in .*bins.tsv"):
            report(files[0] / "bins.tsv", tmp_path / "x", Files(summary=tmp_path / "s"))

    def test_coordinates_of_other_sequences(self, files, tmp_path):
        coordinates.write(tmp_path / "c", Coordinates(["other"], np.zeros((1, 2)), np.ones(1, int), None, None))
        with pytest.raises(MismatchError, match="c: 'other' is not in .*bins.tsv"):
            report(files[0] / "bins.tsv", tmp_path / "x", Files(coordinates=tmp_path / "c"))

    def test_features_of_other_sequences(self, files, tmp_path):
        with pytest.raises(MismatchError, match=r"features.npz: other sequences than those of .*bins.tsv"):
            report(files[0] / "bins.tsv", tmp_path / "x", Files(features=[files[0] / "features.npz"]))

    def test_shards_of_another_number(self, files, tmp_path):
        shard = feature_files.write(tmp_path / "f", np.full((3, 8, 136), 1, np.uint16))
        with pytest.raises(MismatchError, match="other sequences"):
            report(files[0] / "bins.tsv", tmp_path / "x", Files(features=[shard, shard]))

    def test_other_bins_of_other_sequences(self, files, tmp_path):
        bins.write(tmp_path / "o", report_files.table([1], [0]))
        with pytest.raises(MismatchError):
            report(files[0] / "bins.tsv", tmp_path / "x", Files(others=[tmp_path / "o"]))

    @pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(Files)])
    def test_something_else(self, files, tmp_path, name):
        (tmp_path / "prose").write_text("Dear reader,\n")
        several = name in ("features", "others")
        given = Files(**{name: [tmp_path / "prose"] if several else tmp_path / "prose"})
        with pytest.raises(FormatError, match="prose"):
            report(files[0] / "bins.tsv", tmp_path / "x", given)
        assert not (tmp_path / "x").exists()


class TestAgreement:
    OWN = (1, 1, 1, 1, 2, 2, 3, 3)

    def reported(self, other, tmp_path):
        for name, numbers in (("bins.tsv", self.OWN), ("other", other)):
            bins.write(tmp_path / name, report_files.table(numbers, [int(not n) for n in numbers]))
        found = made(tmp_path, Files(others=[tmp_path / "other"]), tmp_path / "x")
        ((_, count, ari),) = found.table(["binning"])
        steady = [row[8] for row in found.table(["bin"])]
        return int(count), float(ari), steady

    def test_with_itself_under_other_names(self, tmp_path):
        assert self.reported([3, 3, 3, 3, 1, 1, 2, 2], tmp_path) == (3, 1, ["100.0 %"] * 3)

    def test_where_two_bins_were_one(self, tmp_path):
        """bin_2 and bin_3 share a bin of four: each is half of it."""
        count, ari, steady = self.reported([1, 1, 1, 1, 2, 2, 2, 2], tmp_path)
        assert (count, steady) == (2, ["100.0 %", "50.0 %", "50.0 %"])
        assert 0 < ari < 1

    def test_unbinned_sequences_are_in_no_bin(self, tmp_path):
        """Three of bin_1's four are together; of the others none is binned, or alone in another bin."""
        _, _, steady = self.reported([1, 1, 1, 0, 0, 0, 2, 3], tmp_path)
        assert steady == ["75.0 %", "0.0 %", "50.0 %"]


class TestFigures:
    def test_lengths_are_counted_by_bin(self):
        found = lengths.histograms(np.array([1, 1, 10, 100]), np.array([0, 2, 2, 5]), [2, 5])
        assert found.counts.sum(axis=1).tolist() == [1, 2, 1]
        assert found.counts[1][0] == 1
        assert found.counts[2][-1] == 1
        assert (np.diff(found.edges) > 0).all()
        assert (found.edges[0], found.edges[-1]) == (1, 101)

    @pytest.mark.parametrize("given", [[], [7], [0, 0]], ids=["none", "one", "empty sequences"])
    def test_lengths_of_few(self, given):
        found = lengths.histograms(np.array(given, np.int64), np.zeros(len(given), np.int64), [])
        assert found.counts.sum() == len(given)

    def test_a_spark_is_as_high_as_its_share_of_the_most(self):
        assert lengths.spark(np.array([0, 2, 1])) == "M0 16V16h1V0h1V8h1V16Z"

    def test_shares_add_up(self):
        assert lengths.shares(np.array([1, 3])) == [25, 75]
        assert lengths.shares(np.array([0, 0])) == [0, 0]

    def test_areas_of_bubbles_go_by_genome_size_and_none_is_too_small_to_hit(self):
        rows = [
            Row(n, 5, 100, 10.0, size, 0.5, 0.9, 0.9, 0, "genome")
            for n, size in ((1, 1_000), (2, 4_000_000), (3, 1_000_000))
        ]
        drawn = {one["code"]: one["symbolSize"] for one in bubbles.depth_against_gc(rows)["series"][0]["data"]}
        assert drawn[2] / drawn[1] == pytest.approx(0.5)
        assert drawn[0] == 9

    def test_bins_without_depth_or_gc_have_no_bubble(self):
        row = report_files.ROWS[0]
        assert (
            bubbles.depth_against_gc([dataclasses.replace(row, depth=None), dataclasses.replace(row, gc=None)]) is None
        )

    @pytest.mark.parametrize(("depth", "least"), [(12, 1), (0.6, 0.1), (0.02, 0.01)])
    def test_depth_begins_at_a_power_of_ten(self, depth, least):
        (row,) = [dataclasses.replace(report_files.ROWS[0], depth=depth)]
        assert bubbles.depth_against_gc([row])["yAxis"]["min"] == pytest.approx(least)

    def test_curves_without_views_or_held_out_sequences(self):
        epochs = [Epoch(1, 2.0, 2.0, 0.0, 0.0, None, None, 1.0, 1e-3, 8)]
        drawn = curves.training(epochs)
        assert list(drawn) == ["loss"]
        assert [line["name"] for line in drawn["loss"]["series"]] == ["training"]
        assert drawn["loss"]["series"][0]["showSymbol"]


class TestWords:
    def test_every_kind_of_bin_is_explained(self):
        depths, sizes, closed = (None, 0.4, 20), (None, 1e4, 5e5, 5e6), (None, 0.5, 0.9)
        kinds = {summaries._kind(*told) for told in itertools.product(depths, sizes, closed, (False, True))}
        assert kinds == set(page.KINDS)

    def test_every_reason_is_explained(self):
        assert set(bins.REASONS) < set(page.MEANINGS)

    @pytest.mark.parametrize(
        ("share", "text"),
        [(0, "0.0 %"), (1, "100.0 %"), (0.5, "50.0 %"), (0.9996, "99.96 %"), (0.0004, "0.04 %"),
         (1 - 1e-6, "> 99.99 %"), (1e-6, "< 0.01 %"), (None, "–"), (float("nan"), "–")],
    )  # fmt: skip
    def test_percent_tells_nearly_all_from_all(self, share, text):
        assert page.percent(share) == text

    @pytest.mark.parametrize(
        ("bases", "text"),
        [(0, "0 b"), (999, "999 b"), (1000, "1 kb"), (12_345, "12.3 kb"), (999_700, "1,000 kb"), (4_641_652, "4.64 Mb"),
         (6.1e8, "610 Mb"), (2.5e12, "2,500 Gb"), (None, "–")],
    )  # fmt: skip
    def test_amounts_have_three_digits(self, bases, text):
        assert page.amount(bases) == text
