"""One row a bin: sizes, depth, closure, nearest bin and a plain word, by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from vaebin.binning import Binning
from vaebin.formats.summary import COLUMNS, Row, cells
from vaebin.points import Points
from vaebin.summaries import CLOSED, GENOME, SMALL, closure, summarize

LINK = 1.0

SHUT = [(0, 1, LINK)]  # all links of bin 1 stay inside
OPEN = [(0, 1, LINK), (0, 2, LINK), (1, 2, LINK)]  # half of them
assert 0.5 < CLOSED < 1


def matrix(n, *rows):
    dense = np.zeros((n, n))
    for i, j, weight in rows:
        dense[i, j] = dense[j, i] = weight
    return sp.csr_matrix(dense)


def binning(best, places, *links):
    """Every sequence by itself."""
    best = np.array(best)
    n = len(best)
    points = Points(
        np.array(places, float), np.ones(n), sp.identity(n, format="csr"), np.arange(n), matrix(n, *links),
        np.zeros(len(places[0])),
    )  # fmt: skip
    return Binning(np.arange(n), np.eye(best.max() + 1)[best][:, 1:], points)


class TestClosure:
    @pytest.mark.parametrize(
        ("links", "expected"),
        [
            ([(0, 1, LINK)], [1, np.nan]),
            ([(0, 1, LINK), (1, 2, LINK)], [2 / 3, 0]),
            ([(0, 1, LINK), (1, 2, LINK), (2, 3, 9 * LINK)], [2 / 3, 2 / 3]),
            ([(0, 1, LINK), (1, 4, LINK)], [2 / 3, np.nan]),
            ([], [np.nan, np.nan]),
        ],
        ids=["inside", "one across", "weights do not count", "to no bin", "none"],
    )
    def test_share_of_link_ends_that_stay_inside(self, links, expected):
        found = closure(matrix(5, *links), np.array([1, 1, 2, 2, 0]), 2)
        assert found == pytest.approx(np.array(expected), nan_ok=True)


class TestRows:
    lengths = np.array([6000, 2000, 4000, 1000, 3000])
    gc = np.array([0.5, 0.3, 0.4, 0.6, 0.1])
    probability = np.array([1.0, 0.9, 0.8, 0.7, 0.0])

    def rows(self, depths, assigned=(1, 1, 2, 2, 0), links=((0, 1, 9), (2, 3, 9), (1, 2, 9)), **more):
        found = binning([1, 1, 2, 2, 0], [[0], [1], [5], [6], [0]], *links)
        return summarize(
            found.points, found.best, np.array(assigned), self.probability, self.lengths, depths, self.gc, **more
        )

    def test_by_hand(self):
        first, second = self.rows(np.array([4.0, 8.0, 2.0, 2.0, 0.0]))
        assert (first.number, first.sequences, first.bases, first.nearest) == (1, 2, 8000, 2)
        assert first.depth == 4  # most bases lie at this depth
        assert first.genome_size == 2000
        assert first.gc == pytest.approx((0.5 * 6000 + 0.3 * 2000) / 8000)
        assert first.closure == pytest.approx(2 / 3)
        assert first.probability == pytest.approx(0.95)
        assert (second.number, second.bases, second.genome_size, second.nearest) == (2, 5000, 2500, 1)

    def test_only_assigned_sequences_count(self):
        first, _ = self.rows(np.full(5, 2.0), assigned=(1, 0, 2, 2, 0))
        assert (first.sequences, first.bases) == (1, 6000)

    def test_bins_with_nothing_assigned_have_no_row(self):
        assert [row.number for row in self.rows(np.full(5, 2.0), assigned=(0, 0, 2, 0, 0))] == [2]

    def test_without_overlaps_depth_is_unknown(self):
        for row in self.rows(None, links=()):
            assert (row.depth, row.genome_size, row.closure, row.kind) == (None, None, None, "unknown")

    def test_depth_too_thin_for_a_genome_size(self):
        for row in self.rows(np.full(5, 0.4)):
            assert (row.genome_size, row.kind) == (None, "thin")

    def test_contigs_lie_once_on_their_genome_and_depth_is_the_mean_over_their_bases(self):
        depths = np.array([4.0, 8.0, 2.0, 2.0, 0.0])
        first, second = self.rows(depths, links=(), of_contigs=True)
        assert (first.bases, first.genome_size, first.depth) == (
            8000,
            8000,
            pytest.approx(5),
        )  # (4 * 6000 + 8 * 2000) / 8000
        assert (second.bases, second.genome_size, second.depth) == (5000, 5000, 2)
        assert (first.closure, second.closure) == (None, None)

    @pytest.mark.parametrize(("size", "kind"), [(GENOME, "genome"), (GENOME - 1, "fragment"), (SMALL, "fragment")])
    def test_kinds_of_contigs_go_by_bases_alone(self, size, kind):
        found = binning([1], [[0]])
        lengths = np.array([size], np.int64)
        (row,) = summarize(
            found.points, found.best, found.best, np.ones(1), lengths, np.full(1, 50.0), np.zeros(1), of_contigs=True
        )
        assert row.kind == kind

    def test_an_only_bin_has_no_nearest(self):
        found = binning([1, 1], [[0], [1]])
        (row,) = summarize(found.points, found.best, np.array([1, 1]), np.ones(2), np.array([5, 5]), None, np.zeros(2))
        assert row.nearest == 0

    def test_nearest_is_by_the_middle_of_the_points(self):
        found = binning([1, 1, 1, 2, 3], [[0], [0], [99], [10], [15]])
        rows = summarize(found.points, found.best, found.best, np.ones(5), np.full(5, 10), None, np.zeros(5))
        assert [row.nearest for row in rows] == [2, 3, 2]

    @pytest.mark.parametrize(
        ("depth", "size", "links", "kind"),
        [
            (5, GENOME, SHUT, "genome"),
            (5, GENOME, [], "genome"),
            (5, GENOME - 100, SHUT, "fragment"),
            (5, 2 * GENOME, OPEN, "mixed?"),
            (50, SMALL, SHUT, "plasmid-like"),
            (50, SMALL + 100, SHUT, "fragment"),
            (5, SMALL, SHUT, "fragment"),
            (50, SMALL, OPEN, "mixed?"),
            (0.4, GENOME, SHUT, "thin"),
        ],
        ids=[
            "large", "large, no links", "not so large", "large, open", "small and deep", "not so small",
            "small, not deep", "small, open", "too thin",
        ],
    )  # fmt: skip
    def test_kinds(self, depth, size, links, kind):
        found = binning([1, 1, 2], [[0], [1], [2]], *links)
        lengths = np.array([round(depth * size) - 1, 1, 1])
        first, _ = summarize(
            found.points, found.best, found.best, np.ones(3), lengths, np.full(3, float(depth)), np.zeros(3)
        )
        assert first.kind == kind

    def test_sequences_without_bases(self):
        found = binning([1, 1], [[0], [1]])
        (row,) = summarize(found.points, found.best, found.best, np.ones(2), np.zeros(2, int), np.ones(2), np.zeros(2))
        assert (row.bases, row.depth, row.genome_size) == (0, 1, 0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            Row(1, 10, 12_345, 3.14159, 3929, 0.51239, 0.98765, 0.99951, 2, "fragment"),
            ("bin_1", 10, 12_345, "3.14", 3929, "0.512", "0.988", "1.000", "bin_2", "fragment"),
        ),
        (
            Row(3, 1, 5, None, None, 0.0, None, 1.0, 0, "unknown"),
            ("bin_3", 1, 5, "", None, "0.000", "", "1.000", None, "unknown"),
        ),
    ],
    ids=["known", "unknown"],
)
def test_cells_are_rounded_and_empty_where_unknown(row, expected):
    assert cells(row) == expected
    assert len(expected) == len(COLUMNS)
