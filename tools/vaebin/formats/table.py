"""Tab-separated tables whose first line is `# format version`, then a header line, then rows."""

import contextlib
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from vaebin.errors import FormatError, InputError
from vaebin.formats.atomic import writing_text

Item = TypeVar("Item")


def write(
    path: Path, format_name: str, version: tuple[int, int], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a table; floats are written as given, so round them first."""
    with writing_text(path) as stream:
        stream.write(f"# {format_name} {version[0]}.{version[1]}\n")
        stream.write("\t".join(columns) + "\n")
        stream.writelines("\t".join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    if "\t" in text or "\n" in text:
        raise InputError(f"{text!r} holds a tab or a line end and cannot be written to a table; rename it")
    return text


def read(path: Path, format_name: str, major: int, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows as dictionaries with at least `columns`; the file may be gzipped.

    Raises InputError without such a file, FormatError when it is another table or another major version.
    """
    text = lines(path, f"a {format_name} table")
    first = next(text, "").split()
    if len(first) != 3 or first[:2] != ["#", format_name]:
        raise FormatError(f"{path}: line 1 is not '# {format_name} VERSION'; expected a {format_name} table")
    if first[2].split(".")[0] != str(major):
        raise FormatError(f"{path}: {format_name} version {first[2]}; this vaebin reads version {major}.x")
    names = next(text, "").split("\t")
    for column in columns:
        if column not in names:
            raise FormatError(f"{path}: line 2 has no column {column!r}; it has {', '.join(names) or 'none'}")
    for number, line in enumerate(text, 3):
        yield paired(path, number, line.split("\t"), names)


def parsed(
    path: Path, format_name: str, major: int, columns: Sequence[str], parse: Callable[[dict[str, str]], Item]
) -> Iterator[Item]:
    """What `parse` makes of each row that `read` finds.

    Raises FormatError, with the line, where it raises ValueError.
    """
    for line, row in enumerate(read(path, format_name, major, columns), 3):
        try:
            yield parse(row)
        except ValueError:
            raise FormatError(f"{path}: line {line}: not a row of a {format_name} table; make it again") from None


def title(path: Path) -> tuple[str, list[int]] | None:
    """The format's name and version that a table of ours begins with; None where the file is no such table."""
    try:
        words = next(lines(path, "a table"), "").split()
    except FormatError:
        return None
    found = re.fullmatch(r"# (vaebin-[a-z-]+) (\d+)\.(\d+)", " ".join(words))
    return (found[1], [int(found[2]), int(found[3])]) if found else None


def paired(path: Path, number: int, cells: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The cells of line `number` by their columns' names. Raises FormatError where it has more or fewer."""
    if len(cells) != len(names):
        raise FormatError(f"{path}: line {number}: {len(cells)} cells, expected {len(names)}")
    return dict(zip(names, cells, strict=True))


def lines(path: Path, expected: str) -> Iterator[str]:
    """Lines of text without their ends, plain or gzipped; errors say that `expected` was expected."""
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if zipped else contextlib.nullcontext(raw) as stream:
                yield from (line.decode().rstrip("\r\n") for line in stream)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; expected {expected}") from None
    except UnicodeDecodeError:
        raise FormatError(f"{path}: not text; expected {expected}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FormatError(f"{path}: gzip data damaged or cut short; copy the file again") from None


def aligned(rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Rows of cells as lines for a person to read, the first `left` columns flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
