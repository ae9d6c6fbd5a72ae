"""Bring the rows of each model together where a table keeps them apart, so that it is read once.

A job is cut into chunks of neighbouring models, each of which reads its own models' rows. Of a
table that is ordered by time, every chunk would read all. Such a table is copied once, in one
streaming pass, into files of neighbouring models beside the fleet, and the chunks read those.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.data.datasets import FAULTS, opened, wanted
from argosy.data.keys import KEY, in_kind, keyed
from argosy.data.row_groups import shared, told
from argosy.kernels.values import spelling
from argosy.store.facts import STAGED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from argosy.store.location import Location

_TOGETHER = 500
"""About as many models as a chunk has."""
_WORTH = 4.0
"""A copy pays where the chunks would read the table more often: it costs two or three readings."""
_MOST_FILES = 64
_SPAN = 100_000
"""So many rows that lie together are looked at as one where a format does not say."""
_BLOCK = "argosy_block"


def clustered(
    units: pl.DataFrame,
    columns: Sequence[str],
    location: Location,
    run: str,
    also: Collection[str] = (),
) -> pl.DataFrame:
    """Return the units, their bindings with the URL of a `copy` where that is better to read.

    Args:
        units: `model`, `features`, and bindings; in the order in which they are cut into chunks.
        columns: the bindings that the job reads.
        location: the fleet's.
        run: what the copies belong to; they go with its staged results.
        also: columns that are needed besides features and those that the bindings name.
    """
    for column in columns:
        for number, binding, rows in shared(units, column, int(_TOGETHER * _WORTH)):
            members = units[rows].with_columns(binding=pl.col(column))
            folder = location.child(STAGED_FOLDER, run, f"{column}-{number}")
            with suppress(*FAULTS):  # a stranger's data: each chunk will say what is wrong
                if _readings(members, binding, location) > _WORTH:
                    _copy(members, binding, location, folder, also)
                    copy = pl.lit(f"{folder}/**/*.parquet")
                    field = pl.col(column).struct.with_fields(copy=copy)
                    mine = pl.int_range(pl.len()).is_in(rows.implode())
                    units = units.with_columns(pl.when(mine).then(field).otherwise(column))
    return units


def _readings(members: pl.DataFrame, binding: dict[str, Any], location: Location) -> float:
    """How often the chunks would read the table, all of them together."""
    scan, spans = told(binding, location)
    key = binding["key"]
    if spans is None:
        spans = _seen(scan, key)
    kind = scan.collect_schema()[key]
    keys = in_kind(keyed(members, kind)[KEY], kind)
    ranges = (
        pl.DataFrame({"key": keys})
        .group_by(pl.int_range(pl.len()) // _TOGETHER)
        .agg(first=pl.col("key").min(), last=pl.col("key").max())
    )
    apart = (pl.col("high") < pl.col("first")) | (pl.col("low") > pl.col("last"))
    met = spans.join(ranges, how="cross").filter(~apart.fill_null(value=False))
    read, there = (rows["rows"].to_numpy().sum() for rows in (met, spans))
    return float(read / max(1, there))


def _seen(scan: pl.LazyFrame, key: str) -> pl.DataFrame:
    """Look which keys lie together, reading no other column."""
    place = pl.int_range(pl.len()) // _SPAN
    whole = scan.select(place.alias("place"), pl.col(key).alias("key"))
    found = whole.group_by("place").agg(
        rows=pl.len().cast(pl.Int64), low=pl.col("key").min(), high=pl.col("key").max()
    )
    return found.collect(engine="streaming")


def _copy(
    members: pl.DataFrame,
    binding: dict[str, Any],
    location: Location,
    folder: str,
    also: Collection[str],
) -> None:
    _, scan = opened(binding, location)
    key = binding["key"]
    schema = scan.collect_schema()
    chosen = dict.fromkeys([key, *wanted(members, binding, schema.names(), also)])
    blocks = min(_MOST_FILES, -(-members.height // _TOGETHER))
    place = pl.int_range(pl.len()) * blocks // members.height
    of = keyed(members, schema[key]).select(KEY, place.alias(_BLOCK)).unique(KEY)
    rows = (
        scan.select(by_name(list(chosen)), spelling(pl.col(key), schema[key]).alias(KEY))
        .join(of.lazy(), on=KEY, maintain_order="left")
        .drop(KEY)
    )
    rows.sink_parquet(
        pl.PartitionBy(folder, key=_BLOCK, include_key=False, approximate_bytes_per_file=None),
        compression="lz4",
        mkdir=True,
        storage_options=location.storage_options() or None,
    )
