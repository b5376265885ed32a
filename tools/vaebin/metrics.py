"""Scores of a binning against a truth: LRBinner's, AMBER's, and each bin's and label's own.

LRBinner's precision and recall: Wickramarachchi and Lin 2022. AMBER's: Meyer et al. 2018, as cami-amber 2.0.8 does it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Contingency:
    """What b bins and l labels share: p pairs in order of first appearance, which decides between equals.

    bins, labels: (p,) int64, a pair's bin and label. sequences, bases: (p,) int64, what the two share.
    label_sequences, label_bases: (l,) int64, all that have the label, binned or not.
    """

    bins: Numbers
    labels: Numbers
    sequences: Numbers
    bases: Numbers
    label_sequences: Numbers
    label_bases: Numbers

    @cached_property
    def bin_sequences(self) -> Numbers:
        """(b,) sequences in each bin."""
        return _sums(self.bins, self.sequences)

    @cached_property
    def bin_bases(self) -> Numbers:
        """(b,) bases in each bin."""
        return _sums(self.bins, self.bases)

    def leading(self, groups: Numbers, weights: Numbers) -> Numbers:
        """Of each group (`bins` or `labels`) that has pairs, in ascending order, the pair of greatest weight."""
        order = np.lexsort((np.arange(len(groups)), -weights, groups))
        first = np.ones(len(order), bool)
        first[1:] = np.diff(groups[order]) > 0
        return order[first]


def contingency(bins: Numbers, labels: Numbers, lengths: Numbers) -> Contingency:
    """Count n sequences by bin and label.

    bins: (n,) int64, -1 for unbinned sequences; every number from 0 to the greatest occurs. labels: (n,) int64, the
    same without -1. lengths: (n,) int64.
    """
    binned = bins >= 0
    count = int(labels.max(initial=-1)) + 1
    keys, first, inverse = np.unique(bins[binned] * count + labels[binned], return_index=True, return_inverse=True)
    order = np.argsort(first)
    return Contingency(
        keys[order] // max(count, 1),
        keys[order] % max(count, 1),
        _sums(inverse, np.ones(len(inverse), np.int64))[order],
        _sums(inverse, lengths[binned])[order],
        _sums(labels, np.ones(len(labels), np.int64)),
        _sums(labels, lengths),
    )


def _sums(groups: Numbers, values: Numbers) -> Numbers:
    sums = np.zeros(int(groups.max(initial=-1)) + 1, np.int64)
    np.add.at(sums, groups, values)
    return sums


def scores(table: Contingency) -> dict[str, float]:
    """LRBinner's scores, by sequences; each is 0 where nothing is binned.

    precision: sum over bins of the largest label, of the sequences binned. recall: sum over labels of the largest
    share in one bin, of all sequences. f1: their harmonic mean. ari: adjusted Rand index over binned sequences.
    ari_all: over all sequences, with each unbinned one a bin of its own. assigned: share of sequences binned.
    """
    binned, total = int(table.sequences.sum()), int(table.label_sequences.sum())
    if not binned:
        return dict.fromkeys(("precision", "recall", "f1", "ari", "ari_all", "assigned"), 0.0)
    precision = int(table.sequences[table.leading(table.bins, table.sequences)].sum()) / binned
    recall = int(table.sequences[table.leading(table.labels, table.sequences)].sum()) / total
    return {
        "precision": precision,
        "recall": recall,
        "f1": _harmonic(precision, recall),
        "ari": rand_indices(table.sequences, table.bin_sequences, _sums(table.labels, table.sequences))[1],
        "ari_all": rand_indices(table.sequences, table.bin_sequences, table.label_sequences)[1],
        "assigned": binned / total,
    }


def amber(table: Contingency) -> dict[str, float]:
    """AMBER's scores of genome binning under AMBER's names, by bases (`bp`) and by sequences (`seq`); NaN as there.

    AMBER takes a bin's genome, and a genome's bin, by bases, also where it counts sequences.
    """
    bins, genomes = table.leading(table.bins, table.bases), table.leading(table.labels, table.bases)
    return {
        **_amber_by("bp", table.bases, table.bin_bases, table.label_bases, table, bins, genomes),
        **_amber_by("seq", table.sequences, table.bin_sequences, table.label_sequences, table, bins, genomes),
    }


def _amber_by(
    unit: str, shared: Numbers, of_bin: Numbers, of_label: Numbers, table: Contingency, bins: Numbers, genomes: Numbers
) -> dict[str, float]:
    found = np.zeros(len(of_label))
    found[table.labels[genomes]] = shared[genomes]
    purity = _mean(shared[bins], of_bin)
    completeness = _mean(found, of_label)
    precision = _ratio(shared[bins].sum(), of_bin.sum())
    recall = _ratio(found.sum(), of_label.sum())
    rand, adjusted = rand_indices(shared, of_bin, _sums(table.labels, shared))
    return {
        f"precision_avg_{unit}": purity,
        f"recall_avg_{unit}": completeness,
        f"f1_score_{unit}": _harmonic(purity, completeness, math.nan),
        f"precision_weighted_{unit}": precision,
        f"recall_weighted_{unit}": recall,
        f"f1_score_per_{unit}": _harmonic(precision, recall, math.nan),
        f"rand_index_{unit}": rand,
        f"adjusted_rand_index_{unit}": adjusted,
        f"percentage_of_assigned_{unit}s": _ratio(shared.sum(), of_label.sum()),
        f"accuracy_{unit}": _ratio(shared[bins].sum(), of_label.sum()),
        f"misclassification_{unit}": 1 - precision,
    }


def rand_indices(pairs: Numbers, bins: Numbers, labels: Numbers) -> tuple[float, float]:
    """Rand index and adjusted Rand index (Hubert and Arabie 1985) from what pairs, bins and labels hold.

    What labels hold beyond the bins' stands in bins of one each. Exact up to the last division; without any two
    members 0 and 1, as AMBER has it.
    """
    in_pairs, in_bins, in_labels = _choices(pairs), _choices(bins), _choices(labels)
    total = math.comb(int(labels.sum()), 2)
    if not total:
        return 0.0, 1.0
    expected = in_bins * (in_labels / total)
    span = (in_bins + in_labels) / 2 - expected
    adjusted = (in_pairs - expected) / span if span else 1.0
    return (total - in_bins - in_labels + 2 * in_pairs) / total, adjusted


def _choices(counts: Numbers) -> int:
    return sum(math.comb(n, 2) for n in counts.tolist())  # of Python's integers: bases overflow 64 bits


def calibration_error(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal intervals of the probability: Guo et al. 2017 (arXiv:1706.04599).

    Both (n,): how sure an answer was, and whether it is right. Between 0 and 1, 0 where there is none.
    """
    interval = np.minimum((probability * 10).astype(np.int64), 9)
    gaps = np.bincount(interval, probability - right, 10)  # of each interval: its share times how far its means differ
    return float(np.abs(gaps).sum() / max(len(right), 1))


