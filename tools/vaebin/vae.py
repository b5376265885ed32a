"""The variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114) and how tensors pass through it."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vaebin.config import THREADS, Device, TrainConfig
from vaebin.errors import InputError

LOGVAR_RANGE = (-8.0, 4.0)
ACTIVE_VARIANCE = 0.01  # of a latent dimension's mean over the data: Burda et al. 2016 (arXiv:1509.00519)


class Output(NamedTuple):
    """What the decoder makes of B latents.

    composition: (B, k-mers) their log frequencies (multinomial), or values in 0..1. shares: (B, samples) log of the
    samples' shares in the depth. total: (B, 1) log of the total depth, scaled. The last two without depth (B, 0).
    """

    composition: Tensor
    shares: Tensor
    total: Tensor


class Vae(nn.Module):
    """ReLU encoder, mu and logvar heads, and the encoder's mirror image as decoder.

    inputs: how many k-mers. base: (inputs,) their frequencies in the training data, around which a multinomial
    decoder starts; uniform when not given. samples: whose depths are seen beside the k-mers.
    """

    base: Tensor

    def __init__(
        self, inputs: int, config: TrainConfig, base: NDArray[np.float32] | None = None, samples: int = 0
    ) -> None:
        super().__init__()
        extra = samples + (samples > 1)
        self.columns = [inputs, samples, int(samples > 0)]
        widths = (inputs + extra, *config.hidden)
        self.softplus = config.logvar == "softplus"
        self.multinomial = config.reconstruction == "multinomial"
        self.encoder = _layers(widths, config)
        self.mu = nn.Linear(widths[-1], config.latent_dim)
        self.logvar = nn.Linear(widths[-1], config.latent_dim)
        self.decoder = _layers((config.latent_dim, *reversed(config.hidden)), config)
        self.output = nn.Linear(config.hidden[0] if config.hidden else config.latent_dim, sum(self.columns))
        uniform = np.full(inputs, 1 / inputs, np.float32)
        self.register_buffer("base", torch.from_numpy(uniform if base is None else np.array(base, np.float32)))

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log variances of the latent, both (B, latent)."""
        hidden = self.encoder(inputs)
        logvar = self.logvar(hidden)
        return self.mu(hidden), nn.functional.softplus(logvar) if self.softplus else logvar.clamp(*LOGVAR_RANGE)

    def decode(self, latent: Tensor) -> Output:
        """Composition and depth by latents (B, latent)."""
        kmers, samples, total = torch.split(self.output(self.decoder(latent)), self.columns, 1)
        composition = torch.log_softmax(torch.log(self.base) + kmers, 1) if self.multinomial else torch.sigmoid(kmers)
        return Output(composition, torch.log_softmax(samples, 1), total)


def _layers(widths: tuple[int, ...], config: TrainConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers.append(nn.Linear(before, after))
        if config.batch_norm:
            layers.append(nn.BatchNorm1d(after))
        layers.append(nn.ReLU())
        if config.dropout:
            layers.append(nn.Dropout(config.dropout))
    return nn.Sequential(*layers)


def draw(mu: Tensor, logvar: Tensor) -> Tensor:
    """One latent a row by the reparametrization trick: mu + eps * sigma, eps ~ N(0, I)."""
    return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)


def weights(model: nn.Module) -> dict[str, NDArray[Any]]:
    """The model's parameters and buffers by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in model.state_dict().items()}


def load(model: nn.Module, values: Mapping[str, NDArray[Any]]) -> None:
    """Put `weights` back."""
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in values.items()})


def encode(model: Vae, inputs: NDArray[np.float32], block: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Means and log variances, both (n, latent), of n rows.

    Rows pass in blocks padded to `block` rows: kernels are chosen by the batch's size, and with one size a row's
    result depends on no other row.
    """
    device = next(model.parameters()).device
    model.eval()
    means, logvars = [], []
    with torch.inference_mode():
        for start in range(0, len(inputs), block):
            rows = inputs[start : start + block]
            padded = np.zeros((block, inputs.shape[1]), np.float32)
            padded[: len(rows)] = rows
            mu, logvar = model.encode(torch.from_numpy(padded).to(device))
            means.append(mu[: len(rows)].cpu().numpy())
            logvars.append(logvar[: len(rows)].cpu().numpy())
    none = np.empty((0, model.mu.out_features), np.float32)
    return np.concatenate([none, *means]), np.concatenate([none, *logvars])


def active_dimensions(means: NDArray[np.float32]) -> int:
    """How many latent dimensions carry anything: the variance of their means (n, latent) exceeds 0.01."""
    return int((means.var(0) > ACTIVE_VARIANCE).sum()) if len(means) else 0


@contextlib.contextmanager
def computing(device: Device) -> Iterator[torch.device]:
    """Set torch up so that the same work gives the same bytes, yield the device, and put the settings back.

    Raises InputError when a GPU is asked for where there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: torch sees no GPU here; use --device cpu, or install torch with CUDA")
    found = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with one of these
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    checks: Any = torch.utils.deterministic
    filling = checks.fill_uninitialized_memory
    torch.set_num_threads(THREADS)
    torch.set_deterministic_debug_mode("error")  # as use_deterministic_algorithms, which also loads a compiler, for 2 s
    checks.fill_uninitialized_memory = False  # a check that costs 5 % and changes nothing
    torch.set_flush_denormal(True)  # the optimizers' moments of dead units become denormal, which is many times slower
    try:
        with torch.random.fork_rng(range(torch.cuda.device_count()) if found == "cuda" else []):
            yield torch.device(found)
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
        checks.fill_uninitialized_memory = filling
