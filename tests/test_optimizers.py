"""What moves the weights."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from vaebin import vae
from vaebin.config import TrainConfig
from vaebin.optimizers import SIZE, Adam, Muon, make, orthogonal

SHAPES = [(6, 6), (40, 7), (7, 40), (1, 5), (3, 1)]


def of_singular_values(shape, least, seed=0):
    """A matrix whose singular values lie between `least` and 1, and the orthogonal one of the same directions."""
    rng = np.random.default_rng(seed)
    n = min(shape)
    left, right = (np.linalg.qr(rng.normal(size=(side, n)))[0] for side in shape)
    values = np.geomspace(1, least, n)
    return tuple(torch.from_numpy((left * v) @ right.T).float() for v in (values, np.ones(n)))


class TestOrthogonal:
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_all_singular_values_come_near_one(self, shape):
        values = torch.linalg.svdvals(orthogonal(of_singular_values(shape, 0.05)[0]))
        assert values.min() > 0.65
        assert values.max() < 1.25

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_the_directions_stay(self, shape):
        matrix, expected = of_singular_values(shape, 0.05)
        found = orthogonal(matrix)
        cosine = (found * expected).sum() / found.norm() / expected.norm()
        assert cosine > 0.97

    @pytest.mark.parametrize("factor", [1e-4, 0.1, 1e3])
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_it_does_not_depend_on_the_size_of_the_gradient(self, factor, shape):
        matrix, _ = of_singular_values(shape, 0.1)
        torch.testing.assert_close(orthogonal(matrix * factor), orthogonal(matrix), rtol=1e-3, atol=1e-4)

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_no_gradient_no_step(self, shape):
        assert not orthogonal(torch.zeros(shape)).any()


def moved_alike(ours, theirs, step, optimizer, steps=5):
    """Both sets of parameters by the same random gradients."""
    rng = torch.Generator().manual_seed(1)
    for _ in range(steps):
        for a, b in zip(ours, theirs, strict=True):
            a.grad = torch.randn(a.shape, generator=rng)
            b.grad = a.grad.clone()
        step(0.01)
        optimizer.step()


class TestAdam:
    def test_it_is_torchs(self):
        ours, theirs = ([nn.Parameter(torch.zeros(shape)) for shape in [(16, 16), (8,)]] for _ in range(2))
        moved_alike(ours, theirs, Adam(ours).step, torch.optim.Adam(theirs, 0.01, fused=True))
        for a, b in zip(ours, theirs, strict=True):
            assert torch.equal(a, b)

    def test_what_has_no_gradient_stays(self):
        still, moved = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
        moved.grad = torch.ones(2)
        Adam([still, moved]).step(0.5)
        assert (still == 1).all()
        assert moved.detach().numpy() == pytest.approx(0.5)

    def test_it_loads_no_compiler(self):
        """torch's own class loads it, for two seconds."""
        script = (
            "import sys, torch; from torch import nn; from vaebin.optimizers import Adam;"
            "p = nn.Parameter(torch.ones(2)); p.grad = torch.ones(2); Adam([p]).step(0.1);"
            "assert 'torch._dynamo' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", script], check=True)


class TestMuon:
    def test_it_is_torchs_but_for_the_rounding(self):
        """torch's own computes in bfloat16, whose numbers have three digits."""
        ours, theirs = ([nn.Parameter(torch.zeros(shape)) for shape in [(16, 16), (24, 8), (8, 24)]] for _ in range(2))
        torchs = torch.optim.Muon(theirs, 0.01, weight_decay=0, adjust_lr_fn="match_rms_adamw")
        moved_alike(ours, theirs, Muon(ours).step, torchs)
        for a, b in zip(ours, theirs, strict=True):
            assert (a - b).norm() < 0.02 * b.norm()

    @pytest.mark.parametrize("shape", [(64, 64), (64, 16), (16, 64)], ids=str)
    def test_a_step_is_as_long_as_adams(self, shape):
        """Root mean square SIZE learning rates, whatever the gradient's size and the matrix' shape."""
        matrix = nn.Parameter(torch.zeros(shape))
        matrix.grad = 1e-4 * of_singular_values(shape, 0.5)[0]
        Muon([matrix]).step(0.5)
        assert matrix.detach().square().mean().sqrt().item() == pytest.approx(0.5 * SIZE, rel=0.25)

    def test_it_goes_down(self):
        target = torch.arange(12.0).reshape(3, 4) / 12
        matrix = nn.Parameter(torch.zeros(3, 4))
        optimizer = Muon([matrix])
        for _ in range(300):
            matrix.grad = matrix.detach() - target
            optimizer.step(0.05)
        assert (matrix - target).norm() < 0.2 * target.norm()

    def test_what_has_no_gradient_stays(self):
        matrix = nn.Parameter(torch.ones(2, 2))
        Muon([matrix]).step(1.0)
        assert (matrix == 1).all()


class TestMake:
    """Which parameters are moved by what."""

    def moved(self, optimizer):
        model = vae.Vae(136, TrainConfig(hidden=(32, 16), latent_dim=4, optimizer=optimizer))
        names = {id(value): name for name, value in model.named_parameters()}
        made = make(model, optimizer == "muon")
        moved = [{names[id(p)] for p in one.parameters} for one in made]
        return moved, set(names.values())

    def test_muon_moves_the_matrices_of_hidden_layers(self):
        (rest, hidden), everything = self.moved("muon")
        assert hidden == {"encoder.0.weight", "encoder.3.weight", "decoder.0.weight", "decoder.3.weight"}
        assert rest == everything - hidden

    def test_adam_moves_all_if_asked_for(self):
        (rest,), everything = self.moved("adam")
        assert rest == everything

    def test_without_hidden_layers_there_is_nothing_for_muon(self):
        assert len(make(vae.Vae(136, TrainConfig(hidden=())), True)) == 1
