"""`vaebin run`: every stage in order into one folder, none run twice for the same inputs, parameters and version."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vaebin import clustering, embedding, evaluation, extraction, plotting, reporting, training, vectorizing
from vaebin.config import ClusterConfig, Device, EmbedConfig, ExtractConfig, PlotConfig, TrainConfig, VectorizeConfig
from vaebin.errors import InputError
from vaebin.formats import bins as bin_table
from vaebin.formats import scores, table
from vaebin.formats import summary as summary_table
from vaebin.formats import truth as truth_table
from vaebin.formats.truth import Columns
from vaebin.reporting import Files
from vaebin.resuming import RECORD, Stage, alone_in, perform

FEATURES, MODEL, HISTORY, LATENT = "features.npz", "model.safetensors", "history.tsv", "latent.npz"
BINS, SUMMARY, GUARDS, BIOBOX = "bins.tsv", "bins.summary.tsv", "guards.tsv", "bins.binning"
PICTURE, PAGE, COORDINATES = "plot.png", "plot.html", "coordinates.tsv"
SCORES, SCORES_JSON, SCORES_PICTURE = "scores.tsv", "scores.json", "scores.png"
SEQUENCES = "bins"
REPORT = "report.html"
_WRITTEN = (
    FEATURES, MODEL, HISTORY, LATENT, BINS, SUMMARY, GUARDS, BIOBOX, PICTURE, PAGE, COORDINATES,
    SCORES, SCORES_JSON, SCORES_PICTURE, REPORT,
)  # fmt: skip
LEFTOVERS = (
    *(f".{name}.*.part" for name in _WRITTEN),
    f"{SEQUENCES}/.summary.tsv.*.part",
    f"{SEQUENCES}/.vaebin.*.part",
)


@dataclass(frozen=True)
class Settings:
    """The configuration of every stage, and what the machine does it with, which no stage's results depend on."""

    vectorize: VectorizeConfig
    train: TrainConfig
    embed: EmbedConfig
    cluster: ClusterConfig
    plot: PlotConfig
    device: Device = "auto"
    threads: int = 0


def run(
    reads: Sequence[Path],
    folder: Path,
    settings: Settings,
    *,
    truth: Path | None = None,
    truth_columns: Columns = evaluation.TRUTH_COLUMNS,
    extract: bool = False,
    force: bool = False,
) -> None:
    """Run all stages into `folder`; with `force` also those whose results are there already.

    Raises InputError when the reads are not files, the folder cannot be one, or another run is at work in it.
    """
    for path in reads:
        if str(path) == "-" or (path.exists() and not path.is_file() and not path.is_dir()):
            raise InputError(f"{path}: not a file; vaebin run reads its input more than once: save it to a file first")
    plan = stages(reads, folder, settings)
    if truth:
        if truth_table.kind(truth) != "sequences":
            truth_table.read(truth, truth_columns)  # what is wrong with it is told before the work, not after
        plan.append(_scoring(folder, truth, truth_columns))
    if extract:
        plan.append(_extracting(reads, folder))
    plan.append(_reporting(folder, plan, scored=truth is not None))
    with alone_in(folder, LEFTOVERS):
        perform(plan, folder, force=force)


def stages(reads: Sequence[Path], folder: Path, settings: Settings) -> list[Stage]:
    """The stages from reads to the picture of their bins, in order of work."""
    s, threads, device = settings, settings.threads, settings.device
    features, model, latent, bins = (folder / n for n in (FEATURES, MODEL, LATENT, BINS))
    history, summary, guards, biobox = (folder / n for n in (HISTORY, SUMMARY, GUARDS, BIOBOX))
    picture, page, coordinates = folder / PICTURE, folder / PAGE, folder / COORDINATES

    def train() -> None:
        training.train([features], model, s.train, history=history, device=device)

    def cluster() -> None:
        clustering.cluster(
            [latent], [features], bins, s.cluster, summary=summary, guards=guards, biobox=biobox, threads=threads
        )

    def plot() -> None:
        plotting.plot([latent], s.plot, bins=bins, picture=picture, html=page, coordinates=coordinates)

    return [
        _stage("vectorize", s.vectorize, {}, [features],
               lambda: vectorizing.vectorize(reads, features, s.vectorize, threads=threads), reads),
        _stage("train", s.train, _own(features), [model, history], train),
        _stage("embed", s.embed, _own(features, model), [latent],
               lambda: embedding.embed([features], model, latent, s.embed, device=device)),
        _stage("cluster", s.cluster, _own(features, latent), [bins, summary, guards, biobox], cluster),
        _stage("plot", s.plot, _own(latent, bins), [picture, page, coordinates], plot),
    ]  # fmt: skip


