"""The executables: the only place that knows Typer."""
