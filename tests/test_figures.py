"""Pictures and pages: colours that all can tell apart, names that cover nothing, the same bytes every time."""

import hashlib
import json
import re
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest

from vaebin.figures import interactive, scatter
from vaebin.figures.labels import Placement
from vaebin.figures.palette import COLOURS, NOTHING, OUTLINES, SHAPES, colour, number_colours, outline, shape
from vaebin.figures.points import Points, Values, group, medians

SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}


def points(groups=3, size=30, unbinned=5, colouring="bins", method="UMAP"):
    rng = np.random.default_rng(0)
    labels = [f"bin_{i + 1}" for i in range(groups) for _ in range(size)] + [""] * unbinned
    n = len(labels)
    centres = rng.normal(size=(groups + 1, 2)) * 20
    xy = centres[np.minimum(np.arange(n) // max(1, size), groups)] + rng.normal(size=(n, 2))
    shown = {"bins": group("bin", labels, "unbinned"), "length": Values("length", rng.normal(size=n), "none")}
    return Points(
        [f"read {i}" for i in range(n)], np.arange(n) + 1000, xy, method, n, [label or "unbinned" for label in labels],
        np.full(n, 0.5), shown.get(colouring),
    )  # fmt: skip


VARIETY = {
    "three bins": points(),
    "more bins than colours and shapes": points(groups=85, size=2),
    "numbers": points(colouring="length"),
    "plain": points(colouring="none"),
    "nothing binned": points(groups=0),
    "one": points(groups=1, size=1, unbinned=0, method="PCA"),
    "none": points(groups=0, unbinned=0, method="PCA"),
}
# Linear RGB as seen without the long, middle or short cones (Machado, Oliveira & Fernandes 2009, severity 1).
SIGHT = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
EACH = pytest.mark.parametrize("shown", VARIETY.values(), ids=VARIETY.keys())


class TestPalette:
    @staticmethod
    def linear(hexes):
        rgb = np.array([[int(h[i : i + 2], 16) / 255 for i in (1, 3, 5)] for h in hexes])
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)

    @staticmethod
    def oklab(rgb):
        cones = [
            [0.4122215, 0.5363325, 0.0514460],
            [0.2119035, 0.6806995, 0.1073970],
            [0.0883025, 0.2817188, 0.6299787],
        ]
        axes = [
            [0.2104543, 0.7936178, -0.0040720],
            [1.9779985, -2.4285922, 0.4505937],
            [0.0259040, 0.7827718, -0.8086758],
        ]
        return np.cbrt(np.clip(rgb, 0, 1) @ np.transpose(cones)) @ np.transpose(axes)

    @pytest.mark.parametrize("sight", SIGHT)
    def test_everyone_tells_the_colours_apart(self, sight):
        """By three times the difference that is just noticed side by side, which is about 0.02 in Oklab."""
        seen = self.oklab(self.linear([*COLOURS, NOTHING]) @ np.transpose(SIGHT[sight]))
        apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
        assert apart[~np.eye(len(seen), dtype=bool)].min() > 0.06

    @pytest.mark.parametrize(("ground", "contrast"), [("#ffffff", 1.7), ("#15171c", 2.8)], ids=["light", "dark"])
    def test_colours_stand_out_from_the_ground(self, ground, contrast):
        light, below = (self.linear(c) @ [0.2126, 0.7152, 0.0722] + 0.05 for c in (COLOURS, [ground]))
        assert (np.maximum(light, below) / np.minimum(light, below)).min() > contrast

    def test_eighty_groups_look_different(self):
        assert len({(colour(i), shape(i)) for i in range(80)}) == 80

    def test_numbers_go_from_dark_to_light(self):
        lightness = self.oklab(self.linear(number_colours(8)))[:, 0]
        assert (np.diff(lightness) > 0).all()


class TestPoints:
    def test_groups_come_by_size_then_by_name(self):
        made = group("bin", ["bin_10", "bin_2", "bin_1", "bin_1", ""], "unbinned")
        assert made.names == ["bin_1", "bin_2", "bin_10"]
        assert made.sizes == [2, 1, 1]
        assert made.codes.tolist() == [2, 1, 0, 0, -1]
        assert made.nothings == 1

    def test_a_name_belongs_on_a_point_of_its_group(self):
        ring = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [11, 10.0]])
        made = group("bin", ["", "bin_1", "bin_1", "bin_1", "bin_2"], "unbinned")
        assert medians(ring, made) == {0: (10, 10), 1: (11, 10)}

    @pytest.mark.parametrize(
        ("numbers", "limits"),
        [([], (0, 1)), ([np.nan], (0, 1)), ([3, 3], (2.5, 3.5)), ([*range(101), np.nan], (1, 99))],
        ids=["none", "unknown", "all the same", "percentiles"],
    )
    def test_limits_of_numbers(self, numbers, limits):
        assert Values("x", np.array(numbers, float), "none").limits() == limits

    @pytest.mark.parametrize(
        ("n", "total", "method", "title"),
        [
            (0, 0, "PCA", "no sequences"),
            (1, 1, "PCA", "1 sequence: too few, or too alike, for UMAP; principal components"),
            (1000, 1000, "UMAP", "1,000 sequences"),
            (10, 1000, "UMAP", "10 of 1,000 sequences"),
        ],
    )
    def test_titles(self, n, total, method, title):
        assert Points([""] * n, np.zeros(n), np.zeros((n, 2)), method, total).title() == title


