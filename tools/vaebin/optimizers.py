"""What moves the VAE's weights: Muon the matrices of hidden layers, Adam (Kingma & Ba 2015, arXiv:1412.6980) the rest.

torch has a Muon, too, but one that computes in bfloat16, at which most processors are ten times slower.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from vaebin.config import TrainConfig
from vaebin.vae import Vae

MOMENTUM = 0.95
SIZE = 0.2  # root mean square of a step, in learning rates: Adam's own, Liu et al. 2025 (arXiv:2502.16982)
ROUNDS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # a x + b x^3 + c x^5 takes every 0 < x <= 1 near 1, fast rather than exactly


def make(model: Vae, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """The optimizers that together move every parameter of the model."""
    hidden = [p for layers in (model.encoder, model.decoder) for p in layers.parameters() if p.ndim == 2]
    matrices = hidden if config.optimizer == "muon" else []
    rest = [p for p in model.parameters() if not any(p is matrix for matrix in matrices)]
    adam = torch.optim.Adam(rest, config.learning_rate, fused=True)
    return [adam, Muon(matrices, config.learning_rate)] if matrices else [adam]


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).

    All directions of a weight matrix are learnt at one pace, those of small gradients, too.
    """

    def __init__(self, matrices: Iterable[nn.Parameter], learning_rate: float) -> None:
        super().__init__(matrices, {"lr": learning_rate})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient, by Nesterov's momentum."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                if not state:
                    state["momentum"] = torch.zeros_like(matrix)
                momentum = state["momentum"]
                momentum.lerp_(matrix.grad, 1 - MOMENTUM)
                step = orthogonal(matrix.grad.lerp(momentum, MOMENTUM))
                matrix.add_(step, alpha=-group["lr"] * SIZE * max(matrix.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix (a, b) with its singular values brought near 1, those under 0.002 of its norm less so; 0 stays 0.

    By Newton-Schulz iteration: matrix products alone.
    """
    wide: Tensor = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x: Tensor = wide / wide.norm().clamp(min=1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.T if wide is not matrix else x
