"""`vaebin run`."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin import config
from vaebin.cli import options
from vaebin.cli.options import Debug, DeviceName, Preset, Quiet, Seed, Threads, Version
from vaebin.config import (
    MAX_EPOCHS,
    AssembleConfig,
    Assembler,
    ClusterConfig,
    EmbedConfig,
    ExtractConfig,
    Noise,
    Platform,
    PlotConfig,
    TrainConfig,
    VectorizeConfig,
)

SETTINGS, SCORING, ASSEMBLY = "What makes the bins", "Scores and sequences", "Contigs of each bin"


def run(
    reads: Annotated[
        list[Path],
        typer.Argument(
            help="FASTA, FASTQ, GenBank or EMBL files, plain or in gzip or zstd, or BAM; several are one sample."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; made where there is none.")],
    truth: Annotated[
        Path | None,
        typer.Option(help="Table of each sequence's true label; the bins are scored by it.", rich_help_panel=SCORING),
    ] = None,
    id_column: Annotated[
        str, typer.Option(help="The truth's column of sequence ids.", rich_help_panel=SCORING)
    ] = "read_id",
    label_column: Annotated[
        str, typer.Option(help="The truth's column of labels.", rich_help_panel=SCORING)
    ] = "species",
    extract: Annotated[
        bool, typer.Option("--extract", help="Write one file of sequences a bin, too.", rich_help_panel=SCORING)
    ] = False,
    min_bin_bases: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Bases that a bin must have to be written. "
            f"(default: {ExtractConfig.min_bin_bases}; of contigs with depth {config.CONTIG_BIN_BASES:,})",
            rich_help_panel=SCORING,
        ),
    ] = None,
    depth: options.Depth = None,
    bam: options.Bams = None,
    min_identity: options.MinIdentity = None,
    split_by_sample: options.SplitBySample = None,
    assemble: Annotated[
        bool,
        typer.Option(
            "--assemble", help="Extract the bins, and assemble those that are deep enough.", rich_help_panel=ASSEMBLY
        ),
    ] = False,
    assembler: Annotated[
        Assembler,
        typer.Option(help="What assembles; miniasm takes minimap2 and racon along.", rich_help_panel=ASSEMBLY),
    ] = AssembleConfig.assembler,
    platform: Annotated[
        Platform,
        typer.Option(
            help="What the reads are; ont-hq has under 5 % errors. The assembler alone heeds it.",
            rich_help_panel=ASSEMBLY,
        ),
    ] = AssembleConfig.platform,
    markers: Annotated[
        Path | None,
        typer.Option(
            help="Profiles of single-copy genes (HMMER's format) to count in the contigs.", rich_help_panel=ASSEMBLY
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option(
            "-k",
            min=1,
            max=8,
            help="Length of the k-mers counted; the default preset trains on 4-mers, whatever this is. "
            f"(default: {VectorizeConfig.k})",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    min_length: Annotated[
        int | None,
        typer.Option(
            min=0,
            help=f"Leave out shorter sequences. (default: {VectorizeConfig.min_length})",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    min_quality: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Leave out reads whose mean quality, that of their mean error probability, is lower. "
            f"(default: {VectorizeConfig.min_quality:g})",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    latent_dim: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Latent dimensions of the VAE. (default: {TrainConfig.latent_dim})", rich_help_panel=SETTINGS
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Passes over the sequences. (default: as make {TrainConfig.steps} steps, {MAX_EPOCHS} at most)",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    noise: Annotated[
        Noise | None,
        typer.Option(
            help=f"Leave doubtful sequences unbinned, or assign them. (default: {ClusterConfig.noise})",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    min_bin_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Sequences that a bin must have; 0: by their number. (default: 0)",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            min=2,
            help=f"Points clustered at most, the others follow. (default: {ClusterConfig.sample:,})",
            rich_help_panel=SETTINGS,
        ),
    ] = None,
    preset: Preset = "default",
    seed: Seed = config.SEED,
    device: DeviceName = "auto",
    threads: Threads = 0,
    force: Annotated[bool, typer.Option("--force", help="Run every stage again, whatever is done.")] = False,
    version: Version = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Bin the sequences of one sample: all stages into one folder.

    Stages whose results are in the folder already, made from the same sequences with the same settings,
    are not run again; so the same command continues where it was interrupted.

    Contigs come with their depth, --depth or --bam.

    Example: vaebin run reads.fastq.gz -o results
    """
    options.require_one_source(depth, bam, min_identity)
    from vaebin import pipeline, results
    from vaebin.formats.truth import Columns

    files = pipeline.Sample(reads, depth, bam or [])
    if min_bin_bases is None and files.of_contigs:
        min_bin_bases = config.CONTIG_BIN_BASES
    settings = pipeline.Settings(
        config.preset(
            VectorizeConfig, "vectorize", preset, k=k, min_length=min_length, min_quality=min_quality,
            min_identity=min_identity,
        ),
        config.preset(TrainConfig, "train", preset, latent_dim=latent_dim, epochs=epochs, seed=seed),
        config.preset(EmbedConfig, "embed", preset),
        config.preset(
            ClusterConfig, "cluster", preset, noise=noise, min_bin_size=min_bin_size, sample=sample,
            split_by_sample=split_by_sample, seed=seed,
        ),
        config.preset(PlotConfig, "plot", preset, seed=seed),
        config.preset(ExtractConfig, "extract", preset, min_bin_bases=min_bin_bases),
        device,
        threads,
    )  # fmt: skip
    columns = Columns(id_column, label_column)
    contigs = AssembleConfig(assembler, platform) if assemble else None
    pipeline.run(
        files, output, settings, truth=truth, truth_columns=columns, extract=extract, assemble=contigs,
        profiles=markers, force=force,
    )  # fmt: skip
    print(results.tell(output, scored=truth is not None, extracted=extract or assemble, assembled=assemble))
