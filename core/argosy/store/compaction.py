"""Gather small files of a table into large ones; readers and writers go on meanwhile.

The rows are copied first and exchanged in one commit, which is refused where one of the files is
listed no longer. So of two who gather the same files at once, one has worked in vain and no row
is there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.store import data_files
from argosy.store.actions import bounds
from argosy.store.damage import collect
from argosy.store.delta import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from argosy.store.delta import Table
    from argosy.store.location import Location

_TARGET_BYTES = 4 * 2**20


def compact(
    location: Location, table: Table, by: str = "modification_time", target: int = _TARGET_BYTES
) -> int:
    """Gather files of less than a size; return how many were put away.

    Args:
        location: the fleet's.
        table: any.
        by: what files stand in the order of, as `argosy.store.delta.listed` names it.
        target: bytes that a file has at most, unless a single one has more.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    handle = table.open()
    if handle is None:
        return 0
    gathered = 0
    for files in list(_bins(listed(handle).sort(by, "path"), target)):
        names = files["path"].to_list()
        table.refuse_damaged(files.select("path", "size").iter_rows())
        rows = collect(table.read_lazily(names), table.url)
        stats = None if by == "modification_time" else bounds(rows)
        added = data_files.write(location, table.name, rows, stats, data_change=False)
        if table.exchange(names, [added]):
            gathered += len(names)
    return gathered


def _bins(files: pl.DataFrame, target: int) -> Iterator[pl.DataFrame]:
    """Yield neighbours that make one file together."""
    start, size = 0, 0
    sizes = files["size"].to_list()
    for place, own in enumerate([*sizes, target + 1]):
        if size + own > target:
            if place - start > 1:
                yield files[start:place]
            start, size = place, 0
        size += own
