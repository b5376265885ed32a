"""Bins of several assemblies, parted by the sample that ids begin with: by hand."""

import numpy as np
import pytest

from vaebin.assemblies import samples, split
from vaebin.errors import InputError


@pytest.mark.parametrize(
    ("ids", "separator", "expected"),
    [
        (["S1C123", "S2C1", "S1C7"], "C", [0, 1, 0]),
        (["S1CaC1", "S1Cb"], "C", [0, 0]),
        (["gut__k141_5", "soil__k141_5"], "__", [0, 1]),
        ([], "C", []),
    ],
    ids=["as VAMB names them", "up to the first", "longer separators", "none"],
)
def test_a_sample_is_what_stands_before_the_separator(ids, separator, expected):
    assert samples(ids, separator).tolist() == expected


@pytest.mark.parametrize("name", ["k141_5", "C5", "S1C"], ids=["without", "no sample", "no contig"])
def test_the_first_id_without_a_sample_is_named(name):
    with pytest.raises(InputError, match=f"^'{name}' does not begin with a sample and 'C'"):
        samples(["S1C1", name, "another"], "C")


@pytest.mark.parametrize(
    ("best", "sample", "weights", "expected"),
    [
        ([1, 1, 1, 2], [0, 1, 0, 0], [1, 1, 1, 1], [1, 2, 1, 3]),
        ([1, 1, 2, 2], [0, 1, 0, 1], [10, 40, 30, 20], [4, 1, 2, 3]),
        ([0, 1, 0, 1], [0, 1, 1, 1], [9, 1, 9, 1], [0, 1, 0, 1]),
        ([1, 1], [0, 0], [1, 1], [1, 1]),
        ([0, 0], [0, 1], [1, 1], [0, 0]),
        ([], [], [], []),
    ],
    ids=["ties in the old order", "the heaviest first", "unbinned stay so", "one sample", "no bin", "nothing"],
)
def test_bins_are_parted_and_numbered_by_weight(best, sample, weights, expected):
    arrays = (np.array(values, np.int64) for values in (best, sample, weights))
    assert split(*arrays).tolist() == expected
