"""The network: shapes, ranges, and rows that do not depend on their neighbours."""

import numpy as np
import pytest
import torch
from torch import nn

from vaebin import vae
from vaebin.config import THREADS, TrainConfig
from vaebin.errors import InputError

SMALL = TrainConfig(latent_dim=3, hidden=(16, 8))


def network(inputs=10, **changes):
    torch.manual_seed(0)
    return vae.Vae(inputs, TrainConfig(**{"latent_dim": 3, "hidden": (16, 8), **changes}))


def some(n, width=10, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)


def widths(layers):
    return [(m.in_features, m.out_features) for m in layers if isinstance(m, nn.Linear)]


class TestNetwork:
    def test_the_decoder_mirrors_the_encoder(self):
        model = network()
        assert widths(model.encoder) == [(10, 16), (16, 8)]
        assert widths([model.mu, model.logvar]) == [(8, 3), (8, 3)]
        assert widths(model.decoder) + widths([model.output]) == [(3, 8), (8, 16), (16, 10)]

    def test_without_hidden_layers_it_is_linear(self):
        model = network(hidden=())
        assert widths([model.mu, model.logvar, model.output]) == [(10, 3), (10, 3), (3, 10)]
        assert model.decode(model.encode(torch.from_numpy(some(2)))[0]).composition.shape == (2, 10)

    @pytest.mark.parametrize(
        ("changes", "kind", "count"),
        [
            ({"batch_norm": True}, nn.BatchNorm1d, 4),
            ({"batch_norm": False}, nn.BatchNorm1d, 0),
            ({"dropout": 0.1}, nn.Dropout, 4),
            ({}, nn.Dropout, 0),
            ({}, nn.ReLU, 4),
        ],
        ids=["batch norm", "no batch norm", "dropout", "no dropout", "ReLU"],
    )
    def test_layers(self, changes, kind, count):
        assert sum(isinstance(m, kind) for m in network(**changes).modules()) == count

    def test_linear_logvar_is_clamped(self):
        model = network(batch_norm=False)
        _, logvar = model.encode(torch.from_numpy(some(50)) * 1e4)
        assert (logvar.min().item(), logvar.max().item()) == vae.LOGVAR_RANGE

    def test_softplus_logvar_is_never_negative(self):
        """Which is the article's: a posterior that is never narrower than the prior."""
        assert network(logvar="softplus").encode(torch.from_numpy(some(50)))[1].min().item() >= 0

    @pytest.mark.parametrize("reconstruction", ["mse", "bce"])
    def test_sigmoid_output(self, reconstruction):
        output = network(reconstruction=reconstruction).decode(torch.randn(5, 3)).composition
        assert ((output > 0) & (output < 1)).all()

    def test_multinomial_output_is_log_frequencies(self):
        output = network().decode(torch.randn(5, 3)).composition
        assert output.exp().sum(1).tolist() == pytest.approx([1] * 5)

    def test_multinomial_output_starts_from_the_base_composition(self):
        base = np.arange(1, 11, dtype=np.float32) / 55
        model = vae.Vae(10, SMALL, base).eval()
        nn.init.zeros_(model.output.weight)
        nn.init.zeros_(model.output.bias)
        assert model.decode(torch.randn(1, 3)).composition.exp()[0].tolist() == pytest.approx(base.tolist())


class TestDraw:
    def test_follows_mean_and_variance(self):
        torch.manual_seed(0)
        drawn = vae.draw(torch.full((20_000, 1), 3.0), torch.full((20_000, 1), float(np.log(4))))
        assert drawn.mean().item() == pytest.approx(3, abs=0.05)
        assert drawn.std().item() == pytest.approx(2, abs=0.05)

    def test_gradients_pass_to_mean_and_variance(self):
        mu, logvar = torch.zeros(4, 2, requires_grad=True), torch.zeros(4, 2, requires_grad=True)
        vae.draw(mu, logvar).sum().backward()
        assert mu.grad.tolist() == [[1.0, 1.0]] * 4
        assert (logvar.grad != 0).all()


class TestEncode:
    @pytest.mark.parametrize("cut", [1, 7, 16, 20])
    def test_rows_depend_neither_on_the_split_nor_on_their_neighbours(self, cut):
        model, rows = network(), some(37)
        whole, _ = vae.encode(model, rows, 16)
        assert (np.concatenate([vae.encode(model, part, 16)[0] for part in (rows[:cut], rows[cut:])]) == whole).all()

    def test_no_rows(self):
        means, logvar = vae.encode(network(), some(0), 16)
        assert means.shape == logvar.shape == (0, 3)

    def test_weights_come_back(self):
        model, rows = network(), some(5)
        other = vae.Vae(10, SMALL)
        vae.load(other, vae.weights(model))
        assert (vae.encode(model, rows, 8)[0] == vae.encode(other, rows, 8)[0]).all()


def test_active_dimensions_are_those_whose_means_vary():
    means = np.array([[0, 0.05, 1], [0, -0.05, -1]], np.float32)  # variances 0, 0.0025 and 1
    assert vae.active_dimensions(means) == 1
    assert vae.active_dimensions(means[:0]) == 0


class TestComputing:
    def test_settings_are_put_back(self):
        def settings():
            return torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.initial_seed()

        before = settings()
        with vae.computing("cpu") as device:
            torch.manual_seed(99)
            assert device.type == "cpu"
            assert settings() == (THREADS, True, 99)
        assert settings() == before

    def test_a_gpu_that_is_not_there(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(InputError, match=r"--device cuda: torch sees no GPU"), vae.computing("cuda"):
            pass
        with vae.computing("auto") as device:
            assert device.type == "cpu"
