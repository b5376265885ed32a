"""Two dimensions of many: UMAP, or the first two principal components where there are too few points for it."""

import contextlib
import functools
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaebin.config import PlotConfig

Method = Literal["UMAP", "PCA"]
Matrix = NDArray[np.float64]

EPOCHS = 200  # UMAP's own number for more than 10,000 points; the 500 it takes for fewer draw the same picture


class Projection(NamedTuple):
    """coordinates: (n, 2). method: how they came about."""

    coordinates: Matrix
    method: Method


def project(points: NDArray[np.floating], config: PlotConfig) -> Projection:
    """Project (n, d) points by UMAP (McInnes, Healy & Melville 2018), starting from their principal components.

    Up to `n_neighbors` different points, and such as UMAP makes nothing finite of, get their principal components.
    The same points and seed give the same coordinates: neighbours are exact, and all runs on one thread.
    """
    exact: Matrix = np.asarray(points, np.float64)
    if len(np.unique(exact, axis=0)) > config.n_neighbors:
        coordinates = _umap(exact, config)
        if np.isfinite(coordinates).all():
            return Projection(coordinates, "UMAP")
    return Projection(principal_components(exact), "PCA")


def principal_components(points: Matrix) -> Matrix:
    """The first two principal components of (n, d) points, (n, 2); zeros for those that there are not."""
    components = np.zeros((len(points), 2))
    if points.size:
        left, scale, right = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
        signs = np.where(np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1)[:, 0] < 0, -1, 1)
        found = min(2, len(scale))
        components[:, :found] = (left * scale * signs)[:, :found]
    return components


def sample(groups: NDArray[np.integer], size: int, seed: int) -> NDArray[np.int64]:
    """Rows of a random sample, in order; rare groups keep points enough to be seen.

    groups: (n,) the group of each row. Of each group up to 20 rows are drawn first (fewer where the groups are so
    many that this would take more than half of the sample), then the rest from all that is left.
    """
    order = np.random.default_rng(seed).permutation(len(groups))
    drawn = groups[order]
    by_group = np.argsort(drawn, kind="stable")
    _, starts, sizes = np.unique(drawn[by_group], return_index=True, return_counts=True)
    rank = np.empty(len(groups), np.int64)
    rank[by_group] = np.arange(len(groups)) - np.repeat(starts, sizes)
    kept = min(20, size // (2 * max(1, len(sizes))))
    return np.sort(order[np.argsort(rank >= kept, kind="stable")][:size])


def _umap(points: Matrix, config: PlotConfig) -> Matrix:
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings(), _umap_class() as umap_class:
        warnings.simplefilter("ignore")  # it could not transform new points, which nobody asks for
        search = NearestNeighbors(n_neighbors=config.n_neighbors, n_jobs=1).fit(points)
        distances, indices = search.kneighbors(points)
        model = umap_class(
            n_neighbors=config.n_neighbors, min_dist=config.min_dist, random_state=config.seed, n_jobs=1, init="pca",
            n_epochs=EPOCHS, precomputed_knn=(indices, distances),
        )  # fmt: skip
        return np.asarray(model.fit_transform(points), np.float64)


_private: dict[str, ModuleType] = {}


@contextlib.contextmanager
def _umap_class() -> Iterator[Any]:
    """UMAP that keeps what it compiles, without pynndescent's kernels, which are for finding the neighbours we bring.

    Either takes over 10 s to compile. Modules imported so are kept for us alone: whoever else in this process imports
    them gets them as they are.
    """
    if "umap" in sys.modules:
        from umap import UMAP

        yield UMAP
        return
    sys.modules.update(_private)
    try:
        yield _imported()
    finally:
        for name in [n for n in sys.modules if n.partition(".")[0] in ("umap", "pynndescent")]:
            _private[name] = sys.modules.pop(name)


def _imported() -> Any:
    try:
        return _import()
    except RuntimeError:  # numba finds no folder that it may write to, neither its own nor the user's
        _cache_in_temporary_folder()
        return _import()


def _import() -> Any:
    import numba

    compiler: Any = numba
    disabled, njit = compiler.config.DISABLE_JIT, compiler.njit
    compiler.config.DISABLE_JIT = 1
    try:
        import pynndescent  # noqa: F401

        compiler.config.DISABLE_JIT = disabled
        compiler.njit = functools.partial(njit, cache=True)
        from umap import UMAP
    finally:
        compiler.config.DISABLE_JIT, compiler.njit = disabled, njit
    return UMAP


def _cache_in_temporary_folder() -> None:
    import atexit
    import shutil

    import numba

    folder = tempfile.mkdtemp(prefix="vaebin-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = folder
    settings: Any = numba.config
    settings.reload_config()
