"""Data files of a Delta table, written apart from its log and listed there later.

Any number of threads may write them at once: only the commit that lists them is one at a time.
Nothing reads a file that no commit lists, and upkeep removes it.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from argosy.store import durable
from argosy.store.actions import added

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from pyarrow.parquet import FileMetaData

    from argosy.store.actions import Action
    from argosy.store.location import Location

_NAMED = re.compile(r"-([0-9a-f]{64})\.zstd\.parquet$")
_ROW_GROUP = 65_536
_LONGEST = 60
"""Bytes of a text that is kept as a bound: beyond, writers may have cut it inside a letter."""
_MILLISECOND = timedelta(milliseconds=1)


def write(
    location: Location,
    table: str,
    rows: pl.DataFrame,
    stats: Mapping[str, Any] | None = None,
    data_change: bool = True,
) -> Action:
    """Write rows as a file in the folder of a table, and return what its log is to say of it.

    Args:
        location: the fleet's.
        table: its name.
        rows: with the columns of the table, and their types.
        stats: how many rows there are, and their bounds, in the words of Delta; else they are
            read from the file.
        data_change: whether the rows are new; false where they lay in other files before.

    Raises:
        StoreError: if the store cannot be written.
    """
    buffer = io.BytesIO()
    # of results, LZ4 and Snappy make files a sixth larger, and save a tenth of the time at most
    rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP)
    content = buffer.getvalue()
    # so that any bit that a disk loses shows, also in bounds that readers skip rows by
    name = f"part-{uuid.uuid4()}-{hashlib.sha256(content).hexdigest()}.zstd.parquet"
    durable.write(location, location.child(table, name), content)
    if stats is None:
        from pyarrow.parquet import read_metadata  # takes a while, and workers write no parts

        buffer.seek(0)
        stats = _stats(read_metadata(buffer))
    return added(name, len(content), stats, data_change)


def sound(name: str, content: bytes) -> bool:
    """Say whether a file holds what was written under its name, as far as the name tells."""
    told = _NAMED.search(name)
    return told is None or hashlib.sha256(content).hexdigest() == told[1]


def _stats(file: FileMetaData) -> dict[str, Any]:
    """Return how many rows a file has, and the bounds of its columns, in the words of Delta.

    Floating-point columns have none: whether NaN is inside bounds, engines do not agree. Nor have
    columns with a time that no `datetime` holds, such as the end of the year 9999.
    """
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for column in range(file.num_columns):
        name = file.schema.column(column).path
        if "." in name:  # inside a list
            continue
        groups = [
            file.row_group(group).column(column).statistics for group in range(file.num_row_groups)
        ]
        if not all(groups):
            continue
        nulls[name] = sum(group.null_count for group in groups)
        bounded = [group for group in groups if group.num_values]
        if not bounded or not all(group.has_min_max for group in bounded):
            continue
        try:
            low = _bound(min(group.min for group in bounded), upper=False)
            high = _bound(max(group.max for group in bounded), upper=True)
        except OverflowError:  # a time before the year 1, or after 9999
            continue
        if low is not None and high is not None:
            least[name], most[name] = low, high
    bounds = {"minValues": least, "maxValues": most, "nullCount": nulls}
    return {"numRecords": file.num_rows, **bounds}


def _bound(value: object, upper: bool) -> str | int | bool | None:
    if isinstance(value, datetime):  # the protocol keeps milliseconds: widen, never narrow
        moment = value.astimezone(UTC)
        moment += _MILLISECOND if upper and moment.microsecond % 1000 else timedelta(0)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, str):
        return value if len(value.encode()) <= _LONGEST else None
    return value if isinstance(value, int) else None
