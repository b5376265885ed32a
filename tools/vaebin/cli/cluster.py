"""`vaebin-cluster`."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin.cli import options
from vaebin.cli.running import executable
from vaebin.config import ClusterConfig, Noise, Selection, preset

DEFAULT = ClusterConfig()
BINS, OVERLAPS, EXTRA = "Bins", "Overlaps", "Further files"


def cluster(
    latents: Annotated[list[Path], typer.Argument(metavar="LATENT...", help="Latent files of vaebin-embed.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Bin table to write.")],
    features: Annotated[
        list[Path] | None,
        typer.Option("--features", "-f", help="Features files of the same sequences, for overlaps and the summary."),
    ] = None,
    noise: Annotated[
        Noise | None,
        typer.Option(
            help=f"Whether sequences that are not sure stay unbinned: keep, or assign all. (default: {DEFAULT.noise})",
            rich_help_panel=BINS,
        ),
    ] = None,
    min_probability: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help=f"Least probability to be binned with --noise keep. (default: {DEFAULT.min_probability})",
            rich_help_panel=BINS,
        ),
    ] = None,
    min_bin_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Sequences that a bin has at least; 0: as --min-cluster-size. (default: 0)",
            rich_help_panel=BINS,
        ),
    ] = None,
    min_cluster_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="HDBSCAN's min_cluster_size, in communities; 0: by their number. (default: 0)",
            rich_help_panel=BINS,
        ),
    ] = None,
    min_samples: Annotated[
        int | None,
        typer.Option(
            min=0, help="HDBSCAN's min_samples; 0: a fifth of min_cluster_size. (default: 0)", rich_help_panel=BINS
        ),
    ] = None,
    selection: Annotated[
        Selection | None,
        typer.Option(help=f"HDBSCAN's cluster_selection_method. (default: {DEFAULT.selection})", rich_help_panel=BINS),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            min=2,
            help=f"Points that HDBSCAN sees; others join their nearest. (default: {DEFAULT.sample})",
            rich_help_panel=BINS,
        ),
    ] = None,
    split_by_sample: options.SplitBySample = None,
    overlaps: Annotated[
        bool | None,
        typer.Option(
            "--overlaps/--no-overlaps",
            help="Whether overlaps between reads are used. (default: overlaps)",
            rich_help_panel=OVERLAPS,
        ),
    ] = None,
    community_size: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Reads that a community of overlapping reads holds at most; 0: 60, more of over 100,000 sequences. "
            f"(default: {DEFAULT.community_size})",
            rich_help_panel=OVERLAPS,
        ),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Seeds of the communities to average over. (default: {DEFAULT.runs})", rich_help_panel=OVERLAPS
        ),
    ] = None,
    overlaps_file: Annotated[
        Path | None,
        typer.Option(help="Read the overlaps from this file instead of finding them.", rich_help_panel=OVERLAPS),
    ] = None,
    save_overlaps: Annotated[
        Path | None, typer.Option(help="Write the overlaps, for another run.", rich_help_panel=OVERLAPS)
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Table of one row a bin to write.", rich_help_panel=EXTRA)
    ] = None,
    guards: Annotated[
        Path | None, typer.Option(help="Table of the reads that each guard touched.", rich_help_panel=EXTRA)
    ] = None,
    biobox: Annotated[
        Path | None, typer.Option(help="Bins in CAMI's biobox format, for AMBER.", rich_help_panel=EXTRA)
    ] = None,
    contig2bin: Annotated[
        Path | None,
        typer.Option(help="Two columns, sequence and bin, without names, for DAS Tool.", rich_help_panel=EXTRA),
    ] = None,
    preset_name: options.Preset = "default",
    seed: options.Seed = DEFAULT.seed,
    threads: options.Threads = 0,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
    version: options.Version = False,
) -> None:
    """Find bins among sequences.

    Reads that overlap are pooled into communities, the communities' latent means and depths are clustered by HDBSCAN,
    and the overlaps settle the rest. Sequences that hardly overlap, such as contigs, are clustered one by one.

    Example: vaebin-cluster latent.npz --features features.npz -o bins.tsv --summary summary.tsv
    """
    from vaebin import clustering

    config = preset(
        ClusterConfig, "cluster", preset_name, noise=noise, min_probability=min_probability, min_bin_size=min_bin_size,
        min_cluster_size=min_cluster_size, min_samples=min_samples, selection=selection, sample=sample,
        overlaps=overlaps, community_size=community_size, runs=runs, split_by_sample=split_by_sample, seed=seed,
    )  # fmt: skip
    clustering.cluster(
        latents, features or [], output, config, summary=summary, guards=guards, biobox=biobox, contig2bin=contig2bin,
        overlaps=overlaps_file, save_overlaps=save_overlaps, threads=threads,
    )  # fmt: skip


main = executable(cluster, "vaebin-cluster")
