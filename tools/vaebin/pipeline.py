"""`vaebin run`: every stage in order into one folder, none run twice for the same inputs, parameters and version."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaebin import assemblers, assembling, evaluation, extraction, loading, markers, plotting, reporting
from vaebin.config import (
    AssembleConfig,
    ClusterConfig,
    Device,
    EmbedConfig,
    ExtractConfig,
    PlotConfig,
    TrainConfig,
    VectorizeConfig,
)
from vaebin.errors import InputError
from vaebin.formats import table
from vaebin.formats import truth as truth_table
from vaebin.formats.truth import Columns
from vaebin.reporting import Files
from vaebin.results import (
    ASSEMBLIES,
    BINS,
    BIOBOX,
    CONTIG2BIN,
    COORDINATES,
    FEATURES,
    GUARDS,
    HISTORY,
    LATENT,
    MODEL,
    PAGE,
    PICTURE,
    REPORT,
    SCORES,
    SCORES_JSON,
    SCORES_PICTURE,
    SEQUENCES,
    SUMMARY,
    WRITTEN,
)
from vaebin.resuming import RECORD, Stage, alone_in, perform

LEFTOVERS = (
    *(f".{name}.*.part" for name in WRITTEN),
    f"{SEQUENCES}/.summary.tsv.*.part",
    f"{SEQUENCES}/.vaebin.*.part",
)


@dataclass(frozen=True)
class Sample:
    """What is binned: files of sequences, and where these are contigs a table of their depth or a BAM file a sample."""

    sequences: Sequence[Path]
    depth: Path | None = None
    bams: Sequence[Path] = ()

    @property
    def of_contigs(self) -> bool:
        """Whether the sequences are contigs with depth."""
        return bool(self.depth or self.bams)


@dataclass(frozen=True)
class Settings:
    """The configuration of every stage, and what the machine does it with, which no stage's results depend on."""

    vectorize: VectorizeConfig
    train: TrainConfig
    embed: EmbedConfig
    cluster: ClusterConfig
    plot: PlotConfig
    extract: ExtractConfig
    device: Device = "auto"
    threads: int = 0


def run(
    sample: Sample,
    folder: Path,
    settings: Settings,
    *,
    truth: Path | None = None,
    truth_columns: Columns = evaluation.TRUTH_COLUMNS,
    extract: bool = False,
    assemble: AssembleConfig | None = None,
    profiles: Path | None = None,
    force: bool = False,
) -> None:
    """Run all stages into `folder`; with `force` also those whose results are there already.

    To assemble is to extract, too; `profiles` are of marker genes to count in the contigs. Raises InputError when the
    reads are not files, the folder cannot be one, another run is at work in it, or the assembler is not on PATH.
    """
    if assemble:
        assemblers.require(assemble)
        if profiles:
            markers.read(profiles)  # likewise told before the work
    for path in sample.sequences:
        if str(path) == "-" or (path.exists() and not path.is_file() and not path.is_dir()):
            raise InputError(f"{path}: not a file; vaebin run reads its input more than once: save it to a file first")
    plan = stages(sample, folder, settings)
    if truth:
        if truth_table.kind(truth) != "sequences":
            truth_table.read(truth, truth_columns)  # what is wrong with it is told before the work, not after
        plan.append(_scoring(folder, truth, truth_columns))
    if extract or assemble:
        plan.append(_extracting(sample.sequences, folder, settings.extract))
    if assemble:
        plan.append(_assembling(sample.sequences, folder, assemble, profiles, settings.threads, force))
    plan.append(_reporting(folder, plan, scored=truth is not None, assembled=assemble is not None))
    with alone_in(folder, LEFTOVERS):
        perform(plan, folder, force=force)


def stages(sample: Sample, folder: Path, settings: Settings) -> list[Stage]:
    """The stages from sequences to the picture of their bins, in order of work."""
    s, threads, device = settings, settings.threads, settings.device
    features, model, latent, bins = (folder / n for n in (FEATURES, MODEL, LATENT, BINS))
    history, summary, guards, biobox = (folder / n for n in (HISTORY, SUMMARY, GUARDS, BIOBOX))
    picture, page, coordinates = folder / PICTURE, folder / PAGE, folder / COORDINATES
    contig2bin = folder / CONTIG2BIN if sample.of_contigs else None
    made = [bins, summary, guards, biobox, *([contig2bin] if contig2bin else [])]

    def train() -> None:
        from vaebin import training

        training.train([features], model, s.train, history=history, device=device)

    def embed() -> None:
        from vaebin import embedding

        embedding.embed([features], model, latent, s.embed, device=device)

    def cluster() -> None:
        from vaebin import clustering

        clustering.cluster(
            [latent], [features], bins, s.cluster, summary=summary, guards=guards, biobox=biobox,
            contig2bin=contig2bin, threads=threads,
        )  # fmt: skip

    def plot() -> None:
        plotting.plot([latent], s.plot, bins=bins, picture=picture, html=page, coordinates=coordinates)

    return [
        _vectorizing(sample, features, s),
        _stage("train", s.train, _own(features), [model, history], train),
        _stage("embed", s.embed, _own(features, model), [latent], embed),
        _stage("cluster", s.cluster, _own(features, latent), made, cluster),
        _stage("plot", s.plot, _own(latent, bins), [picture, page, coordinates], plot),
    ]  # fmt: skip


