"""`embed`: features files and a model in, latent means out."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import scaling, vae
from vaebin.abundance import DepthScaler
from vaebin.config import Device, EmbedConfig
from vaebin.errors import MismatchError
from vaebin.formats import features, latent
from vaebin.formats import model as models
from vaebin.formats.atomic import require_places
from vaebin.formats.container import Spool, release
from vaebin.formats.features import Features
from vaebin.formats.ids import Ids
from vaebin.formats.latent import Latent
from vaebin.formats.model import Model
from vaebin.progress import log, progress


def embed(
    tables: Sequence[Path],
    model: Path,
    output: Path,
    config: EmbedConfig,
    *,
    device: Device = "auto",
) -> None:
    """Write the latent means of all sequences of the features files `tables`, shards of one input, in input order.

    Memory grows with the number of sequences by their ids and lengths alone. Raises MismatchError when the features
    were measured otherwise than those that the model was trained on.
    """
    require_places(output)
    trained = models.read(model)
    latent_dim = trained.config.latent_dim
    shards = features.shards(*tables)
    _require_same_spec(shards[0], tables[0], trained, model)  # shards agree among themselves
    with contextlib.ExitStack() as files:
        spools = [
            Spool(files.enter_context(tempfile.TemporaryFile(dir=output.resolve().parent)), np.float32, (latent_dim,))
            for _ in range(2 if config.variance else 1)
        ]
        with vae.computing(device) as found, progress("embedding", sum(map(len, shards))) as advance:
            network = vae.Vae(len(trained.offset), trained.config, samples=trained.samples)
            vae.load(network, trained.weights)
            network.to(found)
            scaler = _scaler(trained)
            for counts, depth in _blocks(shards, trained.config.views, config.block):
                columns = vae.encode(network, scaler.inputs(counts, depth), config.block)
                for spool, rows in zip(spools, columns, strict=False):
                    spool.append(rows)
                advance(len(counts))
        latent.write(output, _without_rows(shards, trained), {"block": config.block}, *spools)
    log.info("%s sequences in %d latent dimensions", f"{sum(map(len, shards)):,}", latent_dim)


def _scaler(trained: Model) -> scaling.Scaler:
    depth = None
    if trained.depth_offset is not None and trained.depth_scale is not None:
        depth = DepthScaler(trained.depth_offset, trained.depth_scale)
    return scaling.Scaler(trained.config.scaling, trained.offset, trained.scale, depth)


def _require_same_spec(shard: Features, path: Path, trained: Model, model: Path) -> None:
    measured = {**shard.spec, "samples": len(shard.spec["samples"])}
    for key, value in {**trained.spec, "samples": trained.samples}.items():
        if measured.get(key) != value:
            raise MismatchError(
                f"{path}: {key} is {measured.get(key)}, but {model} was trained with {value}; "
                "run vectorize with the options of the training, or train on these features"
            )


def _blocks(
    shards: Sequence[Features], views: bool, size: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.float32] | None]]:
    """Counts and depth, if any, of so many rows at a time."""
    for shard in shards:
        for start in range(0, len(shard), size):
            rows = slice(start, start + size)
            column = shard.parts if views else shard.counts
            counts = column[rows].sum(1) if views else column[rows]
            yield counts, None if shard.depth is None else shard.depth[rows]
            release(column)


def _without_rows(shards: Sequence[Features], trained: Model) -> Latent:
    return Latent(
        ids=Ids.joined([s.ids for s in shards]),
        lengths=np.concatenate([s.lengths for s in shards]),
        means=np.empty((0, trained.config.latent_dim), np.float32),
        logvar=None,
        noise=trained.noise,
        model=trained.digest(),
        first_record=shards[0].first_record,
    )
