"""Where names go in a picture, so that they hide little of it and nothing of each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
_GAPS = (0.1, 0.4, 0.8, 1.4, 2.2)  # places to try, in heights of the text away from where the group ends
_TURNS = np.pi / 2 + np.arange(16) * np.pi / 8  # above first
_WAYS = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
_COVERED = 0.25  # a name may lie on its group where it hides no more than this share of it
_FEW = 20  # a name never lies on a group of fewer points


def reach(own: NDArray[Any], middle: Any) -> float:
    """How far from its middle a group (m, 2) reaches, but for a fifth of it; 0 for few points."""
    return float(np.percentile(np.abs(own - middle).max(axis=1), 80)) if len(own) >= _FEW else 0.0


class Placement:
    """Places names one after another, in pixels."""

    def __init__(self, points: NDArray[np.float64], codes: NDArray[np.int64], frame: tuple[Point, Point]) -> None:
        self.points = points
        self.codes = codes
        self.low, self.high = np.asarray(frame)
        self.taken = np.empty((0, 4))  # centre and half size of the names placed

    def place(self, code: int, centre: NDArray[np.float64], size: Point) -> NDArray[np.float64]:
        """The centre of a name of this size for the group whose middle is at `centre`.

        In the middle where the group is wider and is not hidden, else where it hides fewest points near by. It
        overlaps another name only where there is no free place.
        """
        half = np.asarray(size) / 2
        own = self.points[self.codes == code]
        wide = reach(own, centre)
        places = np.concatenate([[centre], *(centre + _WAYS * (half + wide + size[1] * gap) for gap in _GAPS)])
        free = self._free(places, half)
        fits = half.max() < wide and self._hidden(places[:1], half, own)[0] <= _COVERED * len(own)
        if free[0] and fits:
            best = 0
        else:
            near = np.abs(self.points - centre).max(axis=1) < 2 * half.max() + wide + size[1] * max(_GAPS)
            best = int((self._hidden(places, half, self.points[near]) + 1e6 * ~free).argmin())
        self.taken = np.append(self.taken, [[*places[best], *half]], axis=0)
        return np.asarray(places[best])

    def _free(self, places: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.bool_]:
        inside = np.all((places - half > self.low) & (places + half < self.high), axis=1)
        apart = np.abs(places[:, None] - self.taken[None, :, :2]) >= half + self.taken[None, :, 2:]
        return np.asarray(inside & np.all(np.any(apart, axis=2), axis=1))

    def _hidden(
        self, places: NDArray[np.float64], half: NDArray[np.float64], points: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        return np.asarray((np.abs(places[:, None] - points[None]) < half).all(axis=2).sum(axis=1))
