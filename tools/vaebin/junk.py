"""Sequences that belong to no genome in the sample: random and low-complexity reads."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from vaebin.binning import Binning

LARGEST_GENOME = 12e6  # bases; bacterial genomes are hardly larger
EXPECTED = 5.0  # overlaps that must be missing before a bin is no genome
FAR = 1e-4  # share of a bin's own points that lie so far out


def lonely_bins(binning: Binning, lengths: NDArray[np.int64], degree: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(bins,) true where reads overlap far less than even the largest genome's would by chance.

    n reads of mean length L on a genome of G bases make about n^2 L / G overlaps (Lander & Waterman 1988); counted
    are those of at least half a read. degree: (n,) overlaps of each read.
    """
    best, bins = binning.best, binning.bins
    reads = np.bincount(best, minlength=bins + 1)[1:]
    bases = np.bincount(best, lengths, minlength=bins + 1)[1:]
    expected = 0.5 * reads * bases / LARGEST_GENOME
    seen = np.bincount(best, degree, minlength=bins + 1)[1:] / 2
    return np.asarray((expected >= EXPECTED) & (seen < 0.1 * expected))


def outliers(binning: Binning, degree: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) reads without any overlap whose composition lies outside their best bin."""
    points = binning.points
    m, d = points.places.shape
    best, variances = binning.points_best, points.variances()
    distance = np.zeros(m)
    for number in range(1, binning.bins + 1):
        own = best == number
        distance[own] = _distances(points.places[own], variances[own])
    far = distance > chi2.isf(FAR, d)
    return np.asarray(far[points.owner] & (degree == 0))


def _distances(places: NDArray[np.float64], variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances (m,) from the median in units of the expected, or of the bin's own spread if more."""
    squares = (places - np.median(places, axis=0)) ** 2 / variances
    spread = np.median(squares, axis=0) / chi2.median(1)
    return np.asarray((squares / np.maximum(spread, 1.0)).sum(1))
