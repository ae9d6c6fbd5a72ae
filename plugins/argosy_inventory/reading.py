"""Read a list of models under its own column names, and give them argosy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.inert import from_spreadsheets
from argosy.plugins import options as options_of
from argosy.tables import MODEL, VERSION
from argosy_cli.table_files import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from argosy_inventory.settings import Inventory

_NOT_REGISTERED = {"retired", "keep_until"}  # they come of verbs, never of a registration
KNOWN = [
    name for name in dict.fromkeys([*VERSION.names, *MODEL.names]) if name not in _NOT_REGISTERED
]
"""The columns that a list can have."""

TAG = "tags."
"""What the name of a column begins with that is one tag."""


def read(url: str, options: Mapping[str, str]) -> pa.Table:
    """Return the models of a list as a table that `register` takes.

    Columns are found by the option `columns`, else under their own names, never by likeness.
    Columns whose names begin with `tags.`, and those of the option `tags`, become tags. Other
    columns of the list are left out. A CSV is read as text, so that the version 1.10 stays what
    it is, but for a quote that keeps a text from being a formula; nested columns (`features`,
    `params`, `metrics`, `upstream`) need another format.

    Raises:
        BadInput: for a list that is not there, of another format, or lacks a column.
        UnknownName: for an option that names a column that does not exist.
    """
    set_: Inventory = options_of("inventory")
    every = read_table(url, options)
    if url.lower().endswith(".csv"):
        every = from_spreadsheets(every)
    have = every.columns
    columns = _columns(have, set_, url)
    tags = _tags(have, set_)
    if tags and "tags" in columns:
        raise BadInput(
            f"{url} has tags in the column {columns['tags']!r} and in columns of their own;"
            " leave the first out with the option inventory.columns, as in tags="
        )
    picked = [pl.col(column).alias(name) for name, column in columns.items()]
    if tags:
        picked.append(_struct(tags))
    rows = every.select(picked)
    if "version" not in rows.columns:
        rows = rows.with_columns(version=pl.lit(set_.version))
    elif set_.version is not None:
        rows = rows.with_columns(pl.col("version").fill_null(set_.version))
    _refuse_nested_text(rows, url)
    return rows.to_arrow()


def _columns(have: list[str], set_: Inventory, url: str) -> dict[str, str]:
    """Return argosy's name of each column and the list's."""
    for name, column in set_.columns.items():
        if name not in KNOWN:
            raise UnknownName.among("column of a registration", name, KNOWN)
        if column and column not in have:
            raise UnknownName.among(f"column of {url}", column, have)
    named = {name: set_.columns.get(name, name) for name in KNOWN}
    found = {name: column for name, column in named.items() if column in have}
    lacking = [name for name in ("model", "version") if name not in found]
    if set_.version is not None and "model" in found:
        lacking = []
    if lacking:
        way = " or give every model one with inventory.version" if lacking == ["version"] else ""
        raise BadInput(
            f"{url} has no column {lacking[0]!r}; say which it is with the option"
            f" inventory.columns, as in {lacking[0]}=name{way}. It has {', '.join(have) or 'none'}"
        )
    return found


def _tags(have: list[str], set_: Inventory) -> dict[str, str]:
    """Return the name of each tag and the list's column."""
    for column in set_.tags:
        if column not in have:
            raise UnknownName.among("column for a tag", column, have)
    own = {name.removeprefix(TAG): name for name in have if name.startswith(TAG)}
    return own | {name: name for name in set_.tags if name not in own.values()}


def _struct(tags: Mapping[str, str]) -> pl.Expr:
    """Return the tags of a row together; null where it has none."""
    values = [pl.col(column).cast(pl.String).alias(name) for name, column in tags.items()]
    some = pl.any_horizontal(pl.col(column).is_not_null() for column in tags.values())
    return pl.when(some).then(pl.struct(values)).alias("tags")


def _refuse_nested_text(rows: pl.DataFrame, url: str) -> None:
    nested = ("tags", "features", "params", "metrics", "upstream")
    texts = [
        name
        for name in nested
        if rows.schema.get(name) == pl.String and rows[name].null_count() < rows.height
    ]
    if texts:
        raise BadInput(
            f"the column {texts[0]!r} of {url} is text, and would have to be nested; use Parquet,"
            f" JSON lines or Arrow, or leave it out: set inventory.columns to {texts[0]}="
        )
