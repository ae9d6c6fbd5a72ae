"""Rows that are stored several times: which they are, and how often each is to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.store.contents import batches, files_of
from argosy.store.digests import Digest, row_hashes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from argosy.store.delta import Table
    from argosy.store.location import Location

LANES = ("first", "second")


def hashed(
    location: Location, table: Table, path: str, key: str, keys: Collection[object]
) -> Iterator[pl.DataFrame]:
    """Yield the hashes of some rows of a file, part by part: the key, both lanes and `place`.

    Args:
        location: the fleet's.
        table: any.
        path: of the file, below the table's folder.
        key: the column that says whose a row is.
        keys: whose rows are looked at.
    """
    start = 0
    for batch in batches(location, table.url, path):
        rows = batch.with_row_index("argosy_place", start)
        start += batch.height
        rows = rows.filter(pl.col(key).is_in(list(keys)))
        lanes = zip(LANES, row_hashes(rows.drop("argosy_place")), strict=True)
        yield rows.select(pl.col(key).alias("key"), place="argosy_place").with_columns(
            pl.Series(lane, hashes, pl.UInt64) for lane, hashes in lanes
        )


def different(
    location: Location, table: Table, key: str, keys: Collection[object]
) -> Iterator[tuple[object, pl.DataFrame]]:
    """Yield some keys, and of each the different rows: both lanes, and `times`.

    Held are sixteen bytes per row that has one of the keys.
    """
    handle = table.open() if keys else None
    parts: dict[object, list[pl.DataFrame]] = {one: [] for one in keys}
    for file in [] if handle is None else files_of(handle):
        for rows in hashed(location, table, file.path, key, keys):
            for (own,), part in rows.drop("place").partition_by("key", as_dict=True).items():
                parts[own].append(part.drop("key"))
    for one in list(parts):
        found = parts.pop(one)
        if found:
            yield one, pl.concat(found).group_by(LANES).len("times")


def times_wanted(rows: pl.DataFrame, cited: Digest) -> pl.Series | None:
    """Say how often each row is to be there, where copies are all that is wrong.

    Either each row is to be there once, or all are stored the same number of times too often.

    Args:
        rows: both lanes and `times` of the different rows.
        cited: what they are to come to.

    Returns:
        A number for each; None where no number of copies explains the difference.
    """
    times = rows["times"].cast(pl.Int64)
    choices = [np.ones(rows.height, np.uint64)]
    over, rest = divmod(int(times.sum()), max(cited.rows, 1))
    if not rest and over and (times % over == 0).all():
        choices.append((times // over).to_numpy().astype(np.uint64))
    for choice in choices:
        sums = [int((rows[lane].to_numpy() * choice).sum()) for lane in LANES]
        if Digest(int(choice.sum()), *sums) == cited:
            return pl.Series("wanted", choice.astype(np.int64))
    return None
