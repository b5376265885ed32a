"""Each tool's XML says what its Typer command says: options, defaults, bounds, choices, version."""

import dataclasses
import functools
import importlib
import inspect
import re

import pytest
import typer
from serving import TOOLS

from vaebin import __version__, config

parser = pytest.importorskip("galaxy.tool_util.parser", reason="no Galaxy here: make test-galaxy installs one")

STAGES = ["vectorize", "train", "embed", "cluster", "plot", "evaluate", "extract", "report"]
CONFIGS = {
    "vectorize": config.VectorizeConfig, "train": config.TrainConfig, "embed": config.EmbedConfig,
    "cluster": config.ClusterConfig,
}  # fmt: skip

# What the command line has and no form shows, and why.
EVERYWHERE = {
    "--output": "Galaxy names the files",
    "--threads": "the administrator gives them: GALAXY_SLOTS",
    "--device": "the administrator chooses it: GALAXY_VAEBIN_DEVICE",
    "--quiet": "what a stage tells is the job's log",
    "--debug": "for those who mend vaebin",
    "--version": "version_command calls it",
}
LEFT_OUT = {
    "vectorize": {
        "--records": "ranges are for engines that scatter one input; a Galaxy job takes it whole",
        "--count": "is there to plan such ranges by",
    },
    "train": {
        "--checkpoint": "a job that Galaxy runs again starts in a new folder, where no checkpoint is",
        "--resume": "needs a checkpoint",
    },
    "report": {"--run": "tells of vaebin run, which is the workflow here"},
    "embed": {"--block": "rows differ in the last digits with it, and what it saves in memory is little"},
}
# Settings whose default is not a number but a rule.
BY_RULE = {
    "sketch_k": "by the identity of the first reads",
    "sketch_fraction": "by the identity of the first reads",
    "split_by_sample": "they are of one assembly",
}


@functools.cache
def command(stage):
    """The Typer command as click knows it."""
    module = importlib.import_module(f"vaebin.cli.{stage}")
    app = typer.Typer(add_completion=False)
    app.command()(getattr(module, stage))
    return typer.main.get_command(app)


@functools.cache
def options(stage):
    """Each option by its long name; of a pair, --x and --no-x, by the first."""
    found = {}
    for parameter in command(stage).params:
        long = [name for name in parameter.opts if name.startswith("--")]
        if long and long[0] != "--help":
            found[long[0]] = parameter
    return found


@functools.cache
def source(stage):
    return parser.get_tool_source(str(TOOLS / f"vaebin_{stage}.xml"))


@functools.cache
def form(stage):
    """The parameters that stand for an option; several may, in branches of a conditional."""
    found = {}
    for element in source(stage).root.find("inputs").iter("param"):
        if name := element.get("argument"):
            found.setdefault(name, []).append(element)
    return found


def command_line(stage):
    return source(stage).root.find("command").text


def pairs():
    return [pytest.param(stage, name, id=f"{stage} {name}") for stage in STAGES for name in form(stage)]


def is_output(parameter):
    """A file to write, which Galaxy has in its outputs, chosen by name from a list of further outputs."""
    return isinstance(parameter.type, click_path()) and parameter.default is None


@functools.cache
def click_path():
    return type(next(p for p in command("vectorize").params if p.name == "output").type)


def written(stage):
    """Names of the outputs."""
    return {element.get("name") for element in source(stage).root.find("outputs") if element.get("name")}


