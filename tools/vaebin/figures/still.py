"""How still pictures are drawn and written: the same bytes every time, whatever the user's settings."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vaebin.config import PictureFormat
from vaebin.formats.atomic import writing_bytes

_STYLE: dict[str, Any] = {"svg.hashsalt": "vaebin", "pdf.fonttype": 42, "font.family": "DejaVu Sans", "font.size": 9}
_NOTHING_VOLATILE: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Draw and save within this: matplotlib's defaults and our style, put back at the end."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()  # the user's settings must not change the picture
        mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield


def save(figure: Any, path: Path, picture_format: PictureFormat, **options: Any) -> None:
    """Write a figure; options as savefig takes them."""
    with writing_bytes(path) as stream:
        figure.savefig(
            stream, format=picture_format, facecolor="white", metadata=_NOTHING_VOLATILE[picture_format], **options
        )
