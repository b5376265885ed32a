"""Pages that need nothing else: template, styles, scripts and data in one file, which loads nothing from anywhere.

Charts are drawn by Apache ECharts, its distribution of common charts as it is: 0.7 MB, no dependency. bokeh from PyPI
would add 30 MB to an image, twice the script, and legends that no keyboard reaches; plotly's smallest bundle is
1.2 MB and slow on 10,000 points, since it draws each as an element of SVG.
"""

from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from vaebin.formats.atomic import writing_text

_FOLDER = resources.files("vaebin.figures").joinpath("web")
# The only things that a page may use are those within it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def write(path: Path, template: str, data: Any, filters: Mapping[str, Callable[..., str]], **content: Any) -> None:
    """Write the page that a template of `web/` makes of `content`; its scripts find `data` as JSON."""
    environment = _environment()
    environment.filters |= dict(filters)
    text = environment.get_template(template).render(data=data, policy=_POLICY, **content)
    with writing_text(path) as stream:
        stream.write(text)


def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    environment.globals["source"] = _read
    return environment


def _read(name: str) -> str:
    return _FOLDER.joinpath(name).read_text("utf-8")
