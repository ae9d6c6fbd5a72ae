"""Bring back changes whose entry in the log is damaged or gone, from their rows.

The rows of a change are on the platter before its entry is, and the hash chain tells whether they
are the very ones that followed.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import polars as pl

from argosy.store.chain import link
from argosy.store.delta import listed
from argosy.store.entries import Taken

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from argosy.store.delta import Table
    from argosy.store.head import Head
    from argosy.store.location import Location
    from argosy.store.state import State


def recover(
    location: Location, table: Table, handle: DeltaTable, state: State, lost: Head
) -> list[int]:
    """List the files again whose changes follow the state, up to the head that was noted.

    Args:
        location: the fleet's.
        table: the ledger.
        handle: at its last version.
        state: after the last change that it lists.
        lost: how far it was.

    Returns:
        The numbers of the changes that are back.

    Raises:
        StoreError: if the store cannot be written.
    """
    filesystem, folder = location.filesystem(table.url)
    there = set(listed(handle)["path"])
    names = [posixpath.basename(path) for path in filesystem.ls(folder, detail=False)]
    orphans = [name for name in names if name.endswith(".parquet") and name not in there]
    pages = {name: rows for name in orphans if (rows := _rows(table, name)) is not None}
    seq, chain, version = state.seq, state.chain, handle.version()
    while chain != lost.chain:
        name = next((name for name in pages if _chained(pages[name], seq, chain)), None)
        if name is None:
            break
        rows = pages.pop(name)
        version += 1
        try:
            table.relist(version, name, rows)
        except Taken:
            break
        seq, chain = rows.row(-1, named=True)["seq"], rows.row(-1, named=True)["chain"]
    return list(range(state.seq + 1, seq + 1))


def _rows(table: Table, name: str) -> pl.DataFrame | None:
    """Read a file that no entry lists; None where it is torn, as one that a crash left may be."""
    try:
        return table.read([name]).sort("seq", "ord")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return None


def _chained(rows: pl.DataFrame, seq: int, chain: str) -> bool:
    """Say whether the changes of a file follow a change of that number and hash."""
    for change in rows.partition_by("seq", maintain_order=True):
        if change["seq"][0] != seq + 1 or change["chain"][0] != link(chain, [change]):
            return False
        seq, chain = seq + 1, change["chain"][0]
    return rows.height > 0
