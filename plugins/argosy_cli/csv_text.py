"""Read a CSV of a change as text: nothing in it is taken for a number, and no line is mended.

A version `1.10`, a model `007` and a team `TRUE` stay what is written, quoted or not. An empty
field is null, and a quoted empty one is an empty text. What a column must be is known by whoever
takes the table, who reads numbers from text by its schema.
"""

from __future__ import annotations

import csv
import gzip
import io
from typing import NoReturn

import polars as pl

from argosy.errors import BadInput

_GZIP = b"\x1f\x8b"
_OTHERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_csv(content: bytes, path: str, most: int | None = None) -> pl.DataFrame:
    r"""Return the rows of a CSV, all columns as text.

    Args:
        content: of the file, in UTF-8; compressed with gzip if it likes.
        path: what the file is called, for errors.
        most: bytes that it may unpack to.

    Raises:
        BadInput: naming the line that is no CSV, and why; or that it unpacks to more.

    Example:
        >>> read_csv(b'model,version\n007,"1.10"\n', "models.csv").rows()
        [('007', '1.10')]
    """
    text = _decoded(content, path, most)
    names = _checked(text, path)
    try:
        return pl.read_csv(
            io.BytesIO(text.encode()), infer_schema=False, new_columns=names, raise_if_empty=False
        )
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"{path} is no CSV: {str(error).splitlines()[0]}; quote texts as others do"
        ) from error


def refuse_large(path: str, most: int) -> NoReturn:
    """Raise because a file is larger than a change may be.

    Raises:
        BadInput: always.
    """
    raise BadInput(
        f"{path} holds more than {most:,} bytes; hand over fewer rows at a time, or set the option"
        " core.largest_table"
    )


def _decoded(content: bytes, path: str, most: int | None) -> str:
    if content.startswith(_GZIP):
        try:
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(-1 if most is None else most + 1)
            if most is not None and len(content) > most:
                refuse_large(path, most)
        except (OSError, EOFError) as error:
            raise BadInput(f"{path} is damaged: {error}; write it anew") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            f"line {line} of {path} is no UTF-8 (byte {content[error.start]:#04x}); save it as"
            " UTF-8"
        ) from error


def _checked(text: str, path: str) -> list[str]:
    """Return the names of the columns of a table whose lines are all as long as its first."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    try:
        for fields in lines:
            if not names:
                names = _names(fields, path)
            elif len(fields) != len(names) and not (len(names) == 1 and not fields):
                told = "is empty" if not fields else f"has {_many(len(fields))}"
                raise BadInput(
                    f"line {lines.line_num} of {path} {told}, and its first line names"
                    f" {len(names)}; write each row with a field per column, and quote a text that"
                    " holds a comma"
                )
    except csv.Error as error:
        raise BadInput(
            f"line {lines.line_num} of {path} is no CSV: {error}; close every quote, and write a"
            ' quote within a quoted text twice, as ""'
        ) from error
    if not names:
        raise BadInput(f"{path} is empty; its first line names the columns")
    return names


def _names(fields: list[str], path: str) -> list[str]:
    if not fields:
        raise BadInput(f"the first line of {path} is empty; it names the columns")
    for letter, word in _OTHERS.items():
        if len(fields) == 1 and letter in fields[0]:
            raise BadInput(
                f"the first line of {path} has {word} between its names ({fields[0]!r}), and no"
                " comma; separate columns by commas"
            )
    twice = [name for place, name in enumerate(fields) if name in fields[:place]]
    if twice:
        raise BadInput(f"the first line of {path} names the column {twice[0]!r} twice; keep one")
    return fields


def _many(fields: int) -> str:
    return "1 field" if fields == 1 else f"{fields} fields"
