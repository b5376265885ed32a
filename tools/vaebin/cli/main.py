"""`vaebin`: every stage as a subcommand, in the order of work."""

from vaebin.cli.assemble import assemble
from vaebin.cli.cluster import cluster
from vaebin.cli.embed import embed
from vaebin.cli.evaluate import evaluate
from vaebin.cli.extract import extract
from vaebin.cli.inspect import inspect
from vaebin.cli.options import Version
from vaebin.cli.plot import plot
from vaebin.cli.report import report
from vaebin.cli.run import run
from vaebin.cli.running import add, application
from vaebin.cli.running import run as run_application
from vaebin.cli.train import train
from vaebin.cli.vectorize import vectorize


def vaebin(version: Version = False) -> None:
    """Bin metagenomic sequences with a variational autoencoder.

    Each stage reads and writes files; run does all of them, inspect tells what is in one.

    Example: vaebin run reads.fastq.gz -o results
    """


app = application(no_args_is_help=True)
app.callback()(vaebin)
for command in (vectorize, train, embed, cluster, plot, evaluate, extract, report, assemble, run, inspect):
    add(app, command, command.__name__)


def main() -> None:
    """Do what the command line says."""
    run_application(app, "vaebin")
