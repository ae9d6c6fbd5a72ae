"""Where the files of a shared table begin and end, so that chunks can do so too.

A chunk that begins in the middle of a file reads on both sides of its own models: formats are
read in blocks of rows. What is known without reading rows is enough to avoid it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import FAULTS, SHAPE, opened
from argosy.data.keys import KEY, in_kind, keyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

SHARD = "argosy_shard"
"""The column of units that is equal for neighbours whose rows lie in the same files."""
_ROW = "argosy_row"
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
        A number for each, its binding, and the places of the units that are bound to it.
    """
    source = ("url", *SHAPE)
    bindings = units[column].struct.unnest().with_row_index(_ROW)
    tables = (
        bindings.filter(pl.col("key").is_not_null())
        .group_by(source, maintain_order=True)
        .agg(_ROW)
        .filter(pl.col(_ROW).list.len() > least)
    )
    for number, rows in enumerate(tables[_ROW]):
        yield number, units[column][int(rows[0])], rows


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
    shard = np.zeros(units.height, np.int64)
    for _, binding, rows in shared(units, column, _WORTH):
        with suppress(*FAULTS):  # a stranger's data: each chunk will say what is wrong
            scan, spans = told(binding, location)
            if spans is None:
                continue
            kind = scan.collect_schema()[binding["key"]]
            members = units[rows].with_columns(binding=pl.col(column))
            keys = in_kind(keyed(members, kind)[KEY], kind)
            shard[rows.to_numpy()] = _beginnings(spans).search_sorted(keys, side="right")
    return units.with_columns(pl.Series(SHARD, shard))


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