class TestPlacement:
    FRAME = ((0.0, 0.0), (100.0, 100.0))

    def test_on_a_large_group(self):
        disc = np.stack(np.meshgrid(np.arange(30.0), np.arange(30.0)), axis=-1).reshape(-1, 2) + 30
        middle = np.array([44.5, 44.5])
        placed = Placement(disc, np.zeros(len(disc), int), self.FRAME).place(0, middle, (8, 5))
        assert placed.tolist() == middle.tolist()

    def test_above_a_small_group(self):
        dot = np.array([[50.0, 50.0]])
        x, y = Placement(dot, np.zeros(1, int), self.FRAME).place(0, dot[0], (8, 4))
        assert x == pytest.approx(50)
        assert y > 52

    def test_within_the_frame_and_apart_from_each_other(self):
        rng = np.random.default_rng(0)
        dots = np.concatenate([rng.uniform(0, 100, (20, 2)), [[0, 0], [100, 100]]])
        placement = Placement(dots, np.arange(len(dots)), self.FRAME)
        centres = np.array([placement.place(i, dot, (6, 3)) for i, dot in enumerate(dots)])
        apart = np.abs(centres[:, None] - centres[None]) >= (6, 3)
        assert (apart.any(axis=2) | np.eye(len(dots), dtype=bool)).all()
        assert (centres > (3, 1.5)).all()
        assert (centres < (97, 98.5)).all()


class TestScatter:
    @EACH
    @pytest.mark.parametrize("kind", SIGNATURES)
    def test_is_a_picture_with_the_same_bytes_every_time(self, shown, kind, tmp_path):
        scatter.draw(tmp_path / "a.dat", kind, shown)
        scatter.draw(tmp_path / "b.dat", kind, shown)
        first = (tmp_path / "a.dat").read_bytes()
        assert first.startswith(SIGNATURES[kind])
        assert first == (tmp_path / "b.dat").read_bytes()

    def test_the_users_own_settings_change_nothing(self, tmp_path):
        import matplotlib as mpl

        scatter.draw(tmp_path / "a.svg", "svg", VARIETY["three bins"])
        with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
            scatter.draw(tmp_path / "b.svg", "svg", VARIETY["three bins"])
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

    def test_the_legend_has_the_largest_and_sums_up_the_others(self):
        figure = scatter._figure(points(groups=40, size=10, unbinned=7))
        texts = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
        assert texts[0] == "bin_1 (10)"
        assert texts[scatter.LEGEND_ENTRIES :] == ["10 smaller (100)", "unbinned (7)"]

    def test_every_group_is_named_in_the_picture(self):
        figure = scatter._figure(points(groups=40, size=10))
        assert [t.get_text() for t in figure.axes[0].texts] == [str(i + 1) for i in range(40)]

    def test_unbinned_points_lie_below_the_others(self):
        drawn = scatter._figure(VARIETY["three bins"]).axes[0].collections
        assert [len(c.get_offsets()) for c in drawn] == [5, 30, 30, 30]


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and the data in it."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.data, self._within = [], "", False
        self.text = path.read_text()
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._within = dict(attrs).get("type") == "application/json"

    def handle_endtag(self, tag):
        self._within = False

    def handle_data(self, data):
        self.data += data if self._within else ""


class TestInteractive:
    @EACH
    def test_same_bytes_every_time(self, shown, tmp_path):
        interactive.write(tmp_path / "a.html", shown)
        interactive.write(tmp_path / "b.html", shown)
        assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
        assert len(json.loads(Page(tmp_path / "a.html").data)["x"]) == len(shown.ids)

    def test_asks_nothing_of_the_network(self, tmp_path):
        interactive.write(tmp_path / "a.html", VARIETY["three bins"])
        page = Page(tmp_path / "a.html")
        assert [tag for tag, attrs in page.tags if {"src", "href"} & attrs.keys()] == []
        (policy,) = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert not re.search(r"https?:|\*|'self'", policy)

    def test_ids_of_any_kind_stay_data(self, tmp_path):
        names = ["</script><script>alert(1)</script>", "%DATA%", 'a"b\\c', "é\u2028", "<!--"]
        shown = Points(names, np.zeros(5, int), np.random.default_rng(0).normal(size=(5, 2)), "PCA", 5)
        interactive.write(tmp_path / "a.html", shown)
        page = Page(tmp_path / "a.html")
        assert json.loads(page.data)["id"] == names
        assert [tag for tag, _ in page.tags].count("script") == 3

    def test_ten_thousand_points_take_less_than_a_megabyte_and_a_half(self, tmp_path):
        shown = points(groups=100, size=99, unbinned=100)
        long_ids = [f"{i:08x}-0000-4000-8000-000000000000" for i in range(len(shown.ids))]
        interactive.write(
            tmp_path / "a.html", Points(long_ids, *[getattr(shown, f) for f in list(shown.__dataclass_fields__)[1:]])
        )
        assert (tmp_path / "a.html").stat().st_size < 1.5e6