def of_bins(table: Contingency) -> Mapping[str, NDArray[Any]]:
    """Of each of b bins: size, majority label (by sequences), purity and completeness as to it; columns of (b,)."""
    lead = table.leading(table.bins, table.sequences)
    label = table.labels[lead]
    return {
        "label": label,
        "sequences": table.bin_sequences,
        "bases": table.bin_bases,
        "purity": _shares(table.sequences[lead], table.bin_sequences),
        "completeness": _shares(table.sequences[lead], table.label_sequences[label]),
        "purity_bases": _shares(table.bases[lead], table.bin_bases),
        "completeness_bases": _shares(table.bases[lead], table.label_bases[label]),
    }


def of_labels(table: Contingency) -> Mapping[str, NDArray[Any]]:
    """Of each of l labels: size, the bin with most of its sequences (-1: none), its share in it, and in any bin."""
    lead = table.leading(table.labels, table.sequences)
    binned = _sums(table.labels, table.sequences)
    binned = np.concatenate([binned, np.zeros(len(table.label_sequences) - len(binned), np.int64)])
    bins, found, found_bases = (np.zeros_like(table.label_sequences) for _ in range(3))
    bins[:] = -1
    bins[table.labels[lead]] = table.bins[lead]
    found[table.labels[lead]] = table.sequences[lead]
    found_bases[table.labels[lead]] = table.bases[lead]
    return {
        "bin": bins,
        "sequences": table.label_sequences,
        "bases": table.label_bases,
        "assigned": _shares(binned, table.label_sequences),
        "completeness": _shares(found, table.label_sequences),
        "completeness_bases": _shares(found_bases, table.label_bases),
    }


def _shares(part: Numbers, whole: Numbers) -> NDArray[np.float64]:
    return part / np.maximum(whole, 1)  # a whole of no bases has no part either


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _mean(parts: NDArray[Any], wholes: Numbers) -> float:
    some = wholes > 0
    return float((parts[some] / wholes[some]).mean()) if some.any() else math.nan


def _harmonic(a: float, b: float, otherwise: float = 0.0) -> float:
    return 2 * a * b / (a + b) if a + b > 0 else otherwise
