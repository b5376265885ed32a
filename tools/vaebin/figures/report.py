"""A report of all that was found, as one page for people who have read nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vaebin import __version__
from vaebin.figures import bubbles, curves, interactive, lengths, page
from vaebin.figures.palette import colour, outline
from vaebin.figures.points import Points
from vaebin.formats.assemblies import Assembly
from vaebin.formats.bins import REASONS, Bins, name
from vaebin.formats.guards import Guard
from vaebin.formats.history import Epoch
from vaebin.formats.scores import Evaluation
from vaebin.formats.summary import Row

SURE = 0.9  # probability from which a sequence counts as sure of its bin
# What the words of a bin's kind, a reason and a guard mean.
KINDS = {
    "genome": "large enough for a whole genome, and its reads overlap nearly only each other",
    "fragment": "smaller than a whole bacterial genome: a piece of one, a small genome, or one that was cut in two",
    "plasmid-like": "small, deep and closed: a plasmid, a phage or a virus, perhaps",
    "mixed?": "many overlaps lead out of it: it may hold two relatives, or half of a genome",
    "thin": "so few reads that they hardly overlap: size and closure cannot be told",
    "unknown": "without overlaps, size and closure cannot be told",
}
MEANINGS = {
    "assigned": "in a bin",
    "unsure": "fits several bins about equally well, or none",
    "junk": "like no other read: noise of the machine, mostly",
    "chimera": "two molecules joined into one read: it belongs to two places",
    "too short": "left out before binning; --min-length decides",
}
GUARDS = {
    "adapter": "reads with pieces that stand at the ends of very many reads; the pieces were not used to join reads",
    "chimera": "reads with a joint that no other read spans; not used to join what lies on either side",
    "weak overlap": "overlaps too small for their place, dropped",
    "junk": "reads like no other read",
}


@dataclass(frozen=True)
class Agreement:
    """How another binning of the same sequences agrees: its bins, and the adjusted Rand index of the two."""

    bins: int
    ari: float


@dataclass(frozen=True)
class Report:
    """What there is to report; all but title, bins and rows may be missing.

    too_short: sequences left out before binning. settings: parameters by stage. steady: how well each bin, by
    number, is found again in the other binnings (mean share of sequences in both, of those in either).
    """

    title: str
    bins: Bins
    rows: Sequence[Row]
    what: str = "sequences"
    points: Points | None = None
    too_short: int = 0
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[Epoch] = ()
    guards: Sequence[Guard] = ()
    evaluation: Evaluation | None = None
    agreements: Sequence[Agreement] = ()
    steady: Mapping[int, float] = field(default_factory=dict)
    assemblies: Sequence[Assembly] = ()


def write(path: Path, report: Report) -> None:
    """Write the page."""
    found = lengths.histograms(report.bins.lengths, report.bins.assigned, [row.number for row in report.rows])
    data = {
        "map": interactive.mapped(report.points) if report.points else None,
        "bubbles": bubbles.depth_against_gc(report.rows),
        "lengths": {"chart": lengths.chart(found), "bins": [lengths.shares(c) for c in found.counts]},
        "training": curves.training(report.history),
        "colours": [colour(code) for code in range(len(report.rows))],
    }
    scores = {score.bin: score for score in report.evaluation.bins} if report.evaluation else {}
    page.write(
        path, "report.html", data, FILTERS, report=report, version=__version__, fates=_fates(report),
        bins=[_bin(code, report, found.counts[code + 1], scores) for code in range(len(report.rows))],
        steps=found.counts.shape[1], total=len(report.bins.ids), headline=_headline(report), sure=_sure(report.bins),
        kinds={k: text for k, text in KINDS.items() if any(row.kind == k for row in report.rows)},
        marked=any(one.completeness is not None for one in report.assemblies),
        guards=[(guard, GUARDS.get(guard.guard, "")) for guard in report.guards],
    )  # fmt: skip


def _headline(report: Report) -> str:
    n, binned = len(report.bins.ids), int((report.bins.assigned > 0).sum())
    bins = f"{len(report.rows):,} bin{'' if len(report.rows) == 1 else 's'}"
    share = "all" if binned == n > 0 else percent(binned / max(1, n))
    return f"{bins} from {n:,} {report.what}, {share} of them binned"


def _sure(bins: Bins) -> float:
    """Share of the binned sequences that are sure of their bin."""
    certain = bins.probability[bins.assigned > 0]
    return float((certain >= SURE).mean()) if len(certain) else 0.0


def _fates(report: Report) -> list[Mapping[str, Any]]:
    """What became of the sequences, one row a reason that occurs."""
    all_bases = max(1, int(report.bins.lengths.sum()))
    everything = max(1, len(report.bins.ids) + report.too_short)
    rows: list[dict[str, Any]] = []
    for number, reason in enumerate(REASONS):
        own = report.bins.reason == number
        bases = int(report.bins.lengths[own].sum())
        if own.any() or reason == "assigned":
            rows.append({"reason": reason, "sequences": int(own.sum()), "bases": bases, "of_bases": bases / all_bases})
    if report.too_short:
        rows.append({"reason": "too short", "sequences": report.too_short, "bases": None, "of_bases": None})
    return [{**row, "share": row["sequences"] / everything, "means": MEANINGS[row["reason"]]} for row in rows]


def _bin(code: int, report: Report, counts: Any, scores: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of the table of bins."""
    row = report.rows[code]
    return {
        "name": name(row.number),
        "row": row,
        "colour": colour(code),
        "outline": outline(code),
        "spark": lengths.spark(counts),
        "nearest": name(row.nearest) if row.nearest else "",
        "steady": report.steady.get(row.number),
        "score": scores.get(name(row.number)),
    }


def percent(share: float | None) -> str:
    """A share as percent, with digits enough to tell 99.96 % from all."""
    if share is None or np.isnan(share):
        return "–"
    for digits in (1, 2):
        text = f"{100 * share:.{digits}f}"
        if (float(text) not in (0, 100)) or share in (0, 1):
            return f"{text} %"
    return "> 99.99 %" if share > 0.5 else "< 0.01 %"


def amount(bases: float | None) -> str:
    """Bases in a unit that leaves three digits."""
    if bases is None:
        return "–"
    for unit, size in (("Gb", 1e9), ("Mb", 1e6), ("kb", 1e3)):
        if bases >= size:
            return f"{bases / size:.3g} {unit}" if bases < 999.5 * size else f"{bases / size:,.0f} {unit}"
    return f"{bases:.0f} b"


def figure(value: float | None, digits: int) -> str:
    """A number, or a dash where it is not known."""
    return "–" if value is None or np.isnan(value) else f"{value:,.{digits}f}"


FILTERS: Mapping[str, Callable[..., str]] = {
    "percent": percent,
    "amount": amount,
    "figure": figure,
    "count": lambda n: f"{n:,}",
}
