"""The stage `evaluate`: a binning against a truth."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import metrics, sequences
from vaebin.config import PictureFormat
from vaebin.errors import InputError
from vaebin.formats import scores, truth
from vaebin.formats.atomic import require_places
from vaebin.formats.scores import BinScore, Evaluation, LabelScore
from vaebin.formats.truth import Columns, Labels
from vaebin.metrics import Contingency
from vaebin.progress import log

BIN_COLUMNS = Columns("sequence_id", "bin")
TRUTH_COLUMNS = Columns("read_id", "species")


def evaluate(
    bins: Path,
    truth_path: Path,
    *,
    bin_columns: Columns = BIN_COLUMNS,
    truth_columns: Columns = TRUTH_COLUMNS,
    tsv: Path | None = None,
    bin_tsv: Path | None = None,
    label_tsv: Path | None = None,
    json: Path | None = None,
    heatmap: Path | None = None,
    heatmap_format: PictureFormat = "png",
) -> Evaluation:
    """Score `bins` against the truth and write what is asked for; `formats.scores.text` shows the result.

    Both are read by `formats.truth.read`; the truth may also be reads with SimLoRD's headers. Only sequences in the
    truth count; those that the bins do not hold are unbinned. Lengths come from the truth, else from the bins.
    Raises InputError where the two have no sequence in common.
    """
    require_places(tsv, bin_tsv, label_tsv, json, heatmap)
    matched = _match(bins, truth.read(bins, bin_columns), truth_path, _read_truth(truth_path, truth_columns))
    evaluation = _score(matched)
    for path, write in ((tsv, scores.write_sample), (bin_tsv, scores.write_bins), (label_tsv, scores.write_labels)):
        if path:
            write(path, evaluation)
    if json:
        parameters = {"bin_columns": bin_columns._asdict(), "truth_columns": truth_columns._asdict()}
        scores.write_json(json, evaluation, parameters)
    if heatmap:
        from vaebin.figures import confusion

        confusion.draw(heatmap, heatmap_format, matched.table, matched.bins, matched.labels)
    return evaluation


def _read_truth(path: Path, columns: Columns) -> Labels:
    if truth.kind(path) != "sequences":
        return truth.read(path, columns)
    records = enumerate(sequences.read([path]), 1)
    return truth.collect(path, (truth.simlord_row(path, n, r.id, r.header, len(r.sequence)) for n, r in records))


@dataclass(frozen=True)
class _Matched:
    table: Contingency
    bins: Sequence[str]  # names, in natural order
    labels: Sequence[str]  # names, of most sequences first
    counts: Mapping[str, int]
    lengths_known: bool


def _match(bins_path: Path, binned: Labels, truth_path: Path, true: Labels) -> _Matched:
    row_of = {name: row for row, (name, label) in enumerate(zip(true.ids, true.labels, strict=True)) if label}
    if not row_of:
        raise InputError(f"{truth_path}: no sequence has a label; give the truth of the sequences in {bins_path}")
    rows = [row_of.get(name, -1) for name in binned.ids]
    common = [row for row in rows if row >= 0]
    if rows and not common:
        raise InputError(
            f"{bins_path} and {truth_path} have no sequence in common: {binned.ids[0]!r} there, {next(iter(row_of))!r} "
            "here; give files of the same sequences, and say which columns hold their ids"
        )
    only_truth = sorted(set(row_of.values()) - set(common))
    counts = {"sequences": len(common), "only_in_bins": len(rows) - len(common), "only_in_truth": len(only_truth)}
    _warn(counts)
    # in the order of the bins, which decides between equals as in AMBER; what only the truth holds comes last
    bin_of = [label for label, row in zip(binned.labels, rows, strict=True) if row >= 0] + [""] * len(only_truth)
    label_of = [true.labels[row] for row in common + only_truth]
    bin_names = sorted(set(bin_of) - {""}, key=_natural)
    label_names = [name for name, _ in sorted(Counter(label_of).items(), key=lambda item: (-item[1], item[0]))]
    lengths = _lengths(binned, rows, true, common + only_truth)
    known = np.zeros(len(label_of), np.int64) if lengths is None else lengths
    table = metrics.contingency(_numbers(bin_of, bin_names), _numbers(label_of, label_names), known)
    return _Matched(table, bin_names, label_names, counts, lengths is not None)


def _warn(counts: Mapping[str, int]) -> None:
    parts = {
        "only_in_bins": "in the bins have no label in the truth and are left out",
        "only_in_truth": "in the truth are not in the bins and count as unbinned",
    }
    if said := [f"{counts[key]:,} {part}" for key, part in parts.items() if counts[key]]:
        log.warning("of the sequences, %s", "; ".join(said))


def _lengths(binned: Labels, rows: Sequence[int], true: Labels, order: Sequence[int]) -> NDArray[np.int64] | None:
    if true.lengths is not None:
        return true.lengths[order]
    found = np.array(rows, np.int64) >= 0
    if binned.lengths is not None and found.sum() == len(order):
        return binned.lengths[found]
    return None


def _numbers(names: Sequence[str], known: Sequence[str]) -> NDArray[np.int64]:
    number = {name: n for n, name in enumerate(known)}
    return np.array([number.get(name, -1) for name in names], np.int64)


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that puts bin_2 before bin_10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)] + [(-1, name)]


def _score(matched: _Matched) -> Evaluation:
    of_bins: dict[str, Any] = {**metrics.of_bins(matched.table), "bin": matched.bins}
    of_bins["label"] = _names(matched.labels, of_bins["label"])
    of_labels: dict[str, Any] = {**metrics.of_labels(matched.table), "label": matched.labels}
    of_labels["bin"] = _names(matched.bins, of_labels["bin"])
    return Evaluation(
        matched.counts,
        metrics.scores(matched.table),
        metrics.amber(matched.table) if matched.lengths_known else {},
        [BinScore(**row) for row in _rows(of_bins, matched.lengths_known)],
        [LabelScore(**row) for row in _rows(of_labels, matched.lengths_known)],
    )


def _names(names: Sequence[str], numbers: Any) -> list[str | None]:
    return [names[n] if n >= 0 else None for n in numbers.tolist()]


def _rows(columns: Mapping[str, Any], lengths_known: bool) -> Iterator[dict[str, Any]]:
    for row in zip(*(np.asarray(c, object).tolist() for c in columns.values()), strict=True):
        cells = dict(zip(columns, row, strict=True))
        yield cells if lengths_known else {k: None if "bases" in k else v for k, v in cells.items()}
