"""Work that is not done twice, whatever interrupts it."""

import json

import pytest

from vaebin.errors import InputError
from vaebin.resuming import RECORD, Stage, alone_in, perform


class Kitchen:
    """Two stages, upper.txt from the reads and count.txt from upper.txt, that count how often they work."""

    def __init__(self, folder, suffix="", fails=None):
        self.folder, self.reads = folder / "out", folder / "reads.txt"
        self.folder.mkdir(exist_ok=True)
        if not self.reads.exists():
            self.reads.write_text("acgt")
        self.suffix, self.fails, self.done = suffix, fails, []

    def upper(self):
        self.work("upper", self.reads.read_text().upper() + self.suffix)

    def count(self):
        self.work("count", str(len((self.folder / "upper.txt").read_text())))

    def work(self, name, text):
        if self.fails == name:
            (self.folder / f"{name}.txt").write_text("half")
            raise KeyboardInterrupt
        (self.folder / f"{name}.txt").write_text(text)
        self.done.append(name)

    def cook(self, *names, force=False):
        upper, count = self.folder / "upper.txt", self.folder / "count.txt"
        plan = [
            Stage("upper", {"suffix": self.suffix, "sizes": (1, 2)}, {}, lambda: [upper], self.upper, [self.reads]),
            Stage("count", {}, {"upper.txt": upper}, lambda: [count], self.count),
        ]
        perform([stage for stage in plan if not names or stage.name in names], self.folder, force=force)
        return self.done

    def files(self):
        return {p.name: p.read_bytes() for p in self.folder.iterdir()}


def test_all_is_done_at_first_and_nothing_again(tmp_path):
    assert Kitchen(tmp_path).cook() == ["upper", "count"]
    before = Kitchen(tmp_path).files()
    assert Kitchen(tmp_path).cook() == []
    assert Kitchen(tmp_path).files() == before


def test_force_does_all_again_to_the_same_bytes(tmp_path):
    Kitchen(tmp_path).cook()
    before = Kitchen(tmp_path).files()
    assert Kitchen(tmp_path).cook(force=True) == ["upper", "count"]
    assert Kitchen(tmp_path).files() == before


def other_reads(kitchen):
    kitchen.reads.write_text("tttttttt")


def same_size_reads(kitchen):
    kitchen.reads.write_text("tttt")


def other_parameters(kitchen):
    kitchen.suffix = "!"


def first_output_gone(kitchen):
    (kitchen.folder / "upper.txt").unlink()


def first_output_changed(kitchen):
    (kitchen.folder / "upper.txt").write_text("ACGU")


def last_output_gone(kitchen):
    (kitchen.folder / "count.txt").unlink()


def reads_touched(kitchen):
    kitchen.reads.write_text(kitchen.reads.read_text())


def record_gone(kitchen):
    (kitchen.folder / RECORD).unlink()


def record_broken(kitchen):
    (kitchen.folder / RECORD).write_text("{")


def record_of_another_vaebin(kitchen):
    path = kitchen.folder / RECORD
    path.write_text(path.read_text().replace('"writer": "vaebin ', '"writer": "vaebin 0.'))


def record_of_another_format(kitchen):
    path = kitchen.folder / RECORD
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": [2, 0]}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (other_reads, ["upper", "count"]),
        (same_size_reads, ["upper", "count"]),
        (other_parameters, ["upper", "count"]),
        (first_output_gone, ["upper"]),
        (first_output_changed, ["upper"]),
        (last_output_gone, ["count"]),
        (reads_touched, []),
        (record_gone, ["upper", "count"]),
        (record_broken, ["upper", "count"]),
        (record_of_another_vaebin, ["upper", "count"]),
        (record_of_another_format, ["upper", "count"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_change_makes_necessary(tmp_path, change, expected):
    Kitchen(tmp_path).cook()
    kitchen = Kitchen(tmp_path)
    change(kitchen)
    assert kitchen.cook() == expected
    assert kitchen.cook() == expected, "and a third time nothing more"


@pytest.mark.parametrize("stage", ["upper", "count"])
@pytest.mark.parametrize("first", [True, False], ids=["fresh", "over older results"])
def test_broken_off_and_run_again_gives_the_same_bytes(tmp_path, stage, first):
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    Kitchen(tmp_path / "whole", "!").cook()
    if not first:
        Kitchen(tmp_path / "broken", "?").cook()
    with pytest.raises(KeyboardInterrupt):
        Kitchen(tmp_path / "broken", "!", fails=stage).cook()
    Kitchen(tmp_path / "broken", "!").cook()
    assert Kitchen(tmp_path / "broken").files() == Kitchen(tmp_path / "whole").files()


def test_a_stage_not_asked_for_keeps_results_that_still_hold(tmp_path):
    Kitchen(tmp_path).cook()
    Kitchen(tmp_path).cook("upper")
    assert Kitchen(tmp_path).cook() == []


def test_a_stage_not_asked_for_loses_results_that_no_longer_hold(tmp_path):
    Kitchen(tmp_path).cook()
    Kitchen(tmp_path, suffix="!").cook("upper")
    assert not (tmp_path / "out" / "count.txt").exists()
    assert "count" not in json.loads((tmp_path / "out" / RECORD).read_text())["stages"]


def test_files_that_a_stage_no_longer_writes_are_removed_and_others_are_not(tmp_path):
    def work(*names):
        paths = [tmp_path / name for name in names]
        return lambda: [path.write_text("x") for path in paths], lambda: paths

    for number, names in enumerate([("a", "b", "c"), ("a", "b")]):
        do, outputs = work(*names)
        (tmp_path / "mine").write_text("notes")
        perform([Stage("extract", {"run": number}, {}, outputs, do)], tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "mine", RECORD]


def test_the_record_holds_no_paths(tmp_path):
    Kitchen(tmp_path).cook()
    assert str(tmp_path) not in (tmp_path / "out" / RECORD).read_text()


class TestAloneIn:
    def test_it_makes_the_folder(self, tmp_path):
        with alone_in(tmp_path / "a" / "b", ()):
            assert (tmp_path / "a" / "b").is_dir()

    def test_two_at_once_are_refused(self, tmp_path):
        with alone_in(tmp_path, ()), pytest.raises(InputError, match="another vaebin run is at work in it"):
            alone_in(tmp_path, ()).__enter__()
        with alone_in(tmp_path, ()):
            pass

    def test_what_a_killed_run_left_half_written_is_removed(self, tmp_path):
        (tmp_path / ".bins.tsv.x1y2.part").write_text("half")
        (tmp_path / "bins" / ".vaebin.x1y2.part").mkdir(parents=True)
        (tmp_path / "bins" / ".vaebin.x1y2.part" / "bin_1.fasta").write_text("half")
        (tmp_path / "notes.part").write_text("mine")
        (tmp_path / ".other.x1y2.part").write_text("another program's")
        with alone_in(tmp_path, (".bins.tsv.*.part", "bins/.vaebin.*.part")):
            assert sorted(p.name for p in tmp_path.rglob("*")) == [".other.x1y2.part", "bins", "notes.part"]

    @pytest.mark.parametrize("name", ["file", "file/below"])
    def test_a_file_is_no_folder(self, tmp_path, name):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="is not a folder"):
            alone_in(tmp_path / name, ()).__enter__()
