"""`train`: features in, model out."""

import dataclasses
import logging
import math

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from feature_files import depths_of, parts_of, write
from vaebin import fitting, losses, training, vae
from vaebin.config import MAX_EPOCHS, PRESETS, TrainConfig, preset
from vaebin.counts import Counts
from vaebin.errors import FormatError, InputError, MismatchError
from vaebin.fitting import Fitting
from vaebin.formats import checkpoint, features, history, model, tensors
from vaebin.scaling import Scaler

QUICK = TrainConfig(latent_dim=3, hidden=(16,), batch_size=64, epochs=4, seed=5)


def quick(**changes):
    return dataclasses.replace(QUICK, **changes)


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "features.npz", parts_of(200)[0])


def trained(table, config, folder, name="m", **options):
    tables = table if isinstance(table, list) else [table]
    training.train(tables, folder / name, config, device="cpu", **options)
    return model.read(folder / name)


def fitted(counts, config):
    with vae.computing("cpu") as device:
        made = Fitting(counts, config, device)
        made.run()
    return made


def counts_of(parts, views=True):
    return Counts(parts.sum(1, dtype=np.float32), parts if views else None)


class TestModel:
    def test_holds_what_embed_needs(self, table, tmp_path):
        made = trained(table, QUICK, tmp_path)
        assert made.config == QUICK
        assert made.spec == {"k": 4, "part_k": 4, "parts": 8}
        assert made.offset.shape == made.scale.shape == (136,)
        assert made.noise.shape == (3, 3)
        assert made.weights["base"].sum() == pytest.approx(1, rel=1e-5)

    def test_the_digest_is_of_all_sequences(self, table, tmp_path):
        shards = features.shards(table)
        lengths = shards[0].lengths.tolist()
        assert trained(table, quick(sample=50), tmp_path).sequences == training.provenance.digest(
            shards[0].ids, lengths
        )

    def test_without_views_counts_of_any_k_are_used_and_there_is_no_noise(self, tmp_path):
        table = write(tmp_path / "f", parts_of(100)[0], k=3)
        made = trained(table, quick(views=False), tmp_path)
        assert made.offset.shape == (32,)
        assert made.noise is None

    @pytest.mark.parametrize("reconstruction", ["multinomial", "mse", "bce"])
    @pytest.mark.parametrize("scaling", ["hellinger", "frequency", "minmax"])
    @pytest.mark.parametrize("views", [True, False], ids=["views", "no views"])
    def test_every_objective_is_learnt(self, reconstruction, scaling, views):
        config = quick(reconstruction=reconstruction, scaling=scaling, views=views, epochs=12, learning_rate=1e-2)
        epochs = fitted(counts_of(parts_of(200)[0], views), config).history
        assert epochs[-1].loss < epochs[0].loss

    @pytest.mark.parametrize("name", PRESETS)
    def test_every_preset_trains(self, name, table, tmp_path):
        config = preset(TrainConfig, "train", name, epochs=2)
        assert trained(table, config, tmp_path).config == config


