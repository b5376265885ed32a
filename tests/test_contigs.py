"""Bins of contigs: genomes of any number of contigs and of unequal scatter, made up."""

import numpy as np
import pytest

from vaebin.config import ClusterConfig
from vaebin.contigs import CORE_BASES, STRETCH, bin_contigs

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
