"""`vaebin-embed`."""

from pathlib import Path
from typing import Annotated

import typer

from vaebin.cli import options
from vaebin.cli.running import executable
from vaebin.config import EmbedConfig

DEFAULT = EmbedConfig()


def embed(
    features: Annotated[list[Path], typer.Argument(metavar="FEATURES...", help="Features files of vaebin-vectorize.")],
    model: Annotated[Path, typer.Option("--model", "-m", help="Model file of vaebin-train.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Latent file to write (npz).")],
    variance: Annotated[
        bool, typer.Option("--variance", help="Write the latent's log variances beside the means.")
    ] = DEFAULT.variance,
    block: Annotated[
        int, typer.Option(min=1, help="Sequences that pass the network at once; results may differ in the last digits.")
    ] = DEFAULT.block,
    device: options.DeviceName = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
    version: options.Version = False,
) -> None:
    """Place sequences in the latent space of a trained model.

    The sequences need not be those that the model was trained on, but measured with the same options. Several
    features files are taken as parts of one input, and give the same rows as one by one.

    Example: vaebin-embed features.npz --model model.safetensors -o latent.npz
    """
    from vaebin import embedding

    config = EmbedConfig(variance=variance, block=block)
    embedding.embed(features, model, output, config, device=device)


main = executable(embed, "vaebin-embed")