def test_every_shape_has_its_outline():
    assert set(OUTLINES) == set(SHAPES)
    assert len({outline(10 * i) for i in range(8)}) == 8


class TestLibrary:
    """The charts' library is the one that its makers publish, small, and with its licences."""

    WEB = resources.files("vaebin.figures") / "web"

    def test_it_is_as_published(self):
        digest = hashlib.sha256((self.WEB / "echarts.common.min.js").read_bytes()).hexdigest()
        assert digest == "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"  # of echarts 6.1.0 on npm

    def test_its_licences_are_beside_it(self):
        licences = (self.WEB / "echarts.LICENSE").read_text()
        assert "Apache ECharts 6.1.0" in licences
        assert licences.count("Redistribution and use in source and binary forms") == 2  # zrender's and d3's
        assert "Apache ECharts" in (self.WEB / "echarts.NOTICE").read_text()

    def test_scripts_stay_small(self):
        sizes = {p.name: len(p.read_bytes()) for p in self.WEB.iterdir() if p.name.endswith(".js")}
        assert sum(sizes.values()) < 1.5e6
        assert sum(n for name, n in sizes.items() if not name.startswith("echarts")) < 25e3


class TestInChromium:
    def open(self, shown, visit, folder):
        interactive.write(folder / "a.html", shown)
        return visit(folder / "a.html")

    def hover(self, page, point):
        x, y = page.evaluate(f"map.chart.convertToPixel({{ gridIndex: 0 }}, [data.x[{point}], data.y[{point}]])")
        box = page.locator("#plot").bounding_box()
        page.mouse.move(box["x"] + x + 3, box["y"] + y + 3)  # near a point is on it

    def test_hovering_tells_what_a_point_is(self, visit, tmp_path):
        page = self.open(VARIETY["three bins"], visit, tmp_path)
        self.hover(page, 0)
        page.locator(".about").wait_for()
        assert page.locator(".about").inner_text().split("\n") == [
            "id", "read 0", "bin", "bin_1", "probability", "0.500", "length", "1,000 bp"
        ]  # fmt: skip

    def test_the_legend_switches_by_mouse_and_by_keyboard(self, visit, tmp_path):
        page = self.open(VARIETY["three bins"], visit, tmp_path)
        drawn = "map.chart.getOption().series.filter(Boolean).map((s) => s.id).filter((id) => id != 'names')"
        assert page.evaluate(drawn) == ["of -1", "of 0", "of 1", "of 2"]
        first = page.locator("#legend button").first
        first.click()
        assert first.get_attribute("aria-pressed") == "false"
        assert page.evaluate(drawn) == ["of -1", "of 1", "of 2"]
        first.focus()
        page.keyboard.press("Enter")
        assert page.evaluate(drawn) == ["of -1", "of 0", "of 1", "of 2"]
        first.dblclick()
        assert page.evaluate(drawn) == ["of 0"]
        page.locator("#none").click()
        assert page.evaluate(drawn) == []
        page.locator("#all").click()
        assert len(page.evaluate(drawn)) == 4

    def test_it_zooms_and_comes_back(self, visit, tmp_path):
        page = self.open(VARIETY["three bins"], visit, tmp_path)
        seen = "map.chart.getOption().dataZoom.map((z) => [z.start, z.end])"
        page.locator("#in").click()
        (left, right), (below, above) = page.evaluate(seen)
        assert 0 < left < right < 100
        assert (left, right) == (below, above)
        page.locator("#plot").focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate(seen)[0][0] > left
        page.keyboard.press("0")
        assert page.evaluate(seen) == [[0, 100], [0, 100]]

    @pytest.mark.parametrize("name", ["more bins than colours and shapes", "numbers", "plain", "one", "none"])
    def test_it_draws_whatever_there_is(self, name, visit, tmp_path):
        page = self.open(VARIETY[name], visit, tmp_path)
        pixels = "(all) => all.map((c) => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size)"
        drawn = page.locator("#plot canvas").evaluate_all(pixels)
        assert all(colours > 10 for colours in drawn)
        assert bool(drawn) == bool(VARIETY[name].ids)

    def test_names_do_not_cover_each_other(self, visit, tmp_path):
        page = self.open(points(groups=60, size=1, unbinned=0), visit, tmp_path)
        named = "map.chart.getOption().series.find((s) => s?.id == 'names').data.length"
        before = page.evaluate(named)
        assert 1 < before < 60
        for _ in range(6):
            page.locator("#in").click()
        assert page.evaluate(named) > before  # there is room where it is zoomed
