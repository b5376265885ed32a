"""Fitting the VAE to k-mer counts: the loop over epochs, from arrays to a trained network."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaebin import abundance, losses, optimizers, scaling, vae
from vaebin.abundance import DepthScaler
from vaebin.config import MAX_EPOCHS, PARTS, TrainConfig
from vaebin.counts import Counts
from vaebin.errors import InputError
from vaebin.formats.checkpoint import Checkpoint
from vaebin.formats.history import Epoch
from vaebin.progress import log, progress

Arrays = tuple[NDArray[np.float32], ...]

_PROBE = 2048  # training rows that tell how many latent dimensions are active when none are held out


@dataclass(frozen=True)
class Terms:
    """The objective's terms for one batch, each a scalar before its weight, and the means (rows, latent)."""

    reconstruction: Tensor
    kl: Tensor
    contrast: Tensor
    mu: Tensor

    def total(self, config: TrainConfig, kl_weight: float) -> Tensor:
        """Their weighted sum."""
        return self.reconstruction + kl_weight * self.kl + config.contrast_weight * self.contrast


class Fitting:
    """One training: rows, scaler, network and optimizer. Everything random follows from `config.seed` and the epoch."""

    def __init__(self, counts: Counts, config: TrainConfig, device: torch.device) -> None:
        self.counts, self.config, self.device = counts, config, device
        self.scaler = scaling.fit(counts.whole, config.scaling, counts.depth)
        torch.manual_seed(_seed(config, 0))
        samples = 0 if counts.depth is None else counts.depth.shape[1]
        self.model = vae.Vae(counts.whole.shape[1], config, _base(counts), samples).to(device)
        self.optimizers = optimizers.make(self.model, config.optimizer == "muon")
        self.rows, self.held_out = self._split()
        self.batch = min(config.batch_size, len(self.rows))
        self.epochs, self.batches = _schedule(config, len(self.rows) // self.batch if len(self.rows) > 1 else 0)
        self.history: list[Epoch] = []
        self.best: dict[str, NDArray[Any]] = {}

    def _split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        usable = np.flatnonzero(self.counts.whole.any(1))  # a sequence without a k-mer teaches nothing
        usable = np.random.default_rng([self.config.seed, 0]).permutation(usable)
        held_out = int(len(usable) * self.config.validation)
        return usable[held_out:], usable[:held_out]

    def run(self, after_epoch: Callable[[Checkpoint], None] | None = None) -> None:
        """Train to the end, calling `after_epoch` with the state after each epoch."""
        total = (self.epochs - len(self.history)) * self.batches * self.batch
        with progress("training", total) as advance:
            while len(self.history) < self.epochs and not self._stopped():
                self.history.append(self._epoch(len(self.history) + 1, advance))
                if self._patient() and self._best_epoch() == len(self.history):
                    self.best = vae.weights(self.model)
                if after_epoch:
                    after_epoch(self.state())
        if self.best:
            vae.load(self.model, self.best)

    def _patient(self) -> bool:
        return self.config.patience > 0 and len(self.held_out) > 0

    def _best_epoch(self) -> int:
        return min(self.history, key=lambda e: math.inf if e.validation is None else e.validation).epoch

    def _stopped(self) -> bool:
        if not (self._patient() and self.history):
            return False
        stopped = len(self.history) - self._best_epoch() >= self.config.patience
        if stopped:
            log.info("no better validation loss in %d epochs: stopped", self.config.patience)
        return stopped

    def _epoch(self, number: int, advance: Callable[[int], None]) -> Epoch:
        rng = np.random.default_rng([self.config.seed, number])
        torch.manual_seed(_seed(self.config, number))
        order = rng.permutation(self.rows)
        sums = np.zeros(4)
        kl_weight = rate = 0.0
        self.model.train()
        for index in range(self.batches):
            step = (number - 1) * self.batches + index
            share = step / max(self.epochs * self.batches - 1, 1)
            kl_weight, rate = _kl_weight(self.config, share), _learning_rate(self.config, share)
            terms = self._terms(order[index * self.batch : (index + 1) * self.batch], rng)
            sums += self._step(terms, kl_weight, rate)
            advance(self.batch)
        loss, reconstruction, kl, contrast = (sums / self.batches).tolist()
        if not math.isfinite(loss):
            raise InputError(
                f"training came to a loss of {loss} in epoch {number}; "
                f"use a lower --learning-rate than {self.config.learning_rate:g}"
            )
        held_out = self._validate()
        return Epoch(number, loss, reconstruction, kl, contrast, *held_out, kl_weight, rate, self._active())

    def _step(self, terms: Terms, kl_weight: float, rate: float) -> NDArray[np.float64]:
        loss = terms.total(self.config, kl_weight)
        self.model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step(rate)
        parts = (loss, terms.reconstruction, terms.kl, terms.contrast)
        return torch.stack([p.detach() for p in parts]).cpu().numpy().astype(np.float64)

    def _terms(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Terms:
        """The terms for a batch; with views one random half of each sequence has the other as its target.

        Halves are drawn anew each time, so that the other's latent need not be decoded, too.
        """
        counts, depths = self._views(rows, rng)
        seen = np.concatenate(depths) if depths else None
        mu, logvar = self.model.encode(self._tensor(self.scaler.inputs(np.concatenate(counts), seen)))
        n = len(rows)
        output = self.model.decode(vae.draw(mu[:n], logvar[:n]))
        alike = torch.zeros((), device=self.device)
        if len(counts) > 1 and self.config.contrast_weight:
            alike = losses.contrast(mu[:n], mu[n:], self.config.contrast_temperature)
        reconstruction = self._reconstruction(counts[-1], output.composition)
        if depths and self.scaler.depth is not None:
            reconstruction = reconstruction + self._depth_error(depths[-1], self.scaler.depth, output)
        return Terms(reconstruction, losses.kl_divergence(mu, logvar), alike, mu)

    def _views(self, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Arrays, Arrays]:
        """Counts of both halves of sequences, or of the whole alone; and as many depths, or none."""
        if self.counts.parts is None:
            depths = () if self.counts.depth is None else (self.counts.depth[rows],)
            return (self.counts.whole[rows],), depths
        chosen = rng.random((len(rows), PARTS)).argsort(1)[:, : PARTS // 2]
        return self.counts.views(rows, chosen), self.counts.depth_views(rows, rng) or ()

    def _reconstruction(self, targets: NDArray[np.float32], output: Tensor) -> Tensor:
        if self.config.reconstruction == "multinomial":
            return losses.multinomial(self._tensor(targets), output, self.config.effective_count)
        error = losses.squared_error if self.config.reconstruction == "mse" else losses.binary_cross_entropy
        return error(self._tensor(self.scaler.targets(targets)), output)

    def _depth_error(self, depth: NDArray[np.float32], scaler: DepthScaler, output: vae.Output) -> Tensor:
        """The samples' shares as so many draws from them, and the log of the total as a Gaussian, both by SPREAD."""
        count = abundance.COUNT_A_SAMPLE * depth.shape[1]
        shares = losses.multinomial(self._tensor(depth), output.shares, count)
        total = losses.squared_error(self._tensor(scaler.total(depth)), output.total)
        error: Tensor = shares + total * (count / 2)
        return error

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _validate(self) -> tuple[float | None, float | None]:
        """Loss and contrast of the rows held out, the same views and draws in every epoch; at the full KL weight."""
        if not len(self.held_out):
            return None, None
        rng = np.random.default_rng([self.config.seed, 0])
        torch.manual_seed(_seed(self.config, 0))
        self.model.eval()
        sums = np.zeros(2)
        with torch.inference_mode():
            for rows in _cut(self.held_out, self.batch):
                terms = self._terms(rows, rng)
                loss = float(terms.total(self.config, self.config.kl_weight))
                sums += np.array([loss, float(terms.contrast)]) * len(rows)
        loss, contrast = (sums / len(self.held_out)).tolist()
        return loss, contrast

    def _active(self) -> int:
        rows = (self.held_out if len(self.held_out) else self.rows)[:_PROBE]
        depth = None if self.counts.depth is None else self.counts.depth[rows]
        means, _ = vae.encode(self.model, self.scaler.inputs(self.counts.whole[rows], depth), len(rows))
        return vae.active_dimensions(means)

    def state(self) -> Checkpoint:
        """All that `resume` needs."""
        named = {
            f"{number}.{parameter}.{key}": value.cpu().numpy().copy()
            for number, optimizer in enumerate(self.optimizers)
            for parameter, values in enumerate(optimizer.state)
            for key, value in values.items()
        }
        return Checkpoint(list(self.history), vae.weights(self.model), self.best, named)

    def resume(self, state: Checkpoint) -> None:
        """Go on from a state."""
        vae.load(self.model, state.weights)
        self.history, self.best = list(state.epochs), dict(state.best)
        for name, value in state.moments.items():
            number, parameter, key = name.split(".")
            self.optimizers[int(number)].state[int(parameter)][key].copy_(torch.from_numpy(np.array(value)))


def _schedule(config: TrainConfig, batches: int) -> tuple[int, int]:
    """Epochs, and batches in each, of at most so many: all of them, unless fewer do to come to the steps asked for."""
    if not batches:
        return 0, 0
    if config.epochs:
        return config.epochs, batches
    epochs = min(MAX_EPOCHS, math.ceil(config.steps / batches))
    return epochs, min(batches, math.ceil(config.steps / epochs))


def _cut(rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _seed(config: TrainConfig, epoch: int) -> int:
    return int(np.random.SeedSequence([config.seed, epoch]).generate_state(1)[0])


def _base(counts: Counts) -> NDArray[np.float32]:
    totals: NDArray[np.float64] = counts.whole.sum(0, dtype=np.float64) + 1
    return np.asarray(totals / totals.sum(), np.float32)


def _kl_weight(config: TrainConfig, share: float) -> float:
    return config.kl_weight * (min(1.0, share / config.kl_warmup) if config.kl_warmup else 1.0)


def _learning_rate(config: TrainConfig, share: float) -> float:
    """One cycle (Smith & Topin 2018, arXiv:1708.07120): from 1/25 up over 30 % of the steps, then down to nothing."""
    if config.schedule == "constant":
        return config.learning_rate
    rise, low = 0.3, 0.04
    if share < rise:
        return config.learning_rate * (low + (1 - low) * (1 - math.cos(math.pi * share / rise)) / 2)
    return config.learning_rate * (1 + math.cos(math.pi * (share - rise) / (1 - rise))) / 2
