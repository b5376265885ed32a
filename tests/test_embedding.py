"""`embed`: features and a model in, latent means out."""

import numpy as np
import pytest

from feature_files import depths_of, parts_of, write
from vaebin import embedding, scaling, training, vae
from vaebin.config import EmbedConfig, TrainConfig
from vaebin.errors import InputError, MismatchError
from vaebin.formats import latent, model

QUICK = TrainConfig(latent_dim=3, hidden=(16,), batch_size=64, epochs=4)
PARTS, LABEL = parts_of(150)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    training.train([write(folder / "f", PARTS)], folder / "m", QUICK, device="cpu")
    return folder / "m"


def embedded(tables, trained, folder, name="l", **options):
    embedding.embed(tables, trained, folder / name, EmbedConfig(**options), device="cpu")
    return latent.read(folder / name)


class TestRows:
    def test_are_the_networks_means_of_the_scaled_counts(self, trained, tmp_path):
        found = embedded([write(tmp_path / "f", PARTS)], trained, tmp_path)
        made = model.read(trained)
        network = vae.Vae(136, made.config)
        vae.load(network, made.weights)
        inputs = scaling.Scaler("hellinger", made.offset, made.scale).inputs(PARTS.sum(1))
        means, _ = vae.encode(network, inputs, 1024)
        assert np.array_equal(found.means, means)

    def test_ids_lengths_and_origin_come_along(self, trained, tmp_path):
        found = embedded([write(tmp_path / "f", PARTS, first=7)], trained, tmp_path)
        assert list(found.ids) == [f"s{i}" for i in range(7, 157)]
        assert found.lengths.tolist() == PARTS.sum((1, 2)).tolist()
        assert found.first_record == 7

    def test_digest_and_noise_are_the_models(self, trained, tmp_path):
        found, made = embedded([write(tmp_path / "f", PARTS)], trained, tmp_path), model.read(trained)
        assert found.model == made.digest()
        assert np.array_equal(found.noise, made.noise)

    @pytest.mark.parametrize("variance", [True, False])
    def test_variances_on_request(self, trained, tmp_path, variance):
        found = embedded([write(tmp_path / "f", PARTS)], trained, tmp_path, variance=variance)
        assert (found.logvar is not None) == variance
        if variance:
            assert found.logvar.shape == found.means.shape
            assert ((found.logvar >= -8) & (found.logvar <= 4)).all()

    def test_do_not_depend_on_the_other_sequences(self, trained, tmp_path):
        """As train's scaler and batch statistics stay what they were in training."""
        whole = embedded([write(tmp_path / "f", PARTS)], trained, tmp_path)
        one = embedded([write(tmp_path / "g", PARTS[42:43])], trained, tmp_path)
        assert np.array_equal(one.means[0], whole.means[42])

    @pytest.mark.parametrize("block", [16, 1024])
    @pytest.mark.parametrize("cuts", [[75], [1, 149], [10, 20, 30]], ids=str)
    def test_do_not_depend_on_how_the_input_was_cut(self, trained, tmp_path, cuts, block):
        whole = embedded([write(tmp_path / "f", PARTS)], trained, tmp_path, block=block)
        bounds = list(zip([0, *cuts], [*cuts, len(PARTS)], strict=True))
        files = [write(tmp_path / f"{a}", PARTS[a:b], a) for a, b in bounds]
        together = embedded(files[::-1], trained, tmp_path, "together", block=block)
        apart = [embedded([f], trained, tmp_path, f"{f.name}.latent", block=block) for f in files]
        assert np.array_equal(together.means, whole.means)
        assert np.array_equal(np.concatenate([a.means for a in apart]), whole.means)
        assert together.ids == whole.ids
        assert (tmp_path / "together").read_bytes() == (tmp_path / "l").read_bytes()

    def test_the_same_bytes_twice(self, trained, tmp_path):
        for name in ("a", "b"):
            embedded([write(tmp_path / "f", PARTS)], trained, tmp_path, name, variance=True)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_sequences_without_a_kmer_have_finite_means(self, trained, tmp_path):
        assert np.isfinite(embedded([write(tmp_path / "f", 0 * PARTS[:3])], trained, tmp_path).means).all()

    def test_no_sequences(self, trained, tmp_path):
        found = embedded([write(tmp_path / "f", PARTS[:0])], trained, tmp_path, variance=True)
        assert found.means.shape == found.logvar.shape == (0, 3)
        assert len(found.ids) == 0


def test_a_model_without_views_reads_the_counts_and_knows_no_noise(tmp_path):
    table = write(tmp_path / "f", PARTS, k=3)
    config = TrainConfig(latent_dim=3, hidden=(16,), epochs=1, views=False, reconstruction="mse", scaling="minmax")
    training.train([table], tmp_path / "m", config, device="cpu")
    found = embedded([table], tmp_path / "m", tmp_path)
    assert found.means.shape == (150, 3)
    assert found.noise is None


def test_features_of_another_k_are_refused(trained, tmp_path):
    with pytest.raises(MismatchError, match="f: k is 3, but .*m was trained with 4; run vectorize"):
        embedded([write(tmp_path / "f", PARTS, k=3)], trained, tmp_path)
    assert not (tmp_path / "l").exists()


def test_a_folder_that_is_not_there(trained, tmp_path):
    with pytest.raises(InputError, match="none does not exist; make it first"):
        embedded([write(tmp_path / "f", PARTS)], trained, tmp_path / "none")


class TestDepth:
    @pytest.fixture(scope="class")
    def with_depth(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("depth")
        table = write(folder / "f", PARTS, depth=depths_of(LABEL, 2))
        training.train([table], folder / "m", QUICK, device="cpu")
        return table, folder / "m"

    def test_goes_into_the_latent(self, with_depth, tmp_path):
        table, made = with_depth
        other = write(tmp_path / "f", PARTS, depth=depths_of(LABEL, 2)[::-1])
        assert not np.array_equal(embedded([table], made, tmp_path).means, embedded([other], made, tmp_path).means)

    def test_shards_are_the_whole(self, with_depth, tmp_path):
        table, made = with_depth
        depth = depths_of(LABEL, 2)
        pieces = [write(tmp_path / f"{a}", PARTS[a:b], a, depth=depth[a:b]) for a, b in ((60, 150), (0, 60))]
        whole = embedded([table], made, tmp_path, "a")
        assert np.array_equal(embedded(pieces, made, tmp_path, "b").means, whole.means)

    @pytest.mark.parametrize(("samples", "said"), [(0, "samples is 0"), (3, "samples is 3")])
    def test_in_another_number_of_samples_is_refused(self, with_depth, tmp_path, samples, said):
        table = write(tmp_path / "f", PARTS, depth=depths_of(LABEL, samples) if samples else None)
        with pytest.raises(MismatchError, match=f"{said}, but .* was trained with 2"):
            embedded([table], with_depth[1], tmp_path)

    def test_of_which_the_model_knows_nothing_is_refused(self, trained, tmp_path):
        table = write(tmp_path / "f", PARTS, depth=depths_of(LABEL, 1))
        with pytest.raises(MismatchError, match="samples is 1, but .* was trained with 0"):
            embedded([table], trained, tmp_path)
