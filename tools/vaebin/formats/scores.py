"""What `evaluate` found, as text for people, as tables and as JSON. Specified in README.md."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vaebin import provenance
from vaebin.errors import FormatError
from vaebin.formats import document, table
from vaebin.formats.atomic import writing_text

FORMAT = "vaebin-evaluation"
SAMPLE_FORMAT, BIN_FORMAT, LABEL_FORMAT = "vaebin-scores", "vaebin-bin-scores", "vaebin-label-scores"
VERSION = (1, 0)
SHOWN_BINS = 30  # more bins are not printed, only written


@dataclass(frozen=True)
class BinScore:
    """One bin: its size, its majority label by sequences, purity and completeness as to that label.

    Bases are None where lengths are not known.
    """

    bin: str
    label: str
    sequences: int
    purity: float
    completeness: float
    bases: int | None
    purity_bases: float | None
    completeness_bases: float | None


@dataclass(frozen=True)
class LabelScore:
    """One label: its size, its share in any bin, the bin that holds most of its sequences, and its share there."""

    label: str
    sequences: int
    assigned: float
    bin: str | None
    completeness: float
    bases: int | None
    completeness_bases: float | None


@dataclass(frozen=True)
class Evaluation:
    """Scores of a binning against a truth.

    counts: sequences in both tables, only in the bins, only in the truth. scores: LRBinner's. amber: AMBER's, under
    AMBER's names, empty where lengths are not known. bins: in natural order of names. labels: largest first.
    """

    counts: Mapping[str, int]
    scores: Mapping[str, float]
    amber: Mapping[str, float]
    bins: Sequence[BinScore]
    labels: Sequence[LabelScore]


def write_sample(path: Path, evaluation: Evaluation) -> None:
    """Write the scores of the whole sample, one a row."""
    rows: list[tuple[str, Any]] = [*evaluation.counts.items(), ("bins", len(evaluation.bins))]
    rows += [*evaluation.scores.items(), *((f"amber_{name}", value) for name, value in evaluation.amber.items())]
    table.write(path, SAMPLE_FORMAT, VERSION, ("score", "value"), ((name, _cell(value)) for name, value in rows))


def write_bins(path: Path, evaluation: Evaluation) -> None:
    """Write one row a bin."""
    table.write(path, BIN_FORMAT, VERSION, [f.name for f in fields(BinScore)], _rows(evaluation.bins))


def write_labels(path: Path, evaluation: Evaluation) -> None:
    """Write one row a label."""
    table.write(path, LABEL_FORMAT, VERSION, [f.name for f in fields(LabelScore)], _rows(evaluation.labels))


def write_json(path: Path, evaluation: Evaluation, parameters: Mapping[str, Any]) -> None:
    """Write everything, in full precision; what is not a number is null."""
    content = {**provenance.header(FORMAT, VERSION, parameters), **_without_nan(asdict(evaluation))}
    with writing_text(path) as stream:
        json.dump(content, stream, indent=1, allow_nan=False)
        stream.write("\n")


def read_json(path: Path) -> Evaluation:
    """Read what `write_json` wrote; a score that is not defined comes back as NaN."""
    content = document.read(path, FORMAT, VERSION[0])
    try:
        scores, amber = ({k: math.nan if v is None else v for k, v in content[n].items()} for n in ("scores", "amber"))
        bins = [BinScore(**{f.name: row[f.name] for f in fields(BinScore)}) for row in content["bins"]]
        labels = [LabelScore(**{f.name: row[f.name] for f in fields(LabelScore)}) for row in content["labels"]]
        return Evaluation(content["counts"], scores, amber, bins, labels)
    except (KeyError, TypeError, AttributeError):
        raise FormatError(f"{path}: a {FORMAT} file that lacks parts; evaluate again") from None


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(v) for key, v in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def _rows(items: Sequence[Any]) -> Iterator[list[Any]]:
    return ([_cell(value) for value in vars(item).values()] for item in items)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else f"{value:.6f}"
    return value


def text(evaluation: Evaluation) -> str:
    """The scores as aligned lines, with a row for each bin where there are few."""
    lines = [f"{len(evaluation.bins):,} bins, {len(evaluation.labels):,} labels", ""]
    lines += table.aligned(_sample(evaluation), 1)
    if 0 < len(evaluation.bins) <= SHOWN_BINS:
        lines += ["", *table.aligned(_bins(evaluation.bins), 2)]
    return "\n".join(lines)


def _sample(evaluation: Evaluation) -> list[list[str]]:
    scores, amber = evaluation.scores, evaluation.amber
    rows = [
        ("assigned", scores["assigned"], amber.get("percentage_of_assigned_bps")),
        ("precision", scores["precision"], amber.get("precision_weighted_bp")),
        ("recall", scores["recall"], amber.get("recall_weighted_bp")),
        ("F1", scores["f1"], amber.get("f1_score_per_bp")),
        ("ARI, assigned only", scores["ari"], amber.get("adjusted_rand_index_bp")),
        ("ARI, unbinned as bins of one", scores["ari_all"], None),
    ]
    if amber:
        rows += [
            ("mean purity of bins", amber["precision_avg_seq"], amber["precision_avg_bp"]),
            ("mean completeness of labels", amber["recall_avg_seq"], amber["recall_avg_bp"]),
        ]
    head = ["", "by sequences", "by bases"] if amber else ["", "by sequences"]
    return [head, *([name, *map(_figure, values)][: len(head)] for name, *values in rows)]


def _bins(bins: Sequence[BinScore]) -> list[list[str]]:
    head = ["bin", "majority label", "sequences", "purity", "completeness"]
    rows = [[b.bin, b.label, f"{b.sequences:,}", _figure(b.purity), _figure(b.completeness)] for b in bins]
    if bins[0].bases is None:
        return [head, *rows]
    head += ["bases", "purity", "completeness"]
    more = [[f"{b.bases:,}", _figure(b.purity_bases), _figure(b.completeness_bases)] for b in bins]
    return [head, *(row + further for row, further in zip(rows, more, strict=True))]


def _figure(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4f}"