class TestDepth:
    @pytest.mark.parametrize("samples", [1, 3])
    @pytest.mark.parametrize("name", PRESETS)
    def test_is_learnt_beside_composition_and_the_model_says_of_how_many_samples(self, tmp_path, name, samples):
        parts, label = parts_of(200)
        table = write(tmp_path / "f", parts, k=3 if name == "lrbinner" else 4, depth=depths_of(label, samples))
        made = trained(table, preset(TrainConfig, "train", name, epochs=2), tmp_path)
        assert made.samples == made.spec["samples"] == samples
        assert made.depth_offset.shape == made.depth_scale.shape == ((1,) if samples == 1 else (samples + 1,))

    def test_tells_apart_what_composition_does_not(self, tmp_path):
        parts, _ = parts_of(300, species=1)
        depth = np.where(np.arange(300)[:, None] % 2, [[8, 2]], [[2, 8]]).astype(np.float32)
        config = quick(epochs=60, learning_rate=1e-2)
        with vae.computing("cpu"):
            made = fitted(Counts(parts.sum(1, dtype=np.float32), parts, depth), config)
            means, _ = vae.encode(made.model, made.scaler.inputs(made.counts.whole, depth), 1024)
        first, second = means[::2], means[1::2]
        assert np.linalg.norm(first.mean(0) - second.mean(0)) > 3 * np.linalg.norm(first.std(0))

    def test_a_model_of_sequences_without_it_knows_nothing_of_it(self, table, tmp_path):
        made = trained(table, QUICK, tmp_path)
        assert made.samples == 0
        assert made.header()["version"] == [1, 0]
        assert not [name for name in made.tensors() if name.startswith("depth")]

    def test_however_the_input_was_cut(self, tmp_path):
        parts, label = parts_of(200)
        depth = depths_of(label, 2)
        whole = write(tmp_path / "whole", parts, depth=depth)
        pieces = [write(tmp_path / f"{a}", parts[a:b], a, depth=depth[a:b]) for a, b in ((90, 200), (0, 90))]
        trained(whole, quick(sample=150), tmp_path, "a")
        trained(pieces, quick(sample=150), tmp_path, "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_shards_of_other_samples_are_refused(self, tmp_path):
        parts, label = parts_of(100)
        tables = [
            write(tmp_path / "a", parts[:50], depth=depths_of(label[:50], 2)),
            write(tmp_path / "b", parts[50:], 50, depth=depths_of(label[50:], 3)),
        ]
        with pytest.raises(MismatchError, match="samples is"):
            trained(tables, QUICK, tmp_path)


class TestSameBytes:
    def test_with_the_same_seed(self, table, tmp_path):
        for name in ("a", "b"):
            trained(table, quick(dropout=0.2), tmp_path, name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_whatever_was_drawn_before(self, table, tmp_path):
        trained(table, QUICK, tmp_path, "a")
        torch.manual_seed(99)
        np.random.default_rng().random()
        trained(table, QUICK, tmp_path, "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_but_not_with_another_seed(self, table, tmp_path):
        digests = {trained(table, quick(seed=seed), tmp_path).digest() for seed in (1, 2)}
        assert len(digests) == 2

    @pytest.mark.parametrize("sample", [1000, 70], ids=["all", "a sample"])
    @pytest.mark.parametrize("views", [True, False], ids=["views", "no views"])
    def test_however_the_input_was_cut_and_in_whatever_order_the_files_come(self, tmp_path, sample, views):
        parts, _ = parts_of(200)
        whole = write(tmp_path / "whole", parts)
        pieces = [write(tmp_path / f"{b}", parts[a:b], a) for a, b in ((150, 200), (0, 40), (40, 150))]
        config = quick(sample=sample, views=views)
        trained(whole, config, tmp_path, "a")
        trained(pieces, config, tmp_path, "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


class TestResuming:
    @pytest.mark.parametrize("changes", [{}, {"dropout": 0.2, "kl_warmup": 0.5}, {"patience": 2, "learning_rate": 0.0},
                                         {"optimizer": "adam"}],
                             ids=["plain", "dropout and warm-up", "early stop", "Adam"])  # fmt: skip
    @pytest.mark.parametrize("after", [1, 2, 3])
    def test_goes_on_to_the_same_bytes(self, table, tmp_path, monkeypatch, changes, after):
        config = quick(**changes)
        trained(table, config, tmp_path, "straight", history=tmp_path / "straight.tsv")
        self.interrupt(table, config, tmp_path, monkeypatch, after)
        again = {"checkpoint": tmp_path / "checkpoint", "resume": True, "history": tmp_path / "resumed.tsv"}
        trained(table, config, tmp_path, "resumed", **again)
        assert (tmp_path / "resumed").read_bytes() == (tmp_path / "straight").read_bytes()
        assert (tmp_path / "resumed.tsv").read_bytes() == (tmp_path / "straight.tsv").read_bytes()

    def interrupt(self, table, config, folder, monkeypatch, after):
        """Train as if Ctrl-C had come right after that many epochs were written."""
        write = checkpoint.write

        def write_and_stop(path, config, sequences, state):
            write(path, config, sequences, state)
            if len(state.epochs) == after:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(checkpoint, "write", write_and_stop)
            with pytest.raises(KeyboardInterrupt):
                trained(table, config, folder, "stopped", checkpoint=folder / "checkpoint")
        assert not (folder / "stopped").exists()

    def test_begins_where_there_is_no_checkpoint_yet(self, table, tmp_path):
        trained(table, QUICK, tmp_path, "a")
        trained(table, QUICK, tmp_path, "b", checkpoint=tmp_path / "checkpoint", resume=True)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_a_training_that_is_done_is_not_done_again(self, table, tmp_path, monkeypatch):
        trained(table, QUICK, tmp_path, "a", checkpoint=tmp_path / "checkpoint")
        monkeypatch.setattr(Fitting, "_epoch", None)
        trained(table, QUICK, tmp_path, "b", checkpoint=tmp_path / "checkpoint", resume=True)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_without_resume_an_old_checkpoint_is_overwritten(self, table, tmp_path):
        place = tmp_path / "checkpoint"
        trained(table, quick(seed=9), tmp_path, checkpoint=place)
        trained(table, QUICK, tmp_path, checkpoint=place)
        assert len(checkpoint.read(place, QUICK, model.read(tmp_path / "m").sequences).epochs) == 4

    def test_other_options_are_refused(self, table, tmp_path):
        trained(table, QUICK, tmp_path, checkpoint=tmp_path / "c")
        with pytest.raises(
            MismatchError, match=r"c: hidden is \[16\], now \(8,\); resume with the options it was begun"
        ):
            trained(table, quick(hidden=(8,)), tmp_path, checkpoint=tmp_path / "c", resume=True)

    def test_other_sequences_are_refused(self, table, tmp_path):
        trained(table, QUICK, tmp_path, checkpoint=tmp_path / "c")
        other = write(tmp_path / "other", parts_of(200)[0], prefix="t")
        with pytest.raises(MismatchError, match="c: begun on other sequences"):
            trained(other, QUICK, tmp_path, checkpoint=tmp_path / "c", resume=True)

    def test_a_checkpoint_of_before_there_were_two_optimizers_is_refused(self, table, tmp_path):
        trained(table, QUICK, tmp_path, checkpoint=tmp_path / "c")
        old = {**tensors.header(tmp_path / "c"), "version": [1, 0]}
        tensors.write(tmp_path / "c", old, {})
        with pytest.raises(FormatError, match=r"c: vaebin-checkpoint version 1\.0.*this vaebin reads version 2\.x"):
            trained(table, QUICK, tmp_path, checkpoint=tmp_path / "c", resume=True)


class TestSchedule:
    @pytest.mark.parametrize(
        ("n", "changes", "expected"),
        [
            (200, {"epochs": 3, "steps": 999}, (3, 2, 64)),
            (200, {"epochs": 0, "steps": 7}, (4, 2, 64)),
            (200, {"epochs": 0, "steps": 8}, (4, 2, 64)),
            (600, {"epochs": 0, "steps": 9}, (2, 5, 64)),
            (40, {"epochs": 0, "steps": 7}, (7, 1, 36)),
            (2, {"epochs": 0, "steps": 7}, (7, 1, 2)),
            (40, {"epochs": 0, "steps": MAX_EPOCHS + 1}, (MAX_EPOCHS, 1, 36)),
            (1, {"epochs": 5}, (0, 0, 1)),
            (0, {"epochs": 5}, (0, 0, 0)),
        ],
        ids=[
            "epochs rule",
            "steps rule",
            "steps divide",
            "parts of epochs",
            "less than a batch",
            "two",
            "at most so many",
            "one",
            "none",
        ],
    )
    def test_epochs_batches_and_sequences_a_batch(self, n, changes, expected):
        config = quick(validation=0.1, **changes)
        with vae.computing("cpu") as device:
            made = Fitting(counts_of(parts_of(n)[0]), config, device)
        expected_epochs, batches, batch = expected
        assert (made.epochs, made.batches, made.batch) == (expected_epochs, batches, batch)

    def test_one_cycle_rises_and_falls(self):
        config = quick(learning_rate=2.0, epochs=10)
        rates = [e.learning_rate for e in fitted(counts_of(parts_of(200)[0]), config).history]
        assert rates.index(max(rates)) in (2, 3)
        assert max(rates) == pytest.approx(2, rel=0.05)
        assert rates[-1] == pytest.approx(0, abs=1e-9)

    @pytest.mark.parametrize(("share", "expected"), [(0, 0.04), (0.15, 0.52), (0.3, 1), (0.65, 0.5), (1, 0)])
    def test_one_cycle_by_hand(self, share, expected):
        assert fitting._learning_rate(quick(learning_rate=1.0), share) == pytest.approx(expected, abs=1e-12)

    def test_constant(self):
        epochs = fitted(counts_of(parts_of(100)[0]), quick(schedule="constant", learning_rate=1e-3)).history
        assert {e.learning_rate for e in epochs} == {1e-3}

    @pytest.mark.parametrize(("share", "expected"), [(0, 0), (0.2, 1), (0.4, 2), (1, 2)])
    def test_kl_warmup(self, share, expected):
        assert fitting._kl_weight(quick(kl_weight=2, kl_warmup=0.4), share) == pytest.approx(expected)

    def test_without_warmup_the_kl_weight_is_there_from_the_first_step(self):
        assert fitting._kl_weight(quick(kl_weight=2), 0) == 2


class TestHistory:
    def test_the_loss_is_the_weighted_sum_of_its_terms(self):
        config = quick(kl_weight=0.5, contrast_weight=3)
        for e in fitted(counts_of(parts_of(200)[0]), config).history:
            assert e.loss == pytest.approx(e.reconstruction + 0.5 * e.kl + 3 * e.contrast, rel=1e-5)

    def test_sequences_held_out_are_seen_by_no_batch(self):
        with vae.computing("cpu") as device:
            made = Fitting(counts_of(parts_of(200)[0]), quick(validation=0.2), device)
        assert len(made.held_out) == 40
        assert sorted([*made.rows, *made.held_out]) == list(range(200))

    def test_nothing_held_out(self):
        epochs = fitted(counts_of(parts_of(100)[0]), quick(validation=0)).history
        assert {(e.validation, e.validation_contrast) for e in epochs} == {(None, None)}

    def test_table_and_picture(self, table, tmp_path):
        trained(table, QUICK, tmp_path, history=tmp_path / "h", history_plot=tmp_path / "p", plot_format="svg")
        assert [e.epoch for e in history.read(tmp_path / "h")] == [1, 2, 3, 4]
        assert (tmp_path / "p").read_bytes().startswith(b"<?xml")


class TestEarlyStop:
    def test_stops_when_patience_is_over_and_goes_back_to_the_best(self, table, tmp_path):
        """Nothing is learnt at rate 0, so the first epoch stays the best."""
        config = quick(epochs=50, patience=3, learning_rate=0.0, batch_norm=False)
        made = fitted(counts_of(parts_of(200)[0]), config)
        assert len(made.history) == 4
        assert all((made.best[name] == value).all() for name, value in vae.weights(made.model).items())

    def test_with_nothing_held_out_patience_changes_nothing(self):
        counts = counts_of(parts_of(100)[0])
        impatient, plain = (fitted(counts, quick(validation=0, patience=p)) for p in (1, 0))
        assert all((value == vae.weights(plain.model)[k]).all() for k, value in vae.weights(impatient.model).items())

    def test_without_patience_every_epoch_is_done(self):
        assert len(fitted(counts_of(parts_of(200)[0]), quick(epochs=9, learning_rate=0.0)).history) == 9


class TestWhatItLearns:
    def test_species_come_apart(self):
        """Each sequence is nearest to the mean of its own species."""
        parts, label = parts_of(300)
        made = fitted(counts_of(parts), quick(epochs=40))
        means, _ = vae.encode(made.model, made.scaler.inputs(parts.sum(1)), 64)
        centres = np.array([means[label == s].mean(0) for s in range(3)])
        nearest = ((means[:, None] - centres) ** 2).sum(2).argmin(1)
        assert (nearest == label).mean() > 0.99

    def test_the_contrast_brings_a_sequences_views_together(self):
        counts = counts_of(parts_of(300, species=300)[0])
        with_it = fitted(counts, quick(epochs=40, contrast_weight=100, learning_rate=1e-2)).history[-1]
        without = fitted(counts, quick(epochs=1, contrast_weight=0)).history[-1]
        assert with_it.contrast < 0.5 * math.log(64)  # half of what chance costs among 64 sequences
        assert without.contrast == without.validation_contrast == 0

    def test_one_half_is_to_be_rebuilt_from_the_other(self, monkeypatch):
        """What the likelihood is of and what the encoder saw first are together the whole of each sequence."""
        seen, targets = [], []
        inputs, likelihood = Scaler.inputs, losses.multinomial
        monkeypatch.setattr(Scaler, "inputs", lambda *given: seen.append(given[1]) or inputs(*given))
        monkeypatch.setattr(losses, "multinomial", lambda *given: targets.append(given[0]) or likelihood(*given))
        parts, _ = parts_of(64)
        fitted(counts_of(parts), quick(epochs=1, validation=0.0))
        first, other = np.split(seen[0], 2)
        assert np.array_equal(targets[0].numpy(), other)
        assert sorted((first + other).tolist()) == sorted(parts.sum(1).tolist())

    def test_views_are_two_halves_of_the_parts(self):
        parts, _ = parts_of(20)
        chosen = np.tile([1, 3, 6, 7], (2, 1))
        first, second = counts_of(parts).views(np.array([4, 9]), chosen)
        assert (first == parts[[4, 9]][:, [1, 3, 6, 7]].sum(1)).all()
        assert (second == parts[[4, 9]][:, [0, 2, 4, 5]].sum(1)).all()

    def test_counts_beyond_16_bits_do_not_overflow(self):
        parts = np.full((3, 8, 136), 60_000, np.uint16)
        first, second = counts_of(parts).views(np.arange(3), np.tile([0, 1, 2, 3], (3, 1)))
        assert (first == 240_000).all()
        assert (second == 240_000).all()


class TestNoise:
    def test_is_the_scatter_of_repeated_draws(self):
        """The halves of a sequence foretell how far the means of whole sequences of one composition scatter."""
        made = fitted(counts_of(parts_of(600, bases=8000)[0]), quick(epochs=30))
        noise = training.two_view_noise(made)
        drawn, label = parts_of(3000, bases=8000, seed=9)
        means, _ = vae.encode(made.model, made.scaler.inputs(drawn.sum(1)), 64)
        within = np.mean([np.cov(means[label == s].T) for s in range(3)], axis=0)
        assert np.trace(noise) / np.trace(within) == pytest.approx(1, abs=0.35)

    @pytest.mark.parametrize("n", [0, 1, 2, 5])
    def test_is_a_covariance_however_few_sequences_there_are(self, n, tmp_path):
        noise = trained(write(tmp_path / "f", parts_of(n)[0]), QUICK, tmp_path).noise
        assert np.allclose(noise, noise.T)
        assert (np.linalg.eigvalsh(noise) > 0).all()

    def test_sequences_much_shorter_than_most_say_nothing_of_it(self):
        parts, _ = parts_of(200)
        short, _ = parts_of(60, bases=200, seed=3)
        made = fitted(counts_of(parts), QUICK)
        noise = training.two_view_noise(made)
        made.counts = counts_of(np.concatenate([parts, short]))
        assert np.array_equal(training.two_view_noise(made), noise)


class TestFewOrOddSequences:
    @pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 65])
    @pytest.mark.parametrize("views", [True, False], ids=["views", "no views"])
    def test_any_number_gives_a_finite_model(self, n, views, tmp_path, caplog):
        made = trained(write(tmp_path / "f", parts_of(n)[0]), quick(views=views), tmp_path)
        assert all(np.isfinite(value).all() for value in made.tensors().values())
        assert ("too few to train on" in caplog.text) == (n < 2)

    def test_sequences_without_a_kmer_are_not_trained_on(self, tmp_path):
        parts, _ = parts_of(100)
        parts[::3] = 0
        made = fitted(counts_of(parts), quick(validation=0))
        assert sorted(made.rows) == [i for i in range(100) if i % 3]

    def test_only_sequences_without_a_kmer(self, tmp_path):
        made = trained(write(tmp_path / "f", np.zeros((9, 8, 136), np.uint16)), QUICK, tmp_path)
        assert all(np.isfinite(value).all() for value in made.tensors().values())

    def test_sequences_with_kmers_in_one_part_only_do_no_harm(self, tmp_path):
        parts, _ = parts_of(100)
        parts[:30, 1:] = 0
        made = trained(write(tmp_path / "f", parts), QUICK, tmp_path)
        assert all(np.isfinite(value).all() for value in made.tensors().values())

    def test_a_loss_that_is_no_number_ends_the_training(self, table, tmp_path):
        config = quick(learning_rate=1e30, batch_norm=False, schedule="constant")
        with pytest.raises(InputError, match=r"loss of (nan|inf) in epoch \d; use a lower --learning-rate than 1e\+30"):
            trained(table, config, tmp_path)
        assert not (tmp_path / "m").exists()

    def test_collapse_is_told(self, table, tmp_path, caplog):
        caplog.set_level(logging.WARNING)
        trained(table, quick(kl_weight=1e6, contrast_weight=0, epochs=60, learning_rate=1e-2), tmp_path)
        assert "posterior collapse: 0 of 3 latent dimensions active" in caplog.text

    def test_no_collapse_is_told_where_there_is_none(self, table, tmp_path, caplog):
        trained(table, quick(epochs=30), tmp_path)
        assert "collapse" not in caplog.text


class TestFiles:
    def test_files_of_other_specs_are_refused(self, tmp_path):
        tables = [write(tmp_path / f"k{k}", parts_of(5)[0], first, k) for k, first in ((4, 0), (3, 5))]
        with pytest.raises(MismatchError, match="k3: k is 3, but .*k4 has 4"):
            trained(tables, QUICK, tmp_path)

    @pytest.mark.parametrize("option", ["output", "history", "history_plot", "checkpoint"])
    def test_a_folder_that_is_not_there_is_told_before_the_training(self, table, tmp_path, option, monkeypatch):
        monkeypatch.setattr(Fitting, "run", None)
        places = {"output": tmp_path / "m", option: tmp_path / "none" / "file"}
        with pytest.raises(InputError, match="none does not exist; make it first"):
            training.train([table], places.pop("output"), QUICK, **places)


class TestCommandLine:
    def call(self, *options):
        from vaebin.cli.running import application
        from vaebin.cli.train import train

        app = application()
        app.command()(train)
        return CliRunner().invoke(app, ["features.npz", "-o", "m", *options])

    def config(self, monkeypatch, *options):
        """The configuration that the command hands on."""
        seen = []
        monkeypatch.setattr(training, "train", lambda tables, output, config, **_: seen.append(config))
        result = self.call(*options)
        assert result.exit_code == 0, result.output
        return seen[0]

    def test_to_resume_needs_a_checkpoint(self):
        result = self.call("--resume")
        assert result.exit_code == 2
        assert "--resume" in result.output
        assert "needs the file to go on from; give --checkpoint, too" in " ".join(
            result.output.replace("│", "").split()
        )

    def test_defaults_are_the_configurations(self, monkeypatch):
        assert self.config(monkeypatch) == TrainConfig()

    @pytest.mark.parametrize(
        ("options", "changes"),
        [
            (("--latent-dim", "8"), {"latent_dim": 8}),
            (("--hidden", "64,32"), {"hidden": (64, 32)}),
            (("--no-batch-norm",), {"batch_norm": False}),
            (("--dropout", "0.1"), {"dropout": 0.1}),
            (("--logvar", "softplus"), {"logvar": "softplus"}),
            (("--no-views",), {"views": False}),
            (("--scaling", "minmax"), {"scaling": "minmax"}),
            (("--reconstruction", "bce"), {"reconstruction": "bce"}),
            (("--effective-count", "99"), {"effective_count": 99}),
            (("--kl-weight", "0.5"), {"kl_weight": 0.5}),
            (("--kl-warmup", "0.5"), {"kl_warmup": 0.5}),
            (("--contrast-weight", "0"), {"contrast_weight": 0}),
            (("--contrast-temperature", "0.5"), {"contrast_temperature": 0.5}),
            (("--epochs", "9"), {"epochs": 9}),
            (("--steps", "9"), {"steps": 9}),
            (("--batch-size", "9"), {"batch_size": 9}),
            (("--optimizer", "adam"), {"optimizer": "adam"}),
            (("--learning-rate", "0.5"), {"learning_rate": 0.5}),
            (("--schedule", "constant"), {"schedule": "constant"}),
            (("--validation", "0.5"), {"validation": 0.5}),
            (("--patience", "9"), {"patience": 9}),
            (("--sample", "9"), {"sample": 9}),
            (("--seed", "9"), {"seed": 9}),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_every_setting_has_its_option(self, monkeypatch, options, changes):
        assert self.config(monkeypatch, *options) == dataclasses.replace(TrainConfig(), **changes)

    def test_an_option_goes_over_a_preset(self, monkeypatch):
        expected = preset(TrainConfig, "train", "article", latent_dim=4)
        assert self.config(monkeypatch, "--preset", "article", "--latent-dim", "4") == expected
