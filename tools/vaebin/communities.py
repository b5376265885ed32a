"""Communities of the overlap graph: neighbours on one genome, what a contig is to a contig binner."""

import math

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

ROUNDS = 30
LARGEST = 60  # reads in a community, of a sample of
MANY = 100_000  # reads at most


def graph(i: NDArray[np.int32], j: NDArray[np.int32], weight: NDArray[np.float32], n: int) -> sp.csr_matrix:
    """The symmetric (n, n) matrix of weighted edges, each of them given once."""
    indptr, indices, data = _both_ways(i, j, weight, n)
    matrix = sp.csr_matrix((data, indices, indptr), (n, n))
    matrix.sort_indices()
    return matrix


@numba.njit(cache=True, nogil=True)
def _both_ways(i, j, weight, n):  # type: ignore[no-untyped-def]
    """A row's edges to j first: where i and j ascend, so do the rows."""
    indptr = np.zeros(n + 1, np.int64)
    for e in range(len(i)):
        indptr[i[e] + 1] += 1
        indptr[j[e] + 1] += 1
    indptr = np.cumsum(indptr)
    cursors = indptr[:-1].copy()
    indices, data = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    for rows, columns in ((j, i), (i, j)):
        for e in range(len(rows)):
            x = cursors[rows[e]]
            cursors[rows[e]] += 1
            indices[x], data[x] = columns[e], weight[e]
    return indptr, indices, data


def find_communities(edges: sp.csr_matrix, size: int, seed: int) -> NDArray[np.int64]:
    """Community (n,) of every node by weighted label propagation (Raghavan et al. 2007), none larger than `size`.

    The cap keeps a small deep genome from ending as too few points. Communities are numbered in order of first node.
    """
    n = edges.shape[0]
    order = np.random.default_rng(seed).permutation(n)
    labels = np.arange(n, dtype=np.int32)
    _propagate(edges.indptr, edges.indices, edges.data, order, labels, np.ones(n, np.int32), size)
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[numbers]


@numba.njit(cache=True, nogil=True)
def _propagate(indptr, indices, data, order, labels, sizes, limit):  # type: ignore[no-untyped-def]
    n = len(labels)
    weight, touched = np.zeros(n, np.float32), np.empty(n, np.int32)
    stirred = np.ones(n, np.bool_)  # nodes of which a neighbour has changed since they were looked at
    for _ in range(ROUNDS):
        changed = 0
        for i in order:
            if not stirred[i]:
                continue
            stirred[i] = False
            own, neighbours = labels[i], indices[indptr[i] : indptr[i + 1]]
            best = _heaviest(labels, neighbours, data[indptr[i] : indptr[i + 1]], own, sizes, limit, weight, touched)
            if best != own:
                sizes[own] -= 1
                sizes[best] += 1
                labels[i] = best
                for neighbour in neighbours:
                    stirred[neighbour] = True
                changed += 1
        if changed < 0.002 * n:
            break


@numba.njit(cache=True, nogil=True)
def _heaviest(labels, neighbours, data, own, sizes, limit, weight, touched):  # type: ignore[no-untyped-def]
    """The label of the neighbours to which most weight goes and that has room, or a node's own.

    weight: zeros for all labels, and zeros again in the end. touched: room for as many.
    """
    m = 0
    for e in range(len(neighbours)):
        label = labels[neighbours[e]]
        if weight[label] == 0:  # not by `_add`, which takes nearly twice the time here
            touched[m] = label
            m += 1
        weight[label] += data[e]
    best, most = own, weight[own] * np.float32(1.0001)
    for label in touched[:m]:
        if weight[label] > most and sizes[label] < limit:
            best, most = label, weight[label]
    for label in touched[:m]:
        weight[label] = 0
    return best


def largest(n: int) -> int:
    """Reads that a community of n sequences holds at most, where nothing else is asked for.

    With the root of large samples: a deep genome then grows in communities less than in reads, and these are surer.
    """
    return round(LARGEST * math.sqrt(max(1, n / MANY)))


def membership(communities: NDArray[np.int64]) -> sp.csr_matrix:
    """The (communities, n) matrix with 1 where a sequence belongs."""
    n = len(communities)
    count = int(communities.max(initial=-1)) + 1
    return sp.coo_matrix((np.ones(n), (communities, np.arange(n))), (count, n)).tocsr()


def links(edges: sp.csr_matrix, members: sp.csr_matrix, owner: NDArray[np.int64]) -> sp.csr_matrix:
    """Summed weight of the edges between communities: (communities, communities), nothing on the diagonal.

    members: as `membership` makes it of owner, (n,) the community of each node.
    """
    indptr, indices, data = _between(edges.indptr, edges.indices, edges.data, members.indptr, members.indices, owner)
    return sp.csr_matrix((data, indices, indptr), (members.shape[0],) * 2)


@numba.njit(cache=True, nogil=True)
def _between(indptr, indices, data, starts, members, owner):  # type: ignore[no-untyped-def]
    """The links row by row; a product of matrices would hold every node's share of them at once.

    In the order that the product has, from the last met to the first: of links of one weight the first one counts.
    """
    count, n = len(starts) - 1, len(owner)
    share, near, weight, touched = np.zeros(n), np.empty(n, np.int64), np.zeros(count), np.empty(count, np.int64)
    ends = np.zeros(count + 1, np.int64)
    columns, values = np.empty(1024, np.int32), np.empty(1024)
    for c in range(count):
        p, m, x = 0, 0, ends[c]
        for i in members[starts[c] : starts[c + 1]]:
            for e in range(indptr[i], indptr[i + 1]):
                p = _add(share, near, p, indices[e], data[e])
        for node in near[:p][::-1]:
            m = _add(weight, touched, m, owner[node], share[node])
            share[node] = 0
        while x + m > len(columns):
            columns, values = np.concatenate((columns, columns)), np.concatenate((values, values))
        for other in touched[:m][::-1]:
            columns[x], values[x] = other, weight[other]
            weight[other] = 0
            x += other != c
        ends[c + 1] = x
    return ends, columns[: ends[-1]].copy(), values[: ends[-1]].copy()


@numba.njit(cache=True, nogil=True)
def _add(sums, listed, m, key, value):  # type: ignore[no-untyped-def]
    """Adds to a key's sum, and the key to the m listed where that was 0; returns how many there are now."""
    if sums[key] == 0:
        listed[m] = key
        m += 1
    sums[key] += value
    return m


def join_by_mutual_links(between: sp.csr_matrix, best: int) -> NDArray[np.int64]:
    """Components (communities,) of the links that are among both ends' `best` strongest.

    The second level of the graph: long stretches of one genome, at high purity.
    """
    strong = between.tocsr()
    chosen = _strongest(strong.indptr, strong.indices, strong.data, best)
    mutual = sp.csr_matrix((chosen.astype(np.int8), strong.indices, strong.indptr), strong.shape)
    return np.asarray(connected_components(mutual.multiply(mutual.T), directed=False)[1], np.int64)


@numba.njit(cache=True)
def _strongest(indptr, indices, data, best):  # type: ignore[no-untyped-def]
    chosen = np.zeros(len(data), np.bool_)
    for i in range(len(indptr) - 1):
        a, b = indptr[i], indptr[i + 1]
        order = np.argsort(-data[a:b], kind="mergesort")
        for o in order[:best]:
            chosen[a + o] = True
    return chosen
