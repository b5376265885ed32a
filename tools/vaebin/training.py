"""`train`: features files in, a model file out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import footprints, memory, provenance, vae
from vaebin.config import PARTS, Device, PictureFormat, TrainConfig
from vaebin.counts import Counts
from vaebin.fitting import Fitting
from vaebin.formats import checkpoint as checkpoints
from vaebin.formats import features
from vaebin.formats import history as histories
from vaebin.formats import model as models
from vaebin.formats.atomic import require_places
from vaebin.formats.container import release
from vaebin.formats.features import Features
from vaebin.formats.model import Model
from vaebin.progress import log

_BLOCK = 1024  # rows that pass the network at once
_CHUNK = 8 * _BLOCK  # rows in memory at once
_SHORT = 0.25  # of the median number of k-mers: shorter sequences say nothing of the noise


def train(
    tables: Sequence[Path],
    output: Path,
    config: TrainConfig,
    *,
    history: Path | None = None,
    history_plot: Path | None = None,
    plot_format: PictureFormat = "png",
    checkpoint: Path | None = None,
    resume: bool = False,
    device: Device = "auto",
) -> None:
    """Fit a VAE to the features files `tables`, shards of one input, and write its model file.

    history, history_plot: further files to write. checkpoint: where the state is kept after each epoch; with
    `resume` training goes on from there, to the same bytes, or begins where there is no such file yet. Raises
    InputError when the loss is no number, MismatchError when files do not belong together.
    """
    require_places(output, history, history_plot, checkpoint)
    shards = features.shards(*tables)
    memory.announce(footprints.of_training(sum(map(len, shards)), config, shards[0].spec["k"]), "a smaller --sample")
    sequences = _digest(shards)
    with vae.computing(device) as found:
        fitting = Fitting(draw_sample(shards, config), config, found)
        if resume and checkpoint is not None and checkpoint.exists():
            fitting.resume(checkpoints.read(checkpoint, config, sequences))
            log.info("resumed after epoch %d", len(fitting.history))
        _announce(fitting)
        fitting.run(partial(checkpoints.write, checkpoint, config, sequences) if checkpoint else None)
        noise = two_view_noise(fitting) if config.views else None
    _report(fitting)
    if history is not None:
        histories.write(history, fitting.history)
    if history_plot is not None:
        from vaebin.figures.history import draw

        draw(history_plot, fitting.history, plot_format)
    models.write(output, _model(fitting, shards[0].spec, noise, sequences))


def _digest(shards: Sequence[Features]) -> str:
    digest = provenance.SequenceDigest()
    for shard in shards:
        digest.update(shard.ids, shard.lengths)
    return digest.hexdigest()


def draw_sample(shards: Sequence[Features], config: TrainConfig) -> Counts:
    """The counts of at most `config.sample` sequences, drawn over all shards in order, however they were cut."""
    n = sum(map(len, shards))
    rows = np.arange(n)
    if n > config.sample:
        rows = np.sort(np.random.default_rng(config.seed).choice(n, config.sample, replace=False))
    ends = np.searchsorted(rows, np.cumsum([len(s) for s in shards]))
    starts = np.cumsum([0, *map(len, shards)])
    chosen = [part - start for part, start in zip(np.split(rows, ends[:-1]), starts, strict=False)]
    depths = [_taken(s.depth, r) for s, r in zip(shards, chosen, strict=True) if s.depth is not None]
    depth = _joined(depths, np.float32) if depths else None
    if not config.views:
        counts = [_taken(s.counts, r) for s, r in zip(shards, chosen, strict=True)]
        return Counts(_joined(counts, np.float32), None, depth)
    parts = [_taken(s.parts, r) for s, r in zip(shards, chosen, strict=True)]
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
    sums = [joined[i : i + _CHUNK].sum(1, dtype=np.float32) for i in range(0, len(joined), _CHUNK)]
    return Counts(_joined(sums, np.float32, joined.shape[2]), joined, depth)


def _taken(column: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    if len(rows) == len(column):
        return column  # may stay on the disk
    taken = np.empty((len(rows), *column.shape[1:]), column.dtype)
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        taken[start : start + len(some)] = column[some]
        release(column)
    return taken


def _joined(blocks: Sequence[NDArray[Any]], dtype: Any, width: int = 0) -> NDArray[Any]:
    if not blocks:
        return np.empty((0, width), dtype)
    return np.concatenate(blocks).astype(dtype, copy=False)


def two_view_noise(fitting: Fitting) -> NDArray[np.float64]:
    """The sampling noise of a sequence's latent mean: (latent, latent), a covariance in the latent's own units.

    The means of the even and of the odd parts differ by twice the variance of a half, which is four times that of the
    whole: D'D / n / 4 over n training sequences. It is the average over them: noise goes as 1 / length, so one of
    half their length has twice of it. Those under a quarter of the median length are left out, whose halves lie in no
    way where the whole lies. Fewer sequences than dimensions leave directions unseen: an isotropic prior that weighs
    as many sequences as there are dimensions fills them. The identity, the VAE's prior, where there is no sequence.
    """
    counts, latent = fitting.counts, fitting.config.latent_dim
    size = counts.whole.sum(1)
    usable = np.flatnonzero(size >= max(_SHORT * np.median(size[size > 0]), 1)) if size.any() else np.arange(0)
    n, rng = len(usable), np.random.default_rng([fitting.config.seed, 0])
    scatter: NDArray[np.float64] = np.zeros((latent, latent))
    for start in range(0, n, _CHUNK):
        rows = usable[start : start + _CHUNK]
        even = np.tile(np.arange(0, PARTS, 2), (len(rows), 1))
        depths = counts.depth_views(rows, rng) or (None, None)
        first, second = (
            vae.encode(fitting.model, fitting.scaler.inputs(half, depth), _BLOCK)[0]
            for half, depth in zip(counts.views(rows, even), depths, strict=True)
        )
        difference = first.astype(np.float64) - second
        scatter += np.einsum("ni,nj->ij", difference, difference) / 4  # no BLAS, whose sums go by its threads
    if not scatter.any():
        return np.eye(latent)
    prior = np.eye(latent) * float(np.trace(scatter)) / n
    return np.asarray((scatter + prior) / (n + latent) + 1e-6 * np.eye(latent))


def _announce(fitting: Fitting) -> None:
    n = len(fitting.rows)
    if not fitting.epochs:
        log.warning("%d sequences with k-mers: too few to train on; the model stays as it was drawn", n)
        return
    log.info(
        "%s sequences, %s held out, %d epochs of %d batches of %s, on %s", f"{n:,}", f"{len(fitting.held_out):,}",
        fitting.epochs, fitting.batches, f"{fitting.batch:,}", fitting.device.type,
    )  # fmt: skip


def _report(fitting: Fitting) -> None:
    if not fitting.history:
        return
    last, latent = fitting.history[-1], fitting.config.latent_dim
    held_out = "" if last.validation is None else f", {last.validation:.6g} on those held out"
    log.info("loss %.6g%s; %d of %d latent dimensions active", last.loss, held_out, last.active, latent)
    if last.active <= 1:
        log.warning(
            "posterior collapse: %d of %d latent dimensions active, so bins cannot be told apart; "
            "use a lower --kl-weight or --learning-rate, or --logvar linear",
            last.active, latent,
        )  # fmt: skip


def _model(fitting: Fitting, spec: dict[str, Any], noise: NDArray[np.float64] | None, sequences: str) -> Model:
    scaler = fitting.scaler
    kept = {key: spec[key] for key in models.SPEC}
    if spec["samples"]:
        kept["samples"] = len(spec["samples"])
    depth = (scaler.depth.offset, scaler.depth.scale) if scaler.depth else (None, None)
    weights = vae.weights(fitting.model)
    return Model(fitting.config, kept, weights, scaler.offset, scaler.scale, noise, sequences, *depth)
