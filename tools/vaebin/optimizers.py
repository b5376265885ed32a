"""What moves the VAE's weights: Muon the matrices of hidden layers, Adam (Kingma & Ba 2015, arXiv:1412.6980) the rest.

torch has a Muon, too, but one that computes in bfloat16, at which most processors are ten times slower.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from vaebin.vae import Vae

MOMENTUM = 0.95
SIZE = 0.2  # root mean square of a step, in learning rates: Adam's own, Liu et al. 2025 (arXiv:2502.16982)
ROUNDS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # a x + b x^3 + c x^5 takes every 0 < x <= 1 near 1, fast rather than exactly


class Adam:
    """torch's step without its class, whose first object loads torch's compiler for two seconds.

    parameters: what it moves. state: what it remembers of each, in that order.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters = list(parameters)
        self.state = [
            {"exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p), "step": p.new_zeros(())}
            for p in self.parameters
        ]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move every parameter that has a gradient."""
        moved = [(p, p.grad, s) for p, s in zip(self.parameters, self.state, strict=True) if p.grad is not None]
        means, squares, steps = ([s[key] for _, _, s in moved] for key in ("exp_avg", "exp_avg_sq", "step"))
        adam(
            [p for p, _, _ in moved], [gradient for _, gradient, _ in moved], means, squares, [], steps, fused=True,
            amsgrad=False, beta1=0.9, beta2=0.999, lr=learning_rate, weight_decay=0.0, eps=1e-8, maximize=False,
        )  # fmt: skip


class Muon:
    """Momentum made orthogonal (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).

    All directions of a weight matrix are learnt at one pace, those of small gradients, too. As Adam, it moves
    `parameters`, which are matrices, and remembers their `state`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters = list(parameters)
        self.state = [{"momentum": torch.zeros_like(p)} for p in self.parameters]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move every matrix that has a gradient, by Nesterov's momentum."""
        for matrix, state in zip(self.parameters, self.state, strict=True):
            if matrix.grad is not None:
                state["momentum"].lerp_(matrix.grad, 1 - MOMENTUM)
                step = orthogonal(matrix.grad.lerp(state["momentum"], MOMENTUM))
                matrix.add_(step, alpha=-learning_rate * SIZE * max(matrix.shape) ** 0.5)


def make(model: Vae, muon: bool) -> list[Adam | Muon]:
    """The optimizers that together move every parameter of the model: with `muon` it the hidden layers' matrices."""
    hidden = [p for layers in (model.encoder, model.decoder) for p in layers.parameters() if p.ndim == 2]
    matrices = hidden if muon else []
    rest = Adam(p for p in model.parameters() if not any(p is matrix for matrix in matrices))
    return [rest, Muon(matrices)] if matrices else [rest]


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
