"""vaebin: bin metagenomic sequences with a variational autoencoder."""

__version__ = "0.1.0"
