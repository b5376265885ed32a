"""Seams: a genome that was parted in two is mended, relatives and strangers stay apart."""

import numpy as np
import pytest
import scipy.sparse as sp

from vaebin import seams


def cloud(centre, points, seed):
    """Points around a centre on the first axis, spread by 1 in each of three directions."""
    return np.random.default_rng(seed).normal(size=(points, 3)) + np.array([centre, 0, 0])


def ring(labels):
    """Links of weight 5 from each point to its two neighbours on a circular genome."""
    n = len(labels)
    i = np.arange(n)
    matrix = sp.coo_matrix((np.full(n, 5.0), (i, (i + 1) % n)), (n, n)).tocsr()
    return (matrix + matrix.T).tocsr()


class TestFilled:
    def test_one_cloud_cut_in_two_is_filled(self):
        whole = cloud(0, 2000, 1)
        left = whole[:, 0] < 0
        assert seams.filled(whole[left], whole[~left]) > 0.9

    @pytest.mark.parametrize("distance", [5, 8, 20])
    def test_two_clouds_have_a_valley(self, distance):
        assert seams.filled(cloud(0, 400, 2), cloud(distance, 400, 3)) < 0.2

    def test_the_valley_is_seen_across_wide_directions(self):
        """The clouds overlap in a direction that varies a lot: only the discriminant parts them."""
        first, second = cloud(0, 400, 4), cloud(8, 400, 5)
        first[:, 1] *= 30
        second[:, 1] *= 30
        assert seams.filled(first, second) < 0.2

    def test_a_dozen_points_show_no_valley(self):
        few, many = (seams.filled(cloud(0, n, 2), cloud(8, n, 3)) for n in (12, 400))
        assert few > 2 * many

    def test_one_place_is_one_cloud(self):
        assert seams.filled(np.zeros((20, 3)), np.zeros((20, 3))) == 1.0


class TestCrossing:
    def test_by_hand(self):
        """Bins a, b, c of points 0 1 | 2 3 | 4: links 0-1, 1-2 and 2-3, however heavy."""
        links = sp.coo_matrix(([9.0, 3, 9], ([0, 1, 2], [1, 2, 3])), (5, 5)).tocsr()
        counted, ratio = seams.count_crossing((links + links.T).tocsr(), np.array([0, 0, 1, 1, 2]), 3)
        assert counted.tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]
        assert ratio[0, 1] == pytest.approx(1 * (3 + 3) / (3 * 3))
        assert ratio[2].tolist() == [0, 0, 0]

    def test_labels_by_lot_cross_as_often_as_expected(self):
        best = np.random.default_rng(6).integers(0, 2, 4000)
        assert seams.count_crossing(ring(best), best, 2)[1][0, 1] == pytest.approx(1, abs=0.05)


class TestMend:
    """600 points on one circular genome, or on two, in the order of their places on it."""

    def spread(self, best):
        return np.eye(best.max() + 1)[best] * 0.8 + 0.2 / (best.max() + 1)

    def mend(self, places, best, links):
        return seams.mend(self.spread(best), places, np.full(len(best), 5.0), links)

    def test_a_genome_in_two_parts_is_mended(self):
        places = cloud(0, 600, 7)
        best = (places[:, 0] > 0).astype(int)
        mended = self.mend(places, best, ring(best))
        assert mended.shape == (600, 1)
        assert mended == pytest.approx(np.ones((600, 1)))

    def test_strangers_that_lie_close_share_no_links(self):
        places = cloud(0, 600, 8)
        best = (places[:, 0] > 0).astype(int)
        order = np.argsort(best, kind="stable")  # each on a stretch of its own: two crossings in all
        assert self.mend(places[order], best[order], ring(best)).shape[1] == 2

    def test_linked_relatives_have_a_valley(self):
        best = np.random.default_rng(9).integers(0, 2, 600)
        places = cloud(0, 600, 10)
        places[best == 1] += [6, 0, 0]
        assert self.mend(places, best, ring(best)).shape[1] == 2

    def test_the_parts_of_the_clearest_seam_are_joined_and_others_stay(self):
        places = np.concatenate([cloud(0, 600, 11), cloud(40, 300, 12)])
        best = np.concatenate([(places[:600, 0] > 0).astype(int) * 2, np.ones(300, int)])
        mended = self.mend(places, best, ring(best))
        assert mended.shape[1] == 2
        assert (mended[:600].argmax(1) == 0).all()
        assert (mended[600:].argmax(1) == 1).all()

    def test_of_small_bins_the_links_decide(self):
        """26 points of a genome, 8 of them in a bin of their own: a valley by chance, but overlaps cross it."""
        best = np.tile([0, 0, 1], 9)[:26]
        places = cloud(0, 26, 14)
        places[best == 1] += [5, 0, 0]
        assert self.mend(places, best, ring(best)).shape[1] == 1
        order = np.argsort(best, kind="stable")
        assert self.mend(places[order], best[order], ring(best)).shape[1] == 2

    def test_few_links_prove_nothing(self):
        places = cloud(0, 600, 13)
        best = (places[:, 0] > 0).astype(int)
        links = ring(best).tolil()
        links[4:] = 0
        links[:, 4:] = 0
        assert self.mend(places, best, links.tocsr()).shape[1] == 2
