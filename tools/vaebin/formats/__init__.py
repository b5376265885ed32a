"""The files between stages, the only contract between them; README.md specifies each."""
