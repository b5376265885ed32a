"""Projecting: UMAP where there are points enough, principal components elsewhere, the same every time."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from vaebin import projection
from vaebin.config import PlotConfig
from vaebin.projection import principal_components, project, sample


def blobs(groups=3, size=40, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(groups), size)
    return rng.normal(size=(groups, 5))[labels] * 10 + rng.normal(size=(len(labels), 5)), labels


class TestUmap:
    def test_groups_stay_groups(self):
        points, labels = blobs()
        coordinates, method = project(points, PlotConfig())
        assert method == "UMAP"
        assert silhouette_score(coordinates, labels) > 0.8

    def test_the_seed_decides_every_bit(self):
        points, _ = blobs()
        first, again, other = (project(points, PlotConfig(seed=seed)).coordinates for seed in (1, 1, 2))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_it_leaves_no_uncompiled_library_behind(self):
        """Whoever else imports pynndescent in this process must get it compiled, at its usual speed."""
        project(blobs()[0], PlotConfig())
        assert not {"umap", "pynndescent"} & {name.partition(".")[0] for name in sys.modules}

    def test_what_it_compiles_is_kept(self):
        """Its own kernels take 11 s to compile, and come without a cache."""
        njit = numba.njit
        project(blobs()[0], PlotConfig())
        kernel = projection._private["umap.layouts"]._get_optimize_layout_euclidean_single_epoch_fn()
        assert list(Path(kernel.stats.cache_path).glob("layouts._optimize_layout_euclidean_single_epoch-*.nbc"))
        assert numba.njit is njit

    def test_it_runs_where_no_cache_can_be_written(self):
        """As in a container whose files are read-only: numba offers neither its own folder nor the user's."""
        script = (
            "import numpy as np; from vaebin.config import PlotConfig; from vaebin.projection import project;"
            "print(project(np.random.default_rng(0).normal(size=(30, 3)), PlotConfig()).method)"
        )
        settings = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
        settings["NUMBA_CACHE_LOCATOR_CLASSES"] = "UserProvidedCacheLocator"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=settings, check=False)
        assert (done.returncode, done.stdout) == (0, "UMAP\n"), done.stderr


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((0, 4)),
        np.ones((1, 4)),
        np.eye(2, 4),
        np.eye(3, 4),
        np.arange(10.0)[:, None],
        np.random.default_rng(0).normal(size=(15, 4)),
        np.ones((100, 4)),
        np.repeat(np.eye(3), 50, axis=0),
    ],
    ids=["none", "one", "two", "three", "ten on a line", "as many as n_neighbors", "all alike", "three different"],
)
def test_too_few_different_points_get_their_principal_components(points):
    coordinates, method = project(points, PlotConfig(n_neighbors=15))
    assert method == "PCA"
    assert coordinates.shape == (len(points), 2)
    assert np.isfinite(coordinates).all()


def test_principal_components_keep_distances_in_a_plane():
    points = np.array([[0, 0, 7], [4, 0, 7], [0, 2, 7], [4, 2, 7.0]])  # a rectangle of 4 by 2
    components = principal_components(points)
    assert np.abs(components).round(9).tolist() == [[2, 1]] * 4
    assert np.linalg.norm(components[0] - components[3]) == pytest.approx(np.sqrt(20))


def test_one_dimension_has_no_second_component():
    assert principal_components(np.array([[1.0], [3.0]])) == pytest.approx(np.array([[-1, 0], [1, 0]]))


class TestSample:
    @given(st.lists(st.integers(-1, 5), max_size=200), st.integers(1, 100), st.integers(0, 9))
    def test_is_that_many_different_rows_in_order(self, groups, size, seed):
        rows = sample(np.array(groups, np.int64), size, seed)
        assert len(rows) == min(size, len(groups))
        assert (np.diff(rows) > 0).all()
        assert set(rows.tolist()) <= set(range(len(groups)))

    @given(st.integers(0, 9))
    def test_every_group_keeps_twenty(self, seed):
        groups = np.array([0] * 5000 + [1] * 25 + [2] * 3)
        np.random.default_rng(seed).shuffle(groups)
        kept = np.bincount(groups[sample(groups, 200, seed)])
        assert kept[1] >= 20
        assert kept[2] == 3
        assert kept.sum() == 200

    def test_many_groups_share_half_of_it(self):
        groups = np.arange(10).repeat(100)
        assert (np.bincount(groups[sample(groups, 40, 1)]) >= 2).all()

    def test_the_seed_decides(self):
        groups = np.zeros(1000, np.int64)
        assert sample(groups, 50, 1).tolist() == sample(groups, 50, 1).tolist()
        assert sample(groups, 50, 1).tolist() != sample(groups, 50, 2).tolist()