@pytest.mark.parametrize("stage", STAGES)
class TestEachTool:
    def test_its_version(self, stage):
        tool = source(stage)
        assert tool.parse_id() == f"vaebin_{stage}"
        assert re.fullmatch(rf"{re.escape(__version__)}\+galaxy\d+", tool.parse_version())
        assert tool.parse_version_command() == f"vaebin-{stage} --version"
        root = tool.root.find("requirements")
        assert [(e.text, e.get("version")) for e in root.iter("requirement")] == [("vaebin", __version__)]
        assert [e.text for e in root.iter("container")] == [f"vaebin/vaebin:{__version__}-cpu"]

    def test_a_gpu_is_asked_for_by_what_takes_a_device_alone(self, stage):
        has = {e.get("type"): e.text for e in source(stage).root.iter("resource")}
        takes = "--device" in options(stage)
        assert has == ({"cuda_device_count_min": "0", "cuda_device_count_max": "1"} if takes else {})
        assert ('--device "\\${GALAXY_VAEBIN_DEVICE:-auto}"' in command_line(stage)) == takes
        assert ('--threads "\\${GALAXY_SLOTS:-1}"' in command_line(stage)) == ("--threads" in options(stage))

    def test_every_option_is_in_the_form_or_left_out_for_a_reason(self, stage):
        reasons = EVERYWHERE | LEFT_OUT.get(stage, {})
        outputs = {f"--{name.replace('_', '-')}" for name in written(stage)} | {"--save-overlaps"}
        shown = set(form(stage)) | {name for name, p in options(stage).items() if is_output(p) and name in outputs}
        assert set(options(stage)) - shown - set(reasons) == set()
        assert shown & set(reasons) == set()
        assert set(LEFT_OUT.get(stage, {})) <= set(options(stage))

    def test_the_command_line_gives_options_that_are_there(self, stage):
        lines = re.sub(r"vaebin-\w+", "", command_line(stage))
        given = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", lines))
        known = {name for p in options(stage).values() for name in (*p.opts, *p.secondary_opts)}
        assert given <= known
        switches = {v for e in source(stage).root.iter("param") for v in (e.get("truevalue"), e.get("falsevalue"))}
        assert {v for v in switches if v and v.startswith("--")} <= known

    def test_every_choice_of_the_form_is_made_in_a_test(self, stage):
        """Each branch of the command's template is taken: Cheetah's mistakes show only there."""
        root = source(stage).root
        tests = root.find("tests")
        given = {}
        for element in tests.iter("param"):
            name = element.get("name").split("|")[-1]
            given.setdefault(name, set()).update((element.get("value") or "").split(","))
        for element in root.find("inputs").iter("param"):
            name = element.get("name") or element.get("argument").lstrip("-").replace("-", "_")
            if element.get("type") == "boolean":
                other = "false" if element.get("checked") == "true" else "true"
                assert other in given.get(name, ()), name
            elif element.get("type") == "select" and element.get("multiple") == "true":
                unset = {o.get("value") for o in element.iter("option") if o.get("selected") != "true"}
                assert unset <= given[name], name
            elif element.get("type") == "select" and name in ("how", "by", "export"):
                values = {o.get("value") for o in element.iter("option") if o.get("selected") != "true"}
                assert values <= given[name], name
            else:
                assert given.get(name), name

    def test_its_help_shows_the_way(self, stage):
        text = source(stage).root.find("help").text
        assert f"*vaebin {stage}*" in text
        assert f"[{stage}]" in text


@pytest.mark.parametrize(("stage", "name"), pairs())
class TestEachParameter:
    def test_it_is_an_option(self, stage, name):
        assert name in options(stage)

    def test_its_bounds(self, stage, name):
        kind = options(stage)[name].type
        bounds = tuple(getattr(kind, side, None) for side in ("min", "max"))
        for element in form(stage)[name]:
            # Galaxy shows a slider, set to the middle, where a parameter has both bounds; there a validator holds them.
            stated = element.find("validator[@type='in_range']")
            stated = element if stated is None else stated
            assert tuple(None if stated.get(s) is None else float(stated.get(s)) for s in ("min", "max")) == bounds

    def test_its_type(self, stage, name):
        kind = type(options(stage)[name].type).__name__.lower()
        for element in form(stage)[name]:
            expected = {"integer": "int", "float": "float", "text": "str", "data": "path"}.get(element.get("type"))
            assert expected is None or expected in kind or (expected == "str" and kind.startswith("func")), kind

    def test_its_choices(self, stage, name):
        parameter = options(stage)[name]
        for element in form(stage)[name]:
            if element.get("type") != "select" or name == "--export":
                continue
            values = [o.get("value") for o in element.findall("option") if o.get("value")]
            allowed = getattr(parameter.type, "choices", None) or [*parameter.opts, *parameter.secondary_opts]
            assert sorted(values) == sorted(str(getattr(one, "value", one)) for one in allowed)

    def test_its_default(self, stage, name):
        parameter = options(stage)[name]
        for element in form(stage)[name]:
            if element.get("type") == "data" or is_output(parameter):
                continue
            if parameter.default is None or parameter.name == "preset_name":
                assert element.get("value") is None
            if parameter.name in {f.name for f in dataclasses.fields(CONFIGS.get(stage, _Nothing))} and (
                parameter.default is None
            ):
                assert f"(default: {_told(stage, parameter.name)})" in element.get("help")
            elif parameter.default is not None:
                assert _set(element) == str(getattr(parameter.default, "value", parameter.default)), name


@dataclasses.dataclass
class _Nothing:
    pass


def _told(stage, field):
    """A setting's default as the form words it."""
    value = getattr(CONFIGS[stage](), field)
    if field in BY_RULE:
        return BY_RULE[field]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _set(element):
    """What the form is set to at first."""
    if element.get("type") == "boolean":
        return str(element.get("checked") == "true")
    if element.get("type") == "select":
        (chosen,) = (o.get("value") for o in element.findall("option") if o.get("selected") == "true")
        return chosen
    return element.get("value")


def test_presets_are_those_of_the_command_line():
    (preset,) = form("train")["--preset"]
    assert [o.get("value") for o in preset.findall("option")] == list(config.PRESETS)


def test_there_is_a_tool_for_each_stage():
    assert {path.stem for path in TOOLS.glob("*.xml")} == {"macros", *(f"vaebin_{stage}" for stage in STAGES)}
    assert inspect.getdoc(importlib.import_module("vaebin.cli.run").run)  # `run` is the workflow, not a tool
