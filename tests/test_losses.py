"""The terms of the objective against numbers worked out by hand and torch.distributions."""

import math

import pytest
import torch
from torch import distributions, tensor

from vaebin import losses


def some(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class TestSquaredError:
    def test_sums_over_inputs_and_averages_over_rows(self):
        target, output = tensor([[0.0, 1.0], [1.0, 1.0]]), tensor([[0.5, 0.5], [1.0, 0.0]])
        assert losses.squared_error(target, output).item() == pytest.approx((0.5 + 1.0) / 2)

    def test_is_a_normal_likelihood(self):
        target, output = some(5, 3), some(5, 3, seed=1)
        normal = distributions.Normal(output, math.sqrt(0.5))
        constant = 0.5 * math.log(math.pi) * 3
        expected = -normal.log_prob(target).sum(1).mean() - constant
        assert losses.squared_error(target, output).item() == pytest.approx(expected.item(), rel=1e-5)


class TestBinaryCrossEntropy:
    def test_by_hand(self):
        value = losses.binary_cross_entropy(tensor([[0.25, 1.0]]), tensor([[0.5, 0.8]]))
        assert value.item() == pytest.approx(math.log(2) - math.log(0.8))

    def test_is_a_bernoulli_likelihood(self):
        target, output = (some(6, 4) > 0).float(), torch.sigmoid(some(6, 4, seed=1))
        expected = -distributions.Bernoulli(output).log_prob(target).sum(1).mean()
        assert losses.binary_cross_entropy(target, output).item() == pytest.approx(expected.item(), rel=1e-5)


class TestMultinomial:
    def test_by_hand(self):
        counts, p = tensor([[3.0, 1.0]]), tensor([[0.5, 0.5]])
        assert losses.multinomial(counts, p.log(), 10.0).item() == pytest.approx(10 * math.log(2))

    def test_is_the_multinomial_likelihood_when_every_kmer_counts(self):
        """Up to the number of orders, which does not depend on the probabilities."""
        counts = tensor([[4.0, 3.0, 3.0], [1.0, 0.0, 9.0]])
        first, second = (torch.log_softmax(some(2, 3, seed=s), 1) for s in (0, 1))

        def likelihood(logits):
            rows = [distributions.Multinomial(10, logits=x).log_prob(c) for x, c in zip(logits, counts, strict=True)]
            return torch.stack(rows).mean()

        difference = losses.multinomial(counts, first, 10.0) - losses.multinomial(counts, second, 10.0)
        assert difference.item() == pytest.approx((likelihood(second) - likelihood(first)).item(), rel=1e-4)

    def test_is_least_at_the_frequencies(self):
        counts = tensor([[2.0, 5.0, 3.0]])
        logits = torch.log(counts / counts.sum()).requires_grad_()
        losses.multinomial(counts, torch.log_softmax(logits, 1), 300.0).backward()
        assert logits.grad.abs().max().item() < 1e-4

    def test_knows_frequencies_only_so_long_sequences_weigh_no_more(self):
        counts, log_p = tensor([[2.0, 5.0, 3.0]]), torch.log_softmax(some(1, 3), 1)
        once, often = losses.multinomial(counts, log_p, 300.0), losses.multinomial(counts * 1000, log_p, 300.0)
        assert once.item() == pytest.approx(often.item(), rel=1e-5)

    def test_a_row_without_kmers_adds_nothing(self):
        log_p = torch.log_softmax(some(2, 3), 1).requires_grad_()
        loss = losses.multinomial(tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), log_p, 1.0)
        loss.backward()
        assert loss.item() == pytest.approx(-0.25 * (log_p[0, 0] + log_p[0, 1]).item())
        assert log_p.grad[1].abs().max().item() == 0


class TestKlDivergence:
    def test_the_prior_itself_costs_nothing(self):
        assert losses.kl_divergence(torch.zeros(3, 4), torch.zeros(3, 4)).item() == 0

    def test_by_hand(self):
        """One dimension, mean 2 and variance e: (4 + e - 1 - 1) / 2."""
        assert losses.kl_divergence(tensor([[2.0]]), tensor([[1.0]])).item() == pytest.approx((2 + math.e) / 2)

    def test_equals_torch_distributions(self):
        mu, logvar = some(7, 5), some(7, 5, seed=1)
        posterior = distributions.Normal(mu, torch.exp(0.5 * logvar))
        prior = distributions.Normal(torch.zeros(7, 5), torch.ones(7, 5))
        expected = distributions.kl_divergence(posterior, prior).sum(1).mean()
        assert losses.kl_divergence(mu, logvar).item() == pytest.approx(expected.item(), rel=1e-5)


class TestContrast:
    def test_by_hand(self):
        """Two orthogonal pairs: similarity 1 to the own view and 0 to the other, so log(1 + exp(-1 / temperature))."""
        views = torch.eye(2)
        assert losses.contrast(views, views, 0.5).item() == pytest.approx(math.log1p(math.exp(-2)), rel=1e-5)

    def test_the_wrong_way_round_by_hand(self):
        views = torch.eye(2)
        assert losses.contrast(views, views.flip(0), 0.5).item() == pytest.approx(2 + math.log1p(math.exp(-2)))

    @pytest.mark.parametrize("n", [1, 2, 8])
    def test_views_that_say_nothing_cost_log_n(self, n):
        assert losses.contrast(torch.ones(n, 3), torch.ones(n, 3), 0.1).item() == pytest.approx(math.log(n), abs=1e-5)

    def test_is_the_cross_entropy_of_finding_the_own_view_both_ways(self):
        a, b = some(6, 4), some(6, 4, seed=1)
        similarity = torch.cosine_similarity(a[:, None], b[None], dim=2) / 0.1
        own = torch.arange(6)
        both = [torch.nn.functional.cross_entropy(s, own) for s in (similarity, similarity.T)]
        assert losses.contrast(a, b, 0.1).item() == pytest.approx((sum(both) / 2).item(), rel=1e-5)

    @pytest.mark.parametrize("temperature", [0.1, 1.0])
    def test_its_gradient_is_that_of_small_steps(self, temperature):
        a, b = (some(6, 4, seed=seed).double().requires_grad_() for seed in (0, 1))
        assert torch.autograd.gradcheck(lambda a, b: losses.contrast(a, b, temperature), (a, b))

    @pytest.mark.parametrize("temperature", [0.03, 0.1, 1.0, 100.0])
    def test_is_finite_where_every_view_is_far_from_its_own(self, temperature):
        views = torch.ones(3, 4).requires_grad_()
        loss = losses.contrast(views, -views, temperature)
        loss.backward()
        assert loss.item() == pytest.approx(math.log(3), abs=1e-4)
        assert torch.isfinite(views.grad).all()

    def test_neither_order_nor_length_matters(self):
        a, b = some(6, 4), some(6, 4, seed=1)
        value = losses.contrast(a, b, 0.1).item()
        assert losses.contrast(b, a, 0.1).item() == pytest.approx(value, rel=1e-5)
        assert losses.contrast(a * 7, b * 0.1, 0.1).item() == pytest.approx(value, rel=1e-5)
