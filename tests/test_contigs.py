"""Bins of contigs: genomes of any number of contigs and of unequal scatter, made up."""

import numpy as np
import pytest

from feature_files import depths_of, parts_of, write
from vaebin.config import ClusterConfig
from vaebin.contigs import CORE_BASES, STRETCH, bin_contigs, measured
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


class TestColumns:
    """4-mers and depths tell where the latent alone does not."""

    def between_two(self, n=40):
        """Two genomes, and short contigs of both halfway between them in the latent; columns tell all of them apart."""
        means, lengths, label = made_up([80, 80], [5000, 5000])
        halfway = (means[:80] + means[80:])[:n] / 2
        of = np.arange(n) % 2
        everyone = np.concatenate([label, of])
        columns = np.random.default_rng(2).normal(size=(len(everyone), 30))
        columns[:, 4] += 6 * everyone
        lengths = np.concatenate([lengths, np.full(n, CORE_BASES - 1)])
        return np.concatenate([means, halfway]), lengths, everyone, columns.astype(np.float32)

    def test_contigs_that_lie_between_bins_go_where_their_columns_say(self):
        means, lengths, label, columns = self.between_two()
        found = bin_contigs(means, lengths, DEFAULT, columns)
        assert groups(found.best) == groups(label)
        assert groups(bin_contigs(means, lengths, DEFAULT).best) != groups(label)

    def test_probabilities_add_up_and_those_of_cores_stay(self):
        means, lengths, _, columns = self.between_two()
        told, alone = (bin_contigs(means, lengths, DEFAULT, c).probabilities for c in (columns, None))
        assert told.sum(1) == pytest.approx(np.ones(len(told)))
        sure = alone.max(1) == 1
        assert sure.sum() > 100
        assert told[sure].max(1).tolist() == [1.0] * int(sure.sum())

    def test_bins_of_one_contig_each_teach_nothing(self):
        means, lengths, label = made_up([1, 1, 1], [4_000_000] * 3)
        columns = np.ones((3, 7), np.float32)
        assert groups(bin_contigs(means, lengths, DEFAULT, columns).best) == groups(label)

    def test_one_bin_has_nothing_to_be_told_from(self):
        means, lengths, _ = made_up([100], [5000])
        assert bin_contigs(means, lengths, DEFAULT, np.ones((100, 3), np.float32)).best.tolist() == [1] * 100

    def test_what_is_measured(self, tmp_path):
        """Of shards in order: square roots of frequencies, then a log depth a sample and that of the total."""
        parts, label = parts_of(30)
        depth = depths_of(label, 2)
        whole = measured([features.read(write(tmp_path / "all.npz", parts, depth=depth))])
        halves = [
            features.read(write(tmp_path / f"{a}.npz", parts[a : a + 15], depth=depth[a : a + 15])) for a in (0, 15)
        ]
        assert whole.columns.shape == (30, 136 + 3)
        assert np.square(whole.columns[:, :136]).sum(1) == pytest.approx(np.ones(30), rel=1e-5)
        assert whole.depth == pytest.approx(depth.sum(1))
        assert np.array_equal(measured(halves).columns, whole.columns)
        assert measured([features.read(write(tmp_path / "none.npz", parts))]) is None
        assert measured([]) is None