def _vectorizing(sample: Sample, features: Path, settings: Settings) -> Stage:
    config, bams = settings.vectorize, sample.bams
    parameters = dataclasses.asdict(config) | ({"bams": len(bams)} if bams else {})  # which reads are alignments

    def work() -> None:
        from vaebin import vectorizing

        with loading.in_background("vaebin.training", "vaebin.clustering"):
            vectorizing.vectorize(
                sample.sequences, features, config, depth=sample.depth, bams=bams, threads=settings.threads
            )

    inputs = {"depth": sample.depth} if sample.depth else {}
    return Stage("vectorize", parameters, inputs, lambda: [features], work, [*sample.sequences, *bams])


def _scoring(folder: Path, truth: Path, columns: Columns) -> Stage:
    bins, tsv, details, heatmap = (folder / n for n in (BINS, SCORES, SCORES_JSON, SCORES_PICTURE))

    def work() -> None:
        evaluation.evaluate(bins, truth, truth_columns=columns, tsv=tsv, json=details, heatmap=heatmap)

    return Stage("evaluate", columns._asdict(), {**_own(bins), "truth": truth}, lambda: [tsv, details, heatmap], work)


def _extracting(reads: Sequence[Path], folder: Path, config: ExtractConfig) -> Stage:
    bins, sequences = folder / BINS, folder / SEQUENCES
    summary = sequences / "summary.tsv"
    config = dataclasses.replace(config, ignore_missing=True)  # vectorize may leave some out

    def work() -> None:
        extraction.extract(reads, bins, sequences, config, summary=summary)

    def outputs() -> list[Path]:
        rows = table.read(summary, extraction.FORMAT, extraction.VERSION[0], ("file",))
        return [summary, *(sequences / row["file"] for row in rows)]

    return Stage("extract", dataclasses.asdict(config), _own(bins), outputs, work, reads)


def _assembling(
    reads: Sequence[Path], folder: Path, config: AssembleConfig, profiles: Path | None, threads: int, force: bool
) -> Stage:
    files, summary, assemblies = folder / SEQUENCES / "summary.tsv", folder / SUMMARY, folder / ASSEMBLIES

    def work() -> None:
        assembling.assemble(files, summary, assemblies, config, profiles=profiles, force=force, threads=threads)

    parameters = {**dataclasses.asdict(config), "programs": assemblers.versions(config)}
    inputs = _own(folder / BINS, summary) | ({"markers": profiles} if profiles else {})
    return Stage("assemble", parameters, inputs, lambda: assembling.written(assemblies), work, reads)


def _reporting(folder: Path, plan: Sequence[Stage], *, scored: bool, assembled: bool) -> Stage:
    bins, features, model, history = (folder / n for n in (BINS, FEATURES, MODEL, HISTORY))
    tables = summary, coordinates, guards = tuple(folder / n for n in (SUMMARY, COORDINATES, GUARDS))
    details = folder / SCORES_JSON if scored else None
    assemblies = folder / ASSEMBLIES / assembling.TABLE if assembled else None
    page = folder / REPORT

    def work() -> None:
        files = Files(
            summary, coordinates, guards, details, [features], model, history, folder / RECORD, assemblies=assemblies
        )
        reporting.report(bins, page, files)

    inputs = _own(bins, *tables, features, model, history, *([details] if details else []))
    inputs |= {"assemblies": assemblies} if assemblies else {}
    told = {stage.name: stage.parameters for stage in plan}  # the page shows them
    return Stage("report", told, inputs, lambda: [page], work)


def _stage(
    name: str,
    config: Any,
    inputs: Mapping[str, Path],
    outputs: Sequence[Path],
    work: Callable[[], None],
) -> Stage:
    return Stage(name, dataclasses.asdict(config), inputs, lambda: outputs, work)


def _own(*paths: Path) -> dict[str, Path]:
    return {path.name: path for path in paths}
