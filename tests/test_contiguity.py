import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaebin.contiguity import n50


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        pytest.param([2, 3, 4, 5, 6, 7, 8, 9, 10], 8, id="the textbook's"),  # 10 + 9 + 8 = 27 of 54
        pytest.param([7], 7, id="one"),
        pytest.param([1, 1, 1, 97], 97, id="one rules"),
        pytest.param([], 0, id="none"),
    ],
)
def test_n50(lengths, expected):
    assert n50(np.array(lengths, np.int64)) == expected


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30))
def test_sequences_of_n50_or_more_hold_half_of_the_bases(lengths):
    found = n50(np.array(lengths))
    assert sum(n for n in lengths if n >= found) * 2 >= sum(lengths)
    assert sum(n for n in lengths if n > found) * 2 < sum(lengths)
