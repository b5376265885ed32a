"""A read's k-mers are found among those that hubs hold, and after each the hubs that come next."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vaebin import lookup
from vaebin.holders import Holders

HASHES = st.integers(0, 40) | st.integers(0, (1 << 64) - 1)


def holders_of(held):
    """What the lookup needs, from the hubs (ascending) that hold each k-mer."""
    hashes = sorted(held)
    nothing = np.empty(0, np.uint32)
    return Holders(
        reads=np.array([read for h in hashes for read in held[h]], np.int32),
        hashes=np.array(hashes, np.uint64),
        ends=np.cumsum([len(held[h]) for h in hashes], dtype=np.uint32),
        hubs=np.empty(0, bool), starts=np.empty(0, np.int64), nexts=nothing, kmers=nothing, places=nothing,
        multiplicity=np.empty(0), adapters=np.empty(0, np.int64),
    )  # fmt: skip


@settings(deadline=None)
@given(
    held=st.dictionaries(HASHES, st.lists(st.integers(0, 9), min_size=2, max_size=5, unique=True).map(sorted)),
    others=st.sets(HASHES),
    read=st.integers(0, 9),
    following=st.integers(1, 3),
)
def test_what_is_held_is_found_with_the_hubs_that_follow(held, others, read, following):
    holders = holders_of(held)
    asked = sorted({*others, *list(held)[::2]})
    places = np.arange(len(asked), dtype=np.uint32)
    found = lookup.find(
        lookup.make(holders.hashes), holders, np.array(asked, np.uint64), places, np.int64(read), np.int64(following)
    )
    expected = []
    for place, hash_ in enumerate(asked):
        if hash_ in held:
            kmer = sorted(held).index(hash_)
            end = int(holders.ends[kmer])
            start = end - len(held[hash_])
            after = start + sum(r < read for r in held[hash_])
            expected.append((min(after, max(start, end - following)), end, place))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected
