"""Where jobs run: on this machine, or, while the file `containers` lies in Galaxy's folder, in the tools' image."""

from pathlib import Path


def choose(app):
    """The environment of a job; the file says where docker is to be found, as DOCKER_HOST does."""
    told = Path(app.config.config_dir).parent / "containers"
    if not told.exists():
        return "local"
    destination = app.job_config.get_destination("container")
    destination.params["docker_host"] = told.read_text()
    return destination
