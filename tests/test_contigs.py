"""Bins of contigs: genomes of any number of contigs and of unequal scatter, made up."""

import numpy as np
import pytest

from feature_files import depths_of, parts_of, write
from vaebin import contigs, density
from vaebin.config import ClusterConfig
from vaebin.contigs import CORE_BASES, STRETCH, bin_contigs, discriminate, read_profiles
from vaebin.formats import features

DEFAULT = ClusterConfig()


def made_up(sizes, bases, scatter=1.0, dimensions=5, seed=0):
    """Means and lengths of genomes of so many contigs of so many bases, 40 units from one another, and which."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(len(sizes)), sizes)
    centres = 40 * np.eye(dimensions)[np.arange(len(sizes)) % dimensions]
    means = centres[label] + scatter * rng.normal(size=(len(label), dimensions))
    return means, np.repeat(bases, sizes).astype(np.int64), label


def groups(labels):
    return {frozenset(np.flatnonzero(labels == value).tolist()) for value in np.unique(labels)}


def test_genomes_are_bins_numbered_by_their_bases():
    means, lengths, label = made_up([100, 60, 80], [5000, 40_000, 15_000])
    found = bin_contigs(means, lengths, DEFAULT)
    assert groups(found.best) == groups(label)
    assert [found.best[label == genome][0] for genome in range(3)] == [3, 1, 2]


def test_a_genome_in_one_contig_is_a_bin_beside_those_in_many():
    means, lengths, label = made_up([200, 200, 1], [5000, 5000, 4_000_000])
    assert groups(bin_contigs(means, lengths, DEFAULT).best) == groups(label)


def test_what_differs_within_genomes_counts_less():
    """Two genomes a little apart in one direction, and all of them wide in another."""
    means, lengths, label = made_up([150, 150, 150], [5000] * 3)
    means[label == 1] = means[label == 0] + [12, 0, 0, 0, 0]
    means[:, 4] *= 30
    assert groups(bin_contigs(means, lengths, DEFAULT).best) == groups(label)


def test_short_contigs_have_no_say_in_where_bins_are_but_join_the_nearest():
    means, lengths, _ = made_up([80, 80], [5000, 5000])
    stray = np.full((200, 5), 500.0) + np.random.default_rng(1).normal(size=(200, 5))
    short = np.concatenate([means[[0, 159]] + 3, stray])
    all_means = np.concatenate([means, short])
    all_lengths = np.concatenate([lengths, np.full(len(short), CORE_BASES - 1)])
    found = bin_contigs(all_means, all_lengths, DEFAULT)
    assert found.bins == 2
    assert found.best[160:162].tolist() == found.best[[0, 159]].tolist()


def test_short_contigs_alone_are_binned_all_the_same():
    means, lengths, label = made_up([80, 80], [CORE_BASES // 2] * 2)
    assert groups(bin_contigs(means, lengths, DEFAULT).best) == groups(label)


def test_bins_with_too_few_sequences_go_where_it_is_asked_for():
    means, lengths, _ = made_up([100, 60, 1], [5000, 5000, 100 * STRETCH])
    assert bin_contigs(means, lengths, DEFAULT).bins == 3
    assert bin_contigs(means, lengths, ClusterConfig(min_bin_size=2)).bins == 2


@pytest.mark.parametrize("n", [1, 2, 3], ids=["one contig", "two", "three"])
def test_a_handful_is_one_bin(n):
    means, lengths, _ = made_up([n], [5000])
    assert bin_contigs(means, lengths, DEFAULT).best.tolist() == [1] * n


def test_none_are_no_bin():
    assert bin_contigs(np.empty((0, 5)), np.empty(0, np.int64), DEFAULT).bins == 0


def test_the_same_again():
    means, lengths, _ = made_up([300, 200, 2], [5000, 5000, 2_000_000])
    config = ClusterConfig(sample=200)
    first, second = (bin_contigs(means, lengths, config).probabilities for _ in range(2))
    assert np.array_equal(first, second)


class TestProfiles:
    """4-mers and depths tell where the latent alone does not."""

    def between_two(self, n=40):
        """Two genomes, and short contigs of both halfway between them in the latent; profiles tell all apart."""
        means, lengths, label = made_up([80, 80], [5000, 5000])
        halfway = (means[:80] + means[80:])[:n] / 2
        everyone = np.concatenate([label, np.arange(n) % 2])
        profiles = np.random.default_rng(2).normal(size=(len(everyone), 30))
        profiles[:, 4] += 6 * everyone
        lengths = np.concatenate([lengths, np.full(n, CORE_BASES - 1)])
        return np.concatenate([means, halfway]), lengths, everyone, profiles.astype(np.float32)

    def test_contigs_that_lie_between_bins_go_where_their_profiles_say(self):
        means, lengths, label, profiles = self.between_two()
        assert groups(bin_contigs(means, lengths, DEFAULT, profiles).best) == groups(label)
        assert groups(bin_contigs(means, lengths, DEFAULT).best) != groups(label)

    def halves(self, cores=100, others=20):
        """A spread that says nothing, and profiles of two bins that differ in their first column."""
        label = np.arange(cores + others) % 2
        profiles = np.random.default_rng(3).normal(size=(len(label), 5))
        profiles[:, 0] += 8 * label
        return np.full((len(label), 2), 0.5), profiles, np.where(np.arange(len(label)) < cores, label, -1), label

    def test_probabilities_add_up_and_cores_keep_theirs(self):
        spread, profiles, cores, label = self.halves()
        found = discriminate(spread, profiles, cores)
        assert found.sum(1) == pytest.approx(np.ones(len(found)))
        assert np.array_equal(found[cores >= 0], spread[cores >= 0])
        assert np.array_equal(found[cores < 0].argmax(1), label[cores < 0])

    @pytest.mark.parametrize(
        ("bins", "cores"), [(1, 100), (2, 120), (2, 6), (2, 0)], ids=["one bin", "all cores", "few cores", "no core"]
    )
    def test_where_nothing_is_to_be_told_or_learnt_all_stays(self, bins, cores):
        spread, profiles, core, _ = self.halves(cores, 120 - cores)
        spread, core = spread[:, :bins], np.minimum(core, bins - 1)
        assert discriminate(spread, profiles, core) is spread

    def test_a_bin_of_one_core_is_learnt_without_a_word(self, recwarn):
        spread, profiles, cores, _ = self.halves()
        cores[cores == 1] = -1
        cores[1] = 1
        assert discriminate(spread, profiles, cores).shape == spread.shape
        assert not recwarn.list

    def test_they_are_read_from_all_shards_in_order(self, tmp_path):
        """Square roots of frequencies, then a log depth a sample and that of the total."""
        parts, label = parts_of(30)
        depth = depths_of(label, 2)
        whole = read_profiles([features.read(write(tmp_path / "all.npz", parts, depth=depth))])
        halves = [
            features.read(write(tmp_path / f"{a}.npz", parts[a : a + 15], depth=depth[a : a + 15])) for a in (0, 15)
        ]
        counts = parts.sum(1)
        assert np.square(whole.values[:, :136]) == pytest.approx(counts / counts.sum(1, keepdims=True), abs=1e-5)
        assert whole.values[:, 136:] == pytest.approx(np.log(np.column_stack([depth, depth.sum(1)]) + 0.1), rel=1e-5)
        assert whole.depth == pytest.approx(depth.sum(1))
        assert np.array_equal(read_profiles(halves).values, whole.values)

    def test_without_depth_there_are_none(self, tmp_path):
        assert read_profiles([features.read(write(tmp_path / "none.npz", parts_of(30)[0]))]) is None
        assert read_profiles([]) is None


def test_a_cluster_that_loses_all_its_contigs_leaves_no_gap(monkeypatch):
    """Two of the five points that stand for a long contig were a cluster of their own."""
    labels = np.array([0, 0, 1, 1, 1, 2, 2, 2])
    monkeypatch.setattr(density, "find_clusters", lambda *_: (labels, np.ones(8)))
    copies, lengths = np.array([5, 1, 1, 1]), np.full(4, CORE_BASES)
    assert contigs._find_cores(np.zeros((4, 2)), copies, lengths, DEFAULT)[0].tolist() == [0, 1, 1, 1]
