"""`vaebin-train`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from vaebin.cli import options
from vaebin.cli.running import executable
from vaebin.config import MAX_EPOCHS, Optimizer, PictureFormat, Reconstruction, Scaling, TrainConfig, preset

DEFAULT = TrainConfig()
NETWORK, OBJECTIVE, SCHEDULE, EXTRA = "Network", "Objective", "Training", "Further files"


def train(
    features: Annotated[list[Path], typer.Argument(metavar="FEATURES...", help="Features files of vaebin-vectorize.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Model file to write (safetensors).")],
    latent_dim: Annotated[
        int | None,
        typer.Option(min=1, help=f"Latent dimensions. (default: {DEFAULT.latent_dim})", rich_help_panel=NETWORK),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            help="Widths of the encoder's hidden layers; the decoder mirrors them. "
            f"(default: {','.join(map(str, DEFAULT.hidden))})",
            metavar="N,N...",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    batch_norm: Annotated[
        bool | None,
        typer.Option(
            "--batch-norm/--no-batch-norm",
            help="Whether hidden layers are batch-normalised. (default: batch-norm)",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.99,
            help=f"Share of hidden units dropped. (default: {DEFAULT.dropout:g})",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    logvar: Annotated[
        Literal["linear", "softplus"] | None,
        typer.Option(
            help=f"How the latent's log variance is made. (default: {DEFAULT.logvar})", rich_help_panel=NETWORK
        ),
    ] = None,
    views: Annotated[
        bool | None,
        typer.Option(
            "--views/--no-views",
            help="Whether the network sees one random half of a sequence and rebuilds the other. (default: views)",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    scaling: Annotated[
        Scaling | None,
        typer.Option(
            help="Input: standardised square roots of k-mer frequencies, frequencies, or frequencies scaled to 0..1. "
            f"(default: {DEFAULT.scaling})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    reconstruction: Annotated[
        Reconstruction | None,
        typer.Option(
            help="Likelihood of k-mer counts, squared error or binary cross-entropy. "
            f"(default: {DEFAULT.reconstruction})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    effective_count: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"Multinomial: k-mers that a sequence counts for. (default: {DEFAULT.effective_count:g})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    kl_weight: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"Weight of the KL divergence from the prior. (default: {DEFAULT.kl_weight:g})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    kl_warmup: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help=f"Share of the steps over which that weight rises from 0. (default: {DEFAULT.kl_warmup:g})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    contrast_weight: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"Weight of the contrast between a sequence's two views. (default: {DEFAULT.contrast_weight:g})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    contrast_temperature: Annotated[
        float | None,
        typer.Option(
            min=0.03,
            help=f"Temperature of that contrast. (default: {DEFAULT.contrast_temperature:g})",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=0,
            help=f"Passes over the sequences; 0: as make --steps, {MAX_EPOCHS} at most. (default: {DEFAULT.epochs})",
            rich_help_panel=SCHEDULE,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help=f"Batches to train on. (default: {DEFAULT.steps})", rich_help_panel=SCHEDULE),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=2, help=f"Sequences a batch, at most. (default: {DEFAULT.batch_size})", rich_help_panel=SCHEDULE
        ),
    ] = None,
    optimizer: Annotated[
        Optimizer | None,
        typer.Option(
            help="Muon for the matrices of hidden layers and Adam for the rest, or Adam for all, which needs "
            f"--steps 1000 --learning-rate 0.002 for as good a model. (default: {DEFAULT.optimizer})",
            rich_help_panel=SCHEDULE,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            min=0, help=f"Learning rate at its highest. (default: {DEFAULT.learning_rate:g})", rich_help_panel=SCHEDULE
        ),
    ] = None,
    schedule: Annotated[
        Literal["onecycle", "constant"] | None,
        typer.Option(help=f"Course of the learning rate. (default: {DEFAULT.schedule})", rich_help_panel=SCHEDULE),
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.9,
            help=f"Share of the sequences held out. (default: {DEFAULT.validation:g})",
            rich_help_panel=SCHEDULE,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Epochs without a better loss on those held out before training stops and goes back to the best; "
            f"0: never. (default: {DEFAULT.patience})",
            rich_help_panel=SCHEDULE,
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Sequences to train on, at most. (default: {DEFAULT.sample})", rich_help_panel=SCHEDULE
        ),
    ] = None,
    history: Annotated[Path | None, typer.Option(help="Table of the losses to write.", rich_help_panel=EXTRA)] = None,
    history_plot: Annotated[
        Path | None, typer.Option(help="Picture of the losses to write.", rich_help_panel=EXTRA)
    ] = None,
    plot_format: Annotated[PictureFormat, typer.Option(help="Format of that picture.", rich_help_panel=EXTRA)] = "png",
    checkpoint: Annotated[
        Path | None, typer.Option(help="File to keep the state in, after every epoch.", rich_help_panel=EXTRA)
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, if it is there.", rich_help_panel=EXTRA)
    ] = False,
    preset_name: options.Preset = "default",
    seed: options.Seed = DEFAULT.seed,
    device: options.DeviceName = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
    version: options.Version = False,
) -> None:
    """Train the variational autoencoder on sequences' k-mer counts.

    Several features files are taken as parts of one input. The model file embeds these or other sequences, with
    vaebin-embed.

    Example: vaebin-train features.npz -o model.safetensors --history history.tsv
    """
    from vaebin import training

    if resume and checkpoint is None:
        raise typer.BadParameter("needs the file to go on from; give --checkpoint, too", param_hint="--resume")
    config = preset(
        TrainConfig, "train", preset_name, latent_dim=latent_dim, hidden=_widths(hidden), batch_norm=batch_norm,
        dropout=dropout, logvar=logvar, views=views, scaling=scaling, reconstruction=reconstruction,
        effective_count=effective_count, kl_weight=kl_weight, kl_warmup=kl_warmup, contrast_weight=contrast_weight,
        contrast_temperature=contrast_temperature, epochs=epochs, steps=steps, batch_size=batch_size,
        optimizer=optimizer, learning_rate=learning_rate, schedule=schedule, validation=validation, patience=patience,
        sample=sample, seed=seed,
    )  # fmt: skip
    training.train(
        features, output, config, history=history, history_plot=history_plot, plot_format=plot_format,
        checkpoint=checkpoint, resume=resume, device=device,
    )  # fmt: skip


def _widths(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    words = text.split(",")
    if not all(word.strip().isdigit() and int(word) for word in words):
        raise typer.BadParameter(f"{text!r}: expected widths such as 256,256", param_hint="--hidden")
    return tuple(map(int, words))


main = executable(train, "vaebin-train")
