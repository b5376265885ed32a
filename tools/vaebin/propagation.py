"""From cores to all: nearest cores say what a point is by composition, the overlap graph corrects them."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 10
SHARPNESS = 12  # probabilities go as the distance to this power: calibrated on clean sets and on Badread's
ROUNDS = 30
TRUST = 0.9  # weight of a point's links against its own composition


def nearest_cores(points: NDArray[np.float64], cores: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities (n, clusters) by the mean distance to each cluster's ten nearest cores; cores keep their own.

    cores: (n,) cluster of each core point, -1 for the others.
    """
    clusters, rest = np.arange(cores.max() + 1), cores < 0
    prior: NDArray[np.float64] = (cores[:, None] == clusters).astype(float)
    if rest.any():
        distance = np.stack([_distance(points[rest], points[cores == c]) for c in clusters], axis=1)
        nearest = np.maximum(distance.min(1, keepdims=True), np.finfo(float).tiny)
        closeness = (nearest / np.maximum(distance, nearest)) ** SHARPNESS
        prior[rest] = closeness / closeness.sum(1, keepdims=True)
    return prior


def _distance(points: NDArray[np.float64], cores: NDArray[np.float64]) -> NDArray[np.float64]:
    neighbours = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(cores))).fit(cores)
    return np.asarray(neighbours.kneighbors(points)[0].mean(1))


def propagate(prior: NDArray[np.float64], cores: NDArray[np.int64], between: sp.csr_matrix) -> NDArray[np.float64]:
    """Probabilities (n, clusters) after spreading over links, by their weight (Zhou et al. 2003)."""
    degree = np.asarray(between.sum(1)).ravel()
    step = sp.diags(1 / np.maximum(degree, 1e-9)) @ between
    trust = np.where(cores >= 0, TRUST / 2, TRUST) * (degree > 0)
    spread = prior
    for _ in range(ROUNDS):
        spread = trust[:, None] * (step @ spread) + (1 - trust[:, None]) * prior
    return spread
