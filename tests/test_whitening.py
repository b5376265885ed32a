"""Distances are in units of what differs within one genome, plus the noise of the points."""

import numpy as np
import pytest

from vaebin.whitening import POINTS_A_DIRECTION, leading, scale_by_noise, scatter_within, whiten

RNG = np.random.default_rng(51)
MIXING = RNG.normal(size=(4, 4))
COVARIANCE = MIXING @ MIXING.T + np.eye(4)
PLANTED = np.diag([4.0, 1.0, 0.25, 0.0])


class TestScalingByNoise:
    def test_noise_becomes_the_identity(self):
        root = np.linalg.cholesky(COVARIANCE)
        scaled = scale_by_noise(root.T, COVARIANCE)  # rows whose Gram matrix is the covariance
        assert scaled.T @ scaled == pytest.approx(np.eye(4), abs=1e-9)

    def test_the_identity_changes_no_distance(self):
        points = RNG.normal(size=(5, 4)).astype(np.float32)
        scaled = scale_by_noise(points, np.eye(4))
        assert np.linalg.norm(scaled, axis=1) == pytest.approx(np.linalg.norm(points, axis=1), rel=1e-6)

    def test_a_direction_without_noise_stays_finite(self):
        assert np.isfinite(scale_by_noise(np.ones((2, 2)), np.diag([1.0, 0.0]))).all()

    def test_of_unknown_noise_means_stay_as_they_are(self):
        means = np.array([[1, 2], [3, 4]], np.float32)
        assert (scale_by_noise(means, None) == means).all()


def sample(scatter, groups=100, size=20):
    """Points of groups far apart, scattered within by `scatter` and by noise of 1 / weight; their weights, groups."""
    owner = np.repeat(np.arange(groups), size)
    weights = RNG.integers(2, 60, len(owner)).astype(float)
    centres = RNG.normal(scale=20, size=(groups, 4))
    within = RNG.multivariate_normal(np.zeros(4), scatter, len(owner))
    noise = RNG.normal(size=(len(owner), 4)) / np.sqrt(weights)[:, None]
    return centres[owner] + within + noise, weights, owner


class TestScatterWithin:
    def test_a_planted_covariance_comes_back(self):
        assert scatter_within(*sample(PLANTED)) == pytest.approx(PLANTED, abs=0.3)

    def test_points_that_differ_by_noise_alone_have_none(self):
        assert scatter_within(*sample(np.zeros((4, 4)))) == pytest.approx(np.zeros((4, 4)), abs=0.01)

    def test_no_direction_is_negative(self):
        assert np.linalg.eigvalsh(scatter_within(*sample(np.zeros((4, 4)), groups=5))).min() >= -1e-12

    def test_by_hand(self):
        """20 points in 4 groups at -1, -1, 0, 1 and 1, weight 10: 4 / (5 - 1) between them, less 1/10 of noise."""
        points = np.tile([-1.0, -1.0, 0.0, 1.0, 1.0], 4)[:, None]
        assert scatter_within(points, np.full(20, 10.0), np.repeat(np.arange(4), 5)) == pytest.approx(0.9)

    @pytest.mark.parametrize(
        "groups",
        [np.empty(0, int), np.zeros(12, int), np.arange(60), np.repeat(np.arange(30), 2)],
        ids=["no points", "too few points", "single points", "pairs"],
    )
    def test_is_zero_where_too_few_points_tell(self, groups):
        points = RNG.normal(size=(len(groups), 4))
        assert scatter_within(points, np.ones(len(groups)), groups).tolist() == np.zeros((4, 4)).tolist()


class TestWhitening:
    def test_unit_is_scatter_plus_mean_noise(self):
        points, weights, owner = sample(PLANTED)
        white, _ = whiten(points, weights, PLANTED)
        rest = np.concatenate([white[owner == g] - white[owner == g].mean(0) for g in range(100)])
        assert np.cov(rest.T) == pytest.approx(np.eye(4), abs=0.15)

    def test_without_scatter_noise_is_the_unit(self):
        points = np.array([[0.0], [1.0]])
        assert np.ptp(whiten(points, np.array([4.0, 4.0]), np.zeros((1, 1)))[0]) == pytest.approx(2)


class TestLeadingDirections:
    """Few points: fewer directions."""

    def groups_of_three(self, points, directions):
        """Points that differ in two directions by what group they are of, in the others by chance."""
        places = RNG.normal(size=(points, directions))
        places[:, 3] += 20.0 * (np.arange(points) % 3)
        places[:, 7] -= 30.0 * (np.arange(points) % 3 == 0)
        return places

    @pytest.mark.parametrize("points", [8 * 24, 1000])
    def test_many_points_keep_all(self, points):
        places, within = self.groups_of_three(points, 24), np.linspace(0, 1, 24)
        kept, share = leading(places, within)
        assert kept is places
        assert share is within

    @pytest.mark.parametrize(("points", "wanted"), [(100, 100 // POINTS_A_DIRECTION), (20, 2), (2, 2)])
    def test_few_points_keep_as_many_as_they_fill(self, points, wanted):
        kept, share = leading(self.groups_of_three(points, 24), np.zeros(24))
        assert kept.shape == (points, wanted)
        assert share.shape == (wanted,)

    def test_the_share_of_scatter_follows_its_direction(self):
        """Direction 7 differs most and comes last, then 3; the others have no scatter."""
        within = np.zeros(24)
        within[[3, 7]] = 0.4, 0.8
        _, share = leading(self.groups_of_three(40, 24), within)
        assert share.sum() == pytest.approx(1.2, abs=0.1)
        assert share[:-2] == pytest.approx(np.zeros(len(share) - 2), abs=0.1)

    def test_what_differs_between_groups_is_kept(self):
        places = self.groups_of_three(60, 24)
        kept, _ = leading(places, np.zeros(24))
        centres, found = (np.stack([x[g::3].mean(0) for g in range(3)]) for x in (places[:, [3, 7]], kept))
        for a, b in ((0, 1), (0, 2), (1, 2)):
            expected = np.linalg.norm(centres[a] - centres[b])
            assert np.linalg.norm(found[a] - found[b]) == pytest.approx(expected, rel=0.1)

    @pytest.mark.parametrize("points", [0, 1])
    def test_one_point_has_no_directions_to_choose_from(self, points):
        assert leading(np.ones((points, 5)), np.zeros(5))[0].shape == (points, 5)
