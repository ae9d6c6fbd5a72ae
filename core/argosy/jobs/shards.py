"""Where the files of a shared table begin and end, so that chunks can do so too.

A chunk that begins in the middle of a file reads on both sides of its own models: formats are
read in blocks of rows. What is known without reading rows is enough to avoid it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.jobs.datasets import SHAPE, keyed, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

SHARD = "argosy_shard"
"""The column of units that is equal for neighbours whose rows lie in the same files."""
_WORTH = 500
"""So many models that share a table, or fewer, are one chunk, or nearly."""


def shared(
    units: pl.DataFrame, column: str, least: int
) -> Iterator[tuple[int, dict[str, Any], pl.Series]]:
    """Yield the tables that more than `least` units share.

    Args:
        units: with the binding `column`.
        column: of the units.
        least: so many are not worth it.

    Returns:
        A number for each, its binding, and which units are bound to it.
    """
    source = ("url", *SHAPE)
    bindings = units[column].struct.unnest()
    tables = bindings.filter(pl.col("key").is_not_null()).unique(source, maintain_order=True)
    for number, binding in enumerate(tables.iter_rows(named=True)):
        same = pl.all_horizontal(pl.col(name).eq_missing(binding[name]) for name in source)
        mine = bindings.select(same.fill_null(value=False)).to_series()
        if mine.sum() > least:
            yield number, binding, mine


def told(binding: dict[str, Any], location: Location) -> tuple[pl.LazyFrame, pl.DataFrame | None]:
    """Return a table, and what its format says of where rows lie (`argosy.types.Source.spans`)."""
    source, scan = opened(binding, location)
    if source.spans is None:
        return scan, None
    options = location.table_options(binding["url"])
    return scan, source.spans(binding["url"], options, binding["key"])


def sharded(units: pl.DataFrame, column: str, location: Location) -> pl.DataFrame:
    """Add the column `SHARD` to units, as far as formats say where their rows lie.

    Args:
        units: in the order in which they are cut into chunks, with the binding `column`.
        column: the binding whose data the job reads, if the units have it.
        location: the fleet's.
    """
    kind = units.schema.get(column)
    if not isinstance(kind, pl.Struct) or units.height <= _WORTH:
        return units
    shard = pl.zeros(units.height, pl.Int64, eager=True)
    for _, binding, mine in shared(units, column, _WORTH):
        with suppress(Exception):  # a stranger's data: each chunk will say what is wrong
            scan, spans = told(binding, location)
            if spans is None:
                continue
            kind = scan.collect_schema()[binding["key"]]
            members = units.filter(mine).with_columns(binding=pl.col(column))
            keys = keyed(members)["argosy_key"].cast(kind, strict=False)
            own = pl.Series(_beginnings(spans).search_sorted(keys, side="right"))
            shard = shard.scatter(mine.arg_true(), own.cast(pl.Int64))
    return units.with_columns(shard.alias(SHARD))


def _beginnings(spans: pl.DataFrame) -> pl.Series:
    """Return the least key of every part of a table that shares none with the parts before it.

    >>> _beginnings(pl.DataFrame({"low": [1, 4, 9], "high": [5, 8, 12]})).to_list()
    [1, 9]
    >>> _beginnings(pl.DataFrame({"low": [1, None], "high": [5, None]})).to_list()
    []
    """
    if spans["low"].null_count() or spans["high"].null_count():
        return spans["low"].clear()
    low, high = pl.col("low"), pl.col("high")
    apart = (low > high.cum_max().shift()).fill_null(value=True)
    return spans.sort("low").filter(apart)["low"]
