"""From cores to all: nearest cores say what a point is by composition, the overlap graph corrects them."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

NEIGHBOURS = 10
ROUNDS = 30
TRUST = 0.9  # weight of a point's links against its own composition


def nearest_cores(points: NDArray[np.float64], cores: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities (n, clusters) from the ten nearest core points, weighted by distance; cores keep their own.

    cores: (n,) cluster of each core point, -1 for the others.
    """
    core = cores >= 0
    count = int(cores.max()) + 1
    neighbours = KNeighborsClassifier(min(NEIGHBOURS, int(core.sum())), weights="distance")
    prior = np.zeros((len(points), count))
    prior[core, cores[core]] = 1
    if not core.all():
        prior[~core] = neighbours.fit(points[core], cores[core]).predict_proba(points[~core])
    return prior


def propagate(
    prior: NDArray[np.float64], cores: NDArray[np.int64], between: sp.csr_matrix, least: float
) -> NDArray[np.float64]:
    """Probabilities (n, clusters) after spreading over links of weight `least` or more (Zhou et al. 2003)."""
    strong = between.copy()
    strong.data[strong.data < least] = 0
    strong.eliminate_zeros()
    degree = np.asarray(strong.sum(1)).ravel()
    step = sp.diags(1 / np.maximum(degree, 1e-9)) @ strong
    trust = np.where(cores >= 0, TRUST / 2, TRUST) * (degree > 0)
    spread = prior
    for _ in range(ROUNDS):
        spread = trust[:, None] * (step @ spread) + (1 - trust[:, None]) * prior
    return spread
