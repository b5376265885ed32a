"""The folder of results that `vaebin run` fills: what its files are called, and what is told of them in the end."""

from pathlib import Path

import numpy as np

from vaebin import assembling
from vaebin.formats import bins as bin_table
from vaebin.formats import scores, table
from vaebin.formats import summary as summary_table

FEATURES, MODEL, HISTORY, LATENT = "features.npz", "model.safetensors", "history.tsv", "latent.npz"
BINS, SUMMARY, GUARDS, BIOBOX = "bins.tsv", "bins.summary.tsv", "guards.tsv", "bins.binning"
CONTIG2BIN = "contig2bin.tsv"
PICTURE, PAGE, COORDINATES = "plot.png", "plot.html", "coordinates.tsv"
SCORES, SCORES_JSON, SCORES_PICTURE = "scores.tsv", "scores.json", "scores.png"
SEQUENCES, ASSEMBLIES = "bins", "assemblies"
REPORT = "report.html"
WRITTEN = (
    FEATURES, MODEL, HISTORY, LATENT, BINS, SUMMARY, GUARDS, BIOBOX, CONTIG2BIN, PICTURE, PAGE, COORDINATES,
    SCORES, SCORES_JSON, SCORES_PICTURE, REPORT,
)  # fmt: skip


def tell(folder: Path, *, scored: bool = False, extracted: bool = False, assembled: bool = False) -> str:
    """What a run found and where it is, as aligned lines."""
    bins = bin_table.read(folder / BINS)
    lines = [("bins", f"{len(np.unique(bins.assigned[bins.assigned > 0])):,}"), ("binned", _share(bins))]
    files = {"table": BINS, "picture": PICTURE, "page": PAGE}
    if (folder / CONTIG2BIN).exists():
        files["contig2bin"] = CONTIG2BIN
    if scored:
        rows = table.read(folder / SCORES, scores.SAMPLE_FORMAT, scores.VERSION[0], ("score", "value"))
        found = {row["score"]: row["value"] for row in rows}
        lines += [(name, found[name.lower()]) for name in ("precision", "recall", "F1", "ARI")]
        files |= {"scores": SCORES, "heat map": SCORES_PICTURE}
    if extracted:
        files["sequences"] = SEQUENCES
    if assembled:
        lines.append(("assembled", assembling.tally(folder / ASSEMBLIES)))
        files["assemblies"] = ASSEMBLIES
    lines += [(name, str(folder / file)) for name, file in {**files, "report": REPORT}.items()]
    said = [f"{name:<11}{value}" for name, value in lines]
    return "\n".join([*_bin_lines(folder / SUMMARY), *said])


def _bin_lines(path: Path) -> list[str]:
    """The largest bins, one a line, and an empty line."""
    names = [name for name in summary_table.COLUMNS if name != "nearest_bin"]
    rows = list(table.read(path, summary_table.FORMAT, summary_table.VERSION[0], names))
    names = [name for name in names if any(row[name] for row in rows)]  # of contigs there is no closure
    if not rows:
        return []
    more = [f"and {len(rows) - scores.SHOWN_BINS:,} smaller ones"] if len(rows) > scores.SHOWN_BINS else []
    return [
        *table.aligned([names, *([row[n] or "-" for n in names] for row in rows[: scores.SHOWN_BINS])], 1),
        *more,
        "",
    ]


def _share(bins: bin_table.Bins) -> str:
    n, assigned = len(bins.lengths), bins.assigned > 0
    if not n:
        return "0 of 0 sequences"
    bases = bins.lengths[assigned].sum() / max(1, bins.lengths.sum())
    return f"{assigned.sum():,} of {n:,} sequences ({assigned.mean():.1%}), {bases:.1%} of bases"
