"""Two clouds in one: the direction along which points look most like two, and the two normals there."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

STARTS = 24  # of the search, beside the principal axes
STEPS = 100
STILL = 1e-6  # of a share, in the last step
PACE = 0.15  # of a step down the slope of the fourth moment
TINY = 1e-12  # of a deviation, so that points in one place divide by no zero


def least_kurtosis(places: Matrix, weights: Vector, directions: int) -> Vector:
    """The direction (d,) along which weighted places (m, d) have the least kurtosis (Peña & Prieto 2001).

    It lies among their so many leading principal directions, or all d; their deviation along it is 1.
    """
    directions = min(directions, places.shape[1])
    share = weights / weights.sum()
    rest = places - share @ places
    values, vectors = np.linalg.eigh((rest * share[:, None]).T @ rest)
    axes = vectors[:, -directions:] / np.sqrt(np.maximum(values[-directions:], TINY))
    ball = rest @ axes
    others = np.random.default_rng(directions).normal(size=(directions, STARTS))
    tried = np.column_stack([np.eye(directions), others / np.linalg.norm(others, axis=0)])
    for _ in range(STEPS):
        way = ball @ tried
        slope = ball.T @ (share[:, None] * (way * way * way))
        tried -= PACE * (slope - tried * (tried * slope).sum(0))
        tried /= np.linalg.norm(tried, axis=0)
    return np.asarray(axes @ tried[:, np.argmin(share @ (ball @ tried) ** 4)])


def two_normals(values: Vector, weights: Vector) -> tuple[Vector, float, Vector]:
    """Means (2,) in order, the deviation of both, and shares (2,) of two normals that weighted values (n,) come from.

    By expectation and maximization (Dempster, Laird & Rubin 1977), from the outer fifths.
    """
    means, shares = np.quantile(values, [0.2, 0.8]), np.full(2, 0.5)
    deviation = max(float(values.std()) / 2, TINY)
    for _ in range(STEPS):
        odds = shares * np.exp(-np.square((values[:, None] - means) / deviation) / 2) + TINY
        owned = weights[:, None] * odds / odds.sum(1, keepdims=True)
        total = owned.sum(0)
        means, before, shares = values @ owned / total, shares, total / total.sum()
        deviation = max(float(np.sqrt((owned * np.square(values[:, None] - means)).sum() / total.sum())), TINY)
        if abs(shares[0] - before[0]) < STILL:
            break
    return means, deviation, shares
