"""The report in a browser: its table sorts, filters and copies, its legend and its bins' names rule the figures."""

import pytest
from playwright.sync_api import expect

import report_files
from vaebin.reporting import Files, report


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    report(folder / "bins.tsv", folder / "report.html", report_files.write(folder))
    return folder / "report.html"


@pytest.fixture
def page(visit, path):
    return visit(path, viewport={"width": 1300, "height": 900}, permissions=["clipboard-read", "clipboard-write"])


def column(page, number=0):
    """Cells of the rows that are shown."""
    return [
        row.locator("th, td").nth(number).inner_text().strip() for row in page.locator("#bins-body tr:visible").all()
    ]


def head(page, name):
    return page.locator("#bins thead th", has_text=name).first


def drawn(page):
    """The groups on the map, and the bubbles."""
    return page.evaluate(
        "[map.chart.getOption().series.filter(Boolean).map((s) => s.id).filter((id) => id != 'names'),"
        " bubbles.chart.getOption().series[0].data.map((bin) => bin.short)]"
    )


EVERYTHING = [["of -1", "of 0", "of 1", "of 2"], ["2", "1"]]


class TestTable:
    def test_sorts_by_numbers_the_other_way_the_second_time(self, page):
        head(page, "depth").locator("button").click()
        assert column(page) == ["bin_2", "bin_1", "bin_3"]
        assert head(page, "depth").get_attribute("aria-sort") == "descending"
        head(page, "depth").locator("button").click()
        assert column(page) == ["bin_1", "bin_2", "bin_3"]  # what is not known stays last
        assert head(page, "depth").get_attribute("aria-sort") == "ascending"

    def test_sorts_by_words_and_by_keyboard(self, page):
        head(page, "kind").locator("button").focus()
        page.keyboard.press("Enter")
        assert column(page, 12) == ["genome", "mixed?", "thin"]
        page.keyboard.press("Enter")
        assert column(page, 12) == ["thin", "mixed?", "genome"]
        assert page.locator("#bins [aria-sort]").count() == 1

    def test_filters_by_text_and_by_kind(self, page):
        assert page.locator("#shown").inner_text() == "all 3 bins"
        page.locator("#filter").fill("COLI")
        assert column(page) == ["bin_1"]
        assert page.locator("#shown").inner_text() == "1 of 3 bins"
        page.locator("#filter").fill("")
        page.locator("#kind").select_option("thin")
        assert column(page) == ["bin_3"]

    def test_copies_what_is_shown_in_full_precision(self, page):
        page.locator("#filter").fill("bin_2 mixed")
        page.locator("#copy").click()
        page.get_by_text("copied", exact=True).wait_for()
        assert page.evaluate("navigator.clipboard.readText()").split("\n") == [
            "bin\tlabel\tpurity\tcompleteness\tsequences\tbases\tdepth\tgenome_size\tgc\tclosure\tprobability\tsteady\t"
            "kind\tnearest_bin",
            "bin_2\t\t\t\t12\t48000\t130.0\t4100000\t0.655\t0.64\t0.82\t0.631578947368421\tmixed?\tbin_1",
            "",
        ]


class TestFigures:
    def test_the_legend_rules_map_and_bubbles(self, page):
        assert drawn(page) == EVERYTHING
        page.locator("#legend button", has_text="bin_2").click()
        assert drawn(page) == [["of -1", "of 0", "of 2"], ["1"]]
        page.locator("#all").click()
        assert drawn(page) == EVERYTHING

    def test_a_name_in_the_table_shows_its_bin_alone_and_again_all(self, page):
        name = page.locator("#bins-body .name", has_text="bin_2")
        name.click()
        assert drawn(page) == [["of 1"], ["2"]]
        assert name.get_attribute("aria-pressed") == "true"
        assert page.locator("#bin").input_value() == "2"
        name.click()
        assert drawn(page) == EVERYTHING

    def test_hovering_a_point_and_a_bubble_tells_what_it_is(self, page):
        place = "({chart}, x, y) => chart.convertToPixel({ gridIndex: 0 }, [x, y])"
        for plot, spot, says in (
            ("#plot", f"({place})(map, data.map.x[0], data.map.y[0])", "s0"),
            ("#bubbles", f"({place})(bubbles, ...data.bubbles.series[0].data[1].value)", "GC 41.0 %"),
        ):
            page.locator(plot).scroll_into_view_if_needed()
            box, (x, y) = page.locator(plot).bounding_box(), page.evaluate(spot)
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.locator(plot).get_by_text(says).first.wait_for()

    def test_lengths_of_another_bin(self, page):
        page.locator("#bin").select_option("unbinned")
        assert page.evaluate("lengths.chart.getOption().series.map((s) => s.name)") == ["all", "unbinned"]

    def test_every_figure_is_drawn(self, page):
        for name in ("bubbles", "lengths", "loss", "contrast"):
            assert page.locator(f"#{name} svg path").count() > 5


class TestLook:
    GROUND = "getComputedStyle(document.body).backgroundColor"

    def test_in_the_dark_ground_and_charts_are_dark(self, page):
        label = page.locator("#bubbles svg text").first
        light = label.get_attribute("fill")
        assert page.evaluate(self.GROUND) == "rgb(255, 255, 255)"
        page.emulate_media(color_scheme="dark")
        expect(label).not_to_have_attribute("fill", light)  # charts hear of it after the page
        assert page.evaluate(self.GROUND) == "rgb(21, 23, 28)"

    def test_on_paper_it_is_light_and_whole(self, visit, path):
        page = visit(path, color_scheme="dark", viewport={"width": 1300, "height": 900})
        page.evaluate(
            "addEventListener('beforeprint', () => { window.seen = [css('--ground'), document.querySelector('main')"
            ".clientWidth, bubbles.chart.getWidth()]; })"
        )
        pdf = page.pdf(format="A4")
        ground, width, chart = page.evaluate("seen")
        assert (ground, width) == ("#ffffff", 720)
        assert chart <= 720
        assert pdf.startswith(b"%PDF-")
        assert page.evaluate("css('--ground')") == "#15171c"  # and back on the screen

    @pytest.mark.parametrize("width", [360, 800])
    def test_a_narrow_window_scrolls_down_alone(self, visit, path, width):
        page = visit(path, viewport={"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_everything_can_be_reached_by_keyboard(self, page):
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        assert {"filter", "kind", "copy", "depth", "bin_3", "plot", "in", "all", "bin"} <= reached


@pytest.mark.parametrize("n", [0, 4])
def test_nothing_binned_is_no_error(visit, tmp_path, n):
    report_files.bins.write(tmp_path / "bins.tsv", report_files.table([0] * n, [1] * n))
    report(tmp_path / "bins.tsv", tmp_path / "x.html", Files())
    assert "No bin was found." in visit(tmp_path / "x.html").locator("#bins").inner_text()
