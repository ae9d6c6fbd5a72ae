"""Upkeep: save the state, gather small files, remove what nothing names any more.

It runs by itself when it pays (every 200 changes, and when a fact table has many files); this is
the same on demand. Readers and writers go on meanwhile.
"""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
from fsspec.core import url_to_fs

from argosy.store.compaction import compact
from argosy.store.log import shorten

if TYPE_CHECKING:
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location

KEEP_HOURS = 168
"""Files that a reader may still hold open are kept for a week."""


def maintain(
    ledger: Ledger, facts: Facts, location: Location, keep_hours: int = KEEP_HOURS
) -> dict[str, int]:
    """Do all upkeep now.

    Returns:
        `changes` in the ledger, `files_removed` of the tables, `artifacts_removed` of models
        that were deleted and whose retention has passed; only artifacts below the fleet's own
        folder `artifacts` are ever removed.
    """
    ledger.fold()
    compact(location, ledger.table, by="min.seq")
    shorten(location, ledger.table.url)
    removed = facts.maintain(keep_hours)
    removed += ledger.table.clean(keep_hours) + ledger.snapshot.table.clean(keep_hours)
    return {
        "changes": ledger.state().seq,
        "files_removed": removed,
        "artifacts_removed": _purge(ledger, location),
    }


def _purge(ledger: Ledger, location: Location) -> int:
    state = ledger.state()
    now = pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC"))
    past = state.whole("model").filter("deleted", pl.col("keep_until") < now).select("model")
    own = location.child("artifacts") + "/"
    gone = state.whole("version").filter("deleted").join(past, on="model", how="semi")
    live = state["version"].select("artifact")
    urls = (
        gone.filter(pl.col("artifact").str.starts_with(own))
        .join(live, on="artifact", how="anti")["artifact"]
        .unique()
        .to_list()
    )
    removed = 0
    for url in urls:
        filesystem, path = url_to_fs(url, **location.options)
        if posixpath.normpath(path) == path and filesystem.exists(path):
            filesystem.rm_file(path)
            removed += 1
    return removed
