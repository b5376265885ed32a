"""The latent file: where `embed` puts each sequence. Specified in README.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import provenance
from vaebin.errors import InputError, MismatchError
from vaebin.formats import container
from vaebin.formats.ids import Ids, require_distinct

FORMAT = "vaebin-latent"
VERSION = (1, 0)


@dataclass(frozen=True)
class Latent:
    """Latent means of n sequences in input order.

    means: (n, d) float32. logvar: (n, d) float32 or None. noise: (d, d) float64, the covariance of what two
    halves of one sequence disagree in, scaled to one whole sequence; None where the model knows no views.
    model: digest of the model that made them; all files read together must share it.
    """

    ids: Ids
    lengths: NDArray[np.int64]
    means: NDArray[np.float32]
    logvar: NDArray[np.float32] | None
    noise: NDArray[np.float64] | None
    model: str
    first_record: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def finite_means(self, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float64]:
        """The means of some rows, or of all. Raises InputError where one is no number."""
        means = np.asarray(self.means[rows], np.float64)
        odd = ~np.isfinite(means).all(axis=1)
        if odd.any():
            row = np.arange(len(self))[rows][odd][0]
            raise InputError(f"the latent means of {self.ids[int(row)]!r} are not numbers; train and embed again")
        return means


def write(path: Path, latent: Latent, parameters: Mapping[str, Any], means: Any = None, logvar: Any = None) -> None:
    """Write a latent file; `means` and `logvar` may be spools that stand in for the arrays of `latent`."""
    header = provenance.header(
        FORMAT, VERSION, parameters, model=latent.model, first_record=latent.first_record,
        digest=provenance.digest(latent.ids, latent.lengths),
    )  # fmt: skip
    arrays: dict[str, Any] = {"ids": latent.ids.blob, "id_offsets": latent.ids.offsets, "lengths": latent.lengths}
    arrays["means"] = latent.means if means is None else means
    if logvar is not None or latent.logvar is not None:
        arrays["logvar"] = latent.logvar if logvar is None else logvar
    if latent.noise is not None:
        arrays["noise"] = latent.noise
    container.write(path, header, arrays)


def read(*paths: Path) -> Latent:
    """Read one or several latent files, shards of one input, in the order of their records."""
    shards = sorted(((_read_one(Path(p)), Path(p)) for p in paths), key=lambda s: (s[0].first_record, str(s[1])))
    first, first_path = shards[0]
    for shard, path in shards[1:]:
        if shard.model != first.model:
            raise MismatchError(f"{path}: made with another model than {first_path}; embed both with the same model")
    if len(shards) == 1:
        return first
    require_distinct((shard.ids, path) for shard, path in shards)
    return _join([s for s, _ in shards])


def _read_one(path: Path) -> Latent:
    header, a = container.read(path, FORMAT, VERSION[0], ("ids", "id_offsets", "lengths", "means"))
    return Latent(
        Ids(a["ids"], a["id_offsets"]), a["lengths"], a["means"], a.get("logvar"), a.get("noise"), header["model"],
        header["first_record"],
    )  # fmt: skip


def _join(shards: Sequence[Latent]) -> Latent:
    logvars = [s.logvar for s in shards if s.logvar is not None]
    return Latent(
        Ids.joined([s.ids for s in shards]),
        np.concatenate([s.lengths for s in shards]),
        np.concatenate([s.means for s in shards]),
        np.concatenate(logvars) if len(logvars) == len(shards) else None,
        shards[0].noise,
        shards[0].model,
        shards[0].first_record,
    )
