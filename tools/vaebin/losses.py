"""The terms of the VAE's objective: each takes a batch of B rows and returns one scalar, the mean over its rows."""

from typing import Any

import torch
from torch import Tensor, nn


def squared_error(target: Tensor, output: Tensor) -> Tensor:
    """Sum over the inputs of (target - output)^2: a Gaussian likelihood of fixed variance; both (B, inputs)."""
    return (target - output).square().sum(1).mean()


def binary_cross_entropy(target: Tensor, output: Tensor) -> Tensor:
    """Sum over the inputs of -t log o - (1 - t) log(1 - o): a Bernoulli likelihood; both (B, inputs) in 0..1."""
    return nn.functional.binary_cross_entropy(output, target, reduction="none").sum(1).mean()


def multinomial(counts: Tensor, log_probabilities: Tensor, effective_count: float) -> Tensor:
    """Negative log-likelihood of `effective_count` k-mers drawn in the proportions of `counts`, in nats.

    Both (B, k-mers): N * sum_k -(c_k / sum c) log p_k. A sequence's k-mers overlap and follow one another, so they
    are worth fewer independent draws than there are; N says how many. Rows without a k-mer add nothing.
    """
    frequencies = counts / counts.sum(1, keepdim=True).clamp(min=1)
    return -(frequencies * log_probabilities).sum(1).mean() * effective_count


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp logvar) || N(0, I)) in nats; both (B, latent).

    -1/2 sum_j (1 + log s_j^2 - mu_j^2 - s_j^2): Kingma & Welling 2014 (arXiv:1312.6114), appendix B.
    """
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(1).mean()


def contrast(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """InfoNCE in nats between two views' means, both (B, latent): row i of one belongs to row i of the other.

    The cross-entropy of finding a row's other view among all B by the cosine similarity over `temperature`, averaged
    over both directions: van den Oord et al. 2018 (arXiv:1807.03748), on unit vectors as Chen et al. 2020
    (arXiv:2002.05709). Between 0 and, for views that say nothing, log B. A temperature under 0.03 would overflow.
    """
    first, second = nn.functional.normalize(first) / temperature, nn.functional.normalize(second)
    chance: Tensor = _Chance.apply(first, second)  # type: ignore[no-untyped-call]
    return chance - (first * second).sum(1).mean()


class _Chance(torch.autograd.Function):
    """Mean logarithm of the sums of exp(first @ second.T), of rows and columns alike; both (B, latent).

    Its own gradient goes by matrix products alone; torch's would go over B by B numbers five times.
    """

    @staticmethod
    def forward(ctx: Any, first: Tensor, second: Tensor) -> Tensor:
        share = (first @ second.T).exp_()
        rows, columns = share.sum(1, keepdim=True), share.sum(0)[:, None]
        ctx.save_for_backward(first, second, share, rows, columns)
        return 0.5 * (torch.log(rows) + torch.log(columns)).mean()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        first, second, share, rows, columns = ctx.saved_tensors
        by_row, by_column = (share @ torch.cat([second, second / columns], 1)).chunk(2, 1)
        to_first = by_row / rows + by_column
        by_column, by_row = (share.T @ torch.cat([first, first / rows], 1)).chunk(2, 1)
        to_second = by_column / columns + by_row
        scale = gradients[0] * (0.5 / len(first))
        return scale * to_first, scale * to_second
