"""Pictures and pages: colours that all can tell apart, names that cover nothing, the same bytes every time."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from vaebin.figures import interactive, scatter
from vaebin.figures.labels import Placement
from vaebin.figures.palette import COLOURS, NOTHING, SHAPES, colour, number_colours, shape
from vaebin.figures.points import Points, Values, group, medians

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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
        assert "default-src 'none'" in page.text
        assert not re.search(r"https?://|@import|fetch\(|XMLHttp", page.text)

    def test_ids_of_any_kind_stay_data(self, tmp_path):
        names = ["</script><script>alert(1)</script>", "%DATA%", 'a"b\\c', "é\u2028", "<!--"]
        shown = Points(names, np.zeros(5, int), np.random.default_rng(0).normal(size=(5, 2)), "PCA", 5)
        interactive.write(tmp_path / "a.html", shown)
        page = Page(tmp_path / "a.html")
        assert json.loads(page.data)["id"] == names
        assert [tag for tag, _ in page.tags].count("script") == 2

    def test_ten_thousand_points_stay_under_a_megabyte(self, tmp_path):
        shown = points(groups=100, size=99, unbinned=100)
        long_ids = [f"{i:08x}-0000-4000-8000-000000000000" for i in range(len(shown.ids))]
        interactive.write(
            tmp_path / "a.html", Points(long_ids, *[getattr(shown, f) for f in list(shown.__dataclass_fields__)[1:]])
        )
        assert (tmp_path / "a.html").stat().st_size < 1e6

    def test_the_page_draws_every_shape_that_a_group_may_have(self, tmp_path):
        interactive.write(tmp_path / "a.html", VARIETY["plain"])
        polygons = Page(tmp_path / "a.html").text.partition("POLYGONS = {")[2].partition("};")[0]
        assert set(re.findall(r'"(.)":', polygons)) | {"o"} == set(SHAPES)


SCRIPT = """<script>
window.addEventListener("load", () => setTimeout(() => {
  fit();  // a busy machine may not have drawn a frame yet, and so not told the page its size
  const box = canvas.getBoundingClientRect();
  const hover = (i) => {
    const [x, y] = [across(data.x[i]) + box.left, down(data.y[i]) + box.top];
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
    return about.style.display === "block" ? about.innerText.split(/\\s*\\n\\s*|\\t/) : [];
  };
  const seen = { shown: data.x.length ? hover(0) : [] }, first = document.querySelector("#legend button");
  if (first) {
    first.click();
    seen.off = [first.getAttribute("aria-pressed"), hidden.size];
    first.click();
    first.dispatchEvent(new MouseEvent("dblclick"));
    seen.alone = switches.size - hidden.size;
    find("none").click();
    seen.none = hover(0);
    find("all").click();
    seen.all = hidden.size;
  }
  zoom(3, 100, 100); move(10, 10); draw(); reset();
  seen.errors = errors;
  document.title = "seen" + JSON.stringify(seen);
}, 300));
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium to open the page with")
class TestInChromium:
    def open(self, shown, folder):
        interactive.write(folder / "a.html", shown)
        text = (folder / "a.html").read_text()
        watch = "<script>const errors = []; window.onerror = (message) => errors.push(message);</script>"
        (folder / "b.html").write_text(text.replace("<body>", "<body>" + watch).replace("</body>", SCRIPT + "</body>"))
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        done = subprocess.run(
            [CHROMIUM, *flags, f"--user-data-dir={folder}/profile", "--window-size=900,700",
             "--virtual-time-budget=3000", "--dump-dom", (folder / "b.html").as_uri()],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        title = re.search(r"<title>seen(.*?)</title>", done.stdout)
        assert title, done.stderr
        return json.loads(title[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))

    def test_hovering_tells_and_the_legend_switches(self, tmp_path):
        assert self.open(VARIETY["three bins"], tmp_path) == {
            "shown": ["id", "read 0", "bin", "bin_1", "probability", "0.500", "length", "1,000 bp"],
            "off": ["false", 1],
            "alone": 1,
            "none": [],
            "all": 0,
            "errors": [],
        }

    @pytest.mark.parametrize("name", ["numbers", "none"])
    def test_no_errors_without_groups(self, name, tmp_path):
        assert self.open(VARIETY[name], tmp_path)["errors"] == []
