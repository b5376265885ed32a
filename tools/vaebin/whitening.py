"""Units of distance: what differs within one genome, plus the noise of the points."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

POINTS_A_DIRECTION = 8  # in directions that fewer points fill, chance looks like a gap between genomes


def scale_by_noise(means: NDArray[np.floating], noise: Matrix | None) -> Matrix:
    """Turn and scale (n, d) means so that the noise covariance (d, d) becomes the identity; unknown, it is that."""
    if noise is None:
        return np.asarray(means, np.float64)
    values, vectors = np.linalg.eigh(noise)
    return np.asarray(np.asarray(means, np.float64) @ (vectors / np.sqrt(np.maximum(values, 1e-12))))


def scatter_about_centres(points: Matrix, weights: NDArray[np.float64], groups: NDArray[np.int64]) -> Matrix:
    """The weighted covariance (d, d) of points (m, d) about the weighted centres of their groups (m,)."""
    total = np.maximum(np.bincount(groups, weights), 1e-12)  # a number that no group has
    centres = np.stack([np.bincount(groups, weights * column) for column in points.T], axis=1) / total[:, None]
    rest = points - centres[groups]
    return np.asarray((rest * weights[:, None]).T @ rest / weights.sum())


def scatter_within(points: Matrix, weights: NDArray[np.float64], groups: NDArray[np.int64]) -> Matrix:
    """How a genome differs from itself: the covariance within groups, less the points' own noise (1 / weight).

    points: (m, d), one noise unit a direction for weight 1. weights: (m,) sequences a point. groups: (m,); those of
    fewer than 3 points are left out. Zero where too few points are left to tell.
    """
    dimensions = points.shape[1]
    used = (np.bincount(groups) >= 3)[groups]
    p, w, g = points[used], weights[used], groups[used]
    if len(p) <= 3 * dimensions:
        return np.zeros((dimensions, dimensions))
    freedom = 1 - len(np.unique(g)) / len(p)
    scatter = scatter_about_centres(p, w, g) / freedom
    values, vectors = np.linalg.eigh(scatter - np.eye(dimensions) * len(p) / w.sum())
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def whiten(points: Matrix, weights: NDArray[np.float64], scatter: Matrix) -> tuple[Matrix, NDArray[np.float64]]:
    """Points (m, d) in units of sqrt(scatter + mean noise), and the scatter's share (d,) of each new direction's unit.

    Scatter rules on deep data, noise on thin data.
    """
    noise = float(np.mean(1 / weights))
    total = scatter + noise * np.eye(points.shape[1])
    values = np.maximum(np.linalg.eigvalsh(total), 1e-12)  # in the order of the new directions
    return scale_by_noise(points, total), np.maximum(1 - noise / values, 0)


def leading(places: Matrix, within: NDArray[np.float64]) -> tuple[Matrix, NDArray[np.float64]]:
    """The leading principal components of few points, one for POINTS_A_DIRECTION of them; all directions of more.

    places: (m, d) and within: (d,), as `whiten` gives them, which the components' follow.
    """
    points, directions = places.shape
    wanted = max(2, points // POINTS_A_DIRECTION)
    if points < 2 or wanted >= directions:
        return places, within
    chosen = np.linalg.eigh(np.cov(places.T))[1][:, -wanted:]
    return places @ chosen, within @ np.square(chosen)
