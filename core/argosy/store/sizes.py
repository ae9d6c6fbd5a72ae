"""How much text a change may hold: what everybody reads again and again must stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = 2**16
"""The most bytes of one text, such as a purpose or the value of a tag."""
CELL = 2**20
"""The most bytes of all texts in one cell, such as the tags of a model."""
_WAY_OUT = "keep long texts in a file, and its address here"


def refuse_long(text: str | None, what: str) -> None:
    """Raise if a text is longer than the fleet keeps.

    Raises:
        BadInput: naming it and the limit.
    """
    size = 0 if text is None else len(text.encode(errors="surrogatepass"))
    if size > TEXT:
        raise BadInput(f"{what} has {size:,} bytes, and at most {TEXT:,} are kept; {_WAY_OUT}")


def refuse_large_cells(rows: pl.DataFrame, what: str) -> None:
    """Raise if a cell of a table holds more text than the fleet keeps.

    Args:
        rows: of any columns; texts are looked at in maps, lists and structs too.
        what: a row is called.

    Raises:
        BadInput: naming the row, the column and the limit.
    """
    for column in rows:
        for texts in _texts(column):
            sizes = texts.select("row", size=pl.col("text").str.len_bytes())
            _refuse(sizes, column.name, what, TEXT, "a text of")
            if column.dtype != pl.String:
                whole = sizes.group_by("row", maintain_order=True).sum()
                _refuse(whole, column.name, what, CELL, "texts of together")


def _refuse(sizes: pl.DataFrame, column: str, what: str, limit: int, held: str) -> None:
    most = sizes["size"].max()
    if most is None or most <= limit:  # type: ignore[operator]
        return
    row, size = sizes.filter(pl.col("size") > limit).row(0)
    raise BadInput(
        f"row {row}: {column} of a {what} holds {held} {size:,} bytes, and at most {limit:,} are"
        f" kept; {_WAY_OUT}"
    )


def _texts(column: pl.Series) -> Iterator[pl.DataFrame]:
    """Yield the texts of a column (`row`, `text`), each field of a struct by itself."""
    if column.dtype == pl.String:
        yield pl.DataFrame({"text": column}).with_row_index("row")
    elif column.dtype.is_nested() and column.null_count() < len(column):
        yield from _nested(pl.DataFrame({"text": column}).with_row_index("row"))


def _nested(held: pl.DataFrame) -> Iterator[pl.DataFrame]:
    dtype = held.schema["text"]
    if isinstance(dtype, pl.Map):
        yield from _nested(held.with_columns(text=pl.col("text").map.entries()))
    elif isinstance(dtype, pl.List):
        yield from _nested(held.explode("text", empty_as_null=False))
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _nested(held.with_columns(text=pl.col("text").struct.field(field.name)))
    elif dtype == pl.String:
        yield held
