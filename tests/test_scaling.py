"""From counts to the network's input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from vaebin import scaling
from vaebin.scaling import LIMIT, PSEUDO_COUNT, Scaler

COUNTS = np.array([[1, 3, 0], [2, 2, 0], [8, 0, 0]], np.uint16)
FREQUENCIES = np.array([[0.25, 0.75, 0], [0.5, 0.5, 0], [1, 0, 0]])
METHODS = ["hellinger", "frequency", "minmax"]


class TestComposition:
    def test_frequencies(self):
        assert scaling.composition(COUNTS, "frequency") == pytest.approx(FREQUENCIES)

    def test_square_roots_of_frequencies_with_a_pseudo_count(self):
        expected = np.sqrt((COUNTS + PSEUDO_COUNT) / (COUNTS.sum(1, keepdims=True) + 3 * PSEUDO_COUNT))
        assert scaling.composition(COUNTS, "hellinger") == pytest.approx(expected, rel=1e-6)

    def test_without_a_kmer_frequencies_are_zero_and_roots_are_even(self):
        none = np.zeros((1, 4), np.uint16)
        assert scaling.composition(none, "frequency").tolist() == [[0, 0, 0, 0]]
        assert scaling.composition(none, "hellinger").tolist() == [[0.5, 0.5, 0.5, 0.5]]

    @given(arrays_of.arrays(np.uint32, (3, 5), elements=st.integers(1, 2**32 - 1)), st.sampled_from(METHODS))
    def test_lies_in_0_to_1_however_large_the_counts(self, counts, method):
        values = scaling.composition(counts, method)
        assert values.dtype == np.float32
        assert ((values >= 0) & (values <= 1)).all()

    def test_the_square_root_makes_noise_alike_for_rare_and_frequent_kmers(self):
        """A multinomial's standard deviation becomes 1 / (2 sqrt N), whatever the frequency: here 0.1 and 0.6."""
        draws = np.random.default_rng(0).multinomial(1000, [0.1, 0.3, 0.6], 4000)
        assert scaling.composition(draws, "hellinger").std(0) == pytest.approx(
            0.5 / np.sqrt(1000) * np.sqrt([0.9, 0.7, 0.4]), rel=0.05
        )


class TestScaler:
    def test_standardised(self):
        inputs = scaling.fit(COUNTS, "hellinger").inputs(COUNTS)
        assert inputs.mean(0) == pytest.approx(np.zeros(3), abs=1e-6)
        assert inputs.std(0)[:2] == pytest.approx(np.ones(2), rel=1e-4)

    def test_minmax_by_hand(self):
        inputs = scaling.fit(COUNTS, "minmax").inputs(COUNTS)
        assert inputs == pytest.approx(np.array([[0, 1, 0], [1 / 3, 2 / 3, 0], [1, 0, 0]]), abs=1e-6)

    def test_frequencies_stay(self):
        assert scaling.fit(COUNTS, "frequency").inputs(COUNTS) == pytest.approx(FREQUENCIES)

    @pytest.mark.parametrize("method", METHODS)
    def test_sequences_without_a_kmer_teach_nothing(self, method):
        with_empty = np.concatenate([np.zeros((5, 3), np.uint16), COUNTS])
        one, other = scaling.fit(COUNTS, method), scaling.fit(with_empty, method)
        assert (one.offset == other.offset).all()
        assert (one.scale == other.scale).all()

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("rows", [0, 1], ids=["no sequence", "one sequence"])
    def test_few_sequences_give_finite_inputs(self, method, rows):
        scaler = scaling.fit(COUNTS[:rows], method)
        assert np.isfinite(scaler.inputs(COUNTS)).all()

    def test_a_sequence_of_a_handful_of_kmers_stays_within_limits(self):
        many = np.random.default_rng(0).multinomial(10_000, np.full(136, 1 / 136), 50)
        inputs = scaling.fit(many, "hellinger").inputs(np.eye(136, dtype=np.uint16)[:1])
        assert np.abs(inputs).max() == LIMIT

    @pytest.mark.parametrize("method", METHODS)
    def test_targets_of_a_sigmoid_lie_in_0_to_1_for_unseen_counts_too(self, method):
        targets = scaling.fit(COUNTS[:2], method).targets(COUNTS)
        assert ((targets >= 0) & (targets <= 1)).all()

    def test_a_row_depends_on_no_other(self):
        scaler = Scaler("hellinger", np.full(3, 0.5, np.float32), np.full(3, 0.1, np.float32))
        assert (scaler.inputs(COUNTS)[1:2] == scaler.inputs(COUNTS[1:2])).all()

    def test_counts_are_left_as_they_were(self):
        counts = COUNTS.astype(np.float32)
        scaling.fit(counts, "hellinger").inputs(counts)
        assert (counts == COUNTS).all()