def _scoring(folder: Path, truth: Path, columns: Columns) -> Stage:
    bins, tsv, details, heatmap = (folder / n for n in (BINS, SCORES, SCORES_JSON, SCORES_PICTURE))

    def work() -> None:
        evaluation.evaluate(bins, truth, truth_columns=columns, tsv=tsv, json=details, heatmap=heatmap)

    return Stage("evaluate", columns._asdict(), {**_own(bins), "truth": truth}, lambda: [tsv, details, heatmap], work)


def _extracting(reads: Sequence[Path], folder: Path) -> Stage:
    bins, sequences = folder / BINS, folder / SEQUENCES
    summary = sequences / "summary.tsv"
    config = ExtractConfig(ignore_missing=True)  # vectorize may leave some out

    def work() -> None:
        extraction.extract(reads, bins, sequences, config, summary=summary)

    def outputs() -> list[Path]:
        rows = table.read(summary, extraction.FORMAT, extraction.VERSION[0], ("file",))
        return [summary, *(sequences / row["file"] for row in rows)]

    return Stage("extract", dataclasses.asdict(config), _own(bins), outputs, work, reads)


def _reporting(folder: Path, plan: Sequence[Stage], *, scored: bool) -> Stage:
    bins, features, model, history = (folder / n for n in (BINS, FEATURES, MODEL, HISTORY))
    tables = summary, coordinates, guards = tuple(folder / n for n in (SUMMARY, COORDINATES, GUARDS))
    details = folder / SCORES_JSON if scored else None
    page = folder / REPORT

    def work() -> None:
        files = Files(summary, coordinates, guards, details, [features], model, history, folder / RECORD)
        reporting.report(bins, page, files)

    inputs = _own(bins, *tables, features, model, history, *([details] if details else []))
    told = {stage.name: stage.parameters for stage in plan}  # the page shows them
    return Stage("report", told, inputs, lambda: [page], work)


def _stage(
    name: str,
    config: Any,
    inputs: Mapping[str, Path],
    outputs: Sequence[Path],
    work: Callable[[], None],
    reads: Sequence[Path] = (),
) -> Stage:
    return Stage(name, dataclasses.asdict(config), inputs, lambda: outputs, work, reads)


def _own(*paths: Path) -> dict[str, Path]:
    return {path.name: path for path in paths}


def report(folder: Path, *, scored: bool = False, extracted: bool = False) -> str:
    """What a run found and where it is, as aligned lines."""
    bins = bin_table.read(folder / BINS)
    lines = [("bins", f"{len(np.unique(bins.assigned[bins.assigned > 0])):,}"), ("binned", _share(bins))]
    files = {"table": BINS, "picture": PICTURE, "page": PAGE}
    if scored:
        rows = table.read(folder / SCORES, scores.SAMPLE_FORMAT, scores.VERSION[0], ("score", "value"))
        found = {row["score"]: row["value"] for row in rows}
        lines += [(name, found[name.lower()]) for name in ("precision", "recall", "F1", "ARI")]
        files |= {"scores": SCORES, "heat map": SCORES_PICTURE}
    if extracted:
        files["sequences"] = SEQUENCES
    lines += [(name, str(folder / file)) for name, file in {**files, "report": REPORT}.items()]
    said = [f"{name:<11}{value}" for name, value in lines]
    return "\n".join([*_bin_lines(folder / SUMMARY), *said])


def _bin_lines(path: Path) -> list[str]:
    """The largest bins, one a line, and an empty line."""
    names = [name for name in summary_table.COLUMNS if name != "nearest_bin"]
    rows = list(table.read(path, summary_table.FORMAT, summary_table.VERSION[0], names))
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
