"""Remove the artifacts of models that were deleted and can no longer be restored."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

import polars as pl
from fsspec.core import url_to_fs

from argosy.store.clock import store_time
from argosy.store.data_url import scheme_of
from argosy.store.listing import File, remove
from argosy.store.roots import below

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State

FOLDER = "artifacts"


def purge(ledger: Ledger, location: Location) -> int:
    """Remove artifacts, of those in the fleet's own folder, that no version needs; return how many.

    A version that can be restored needs its artifact as one that is live does.

    Raises:
        StoreError: if the store cannot be read or written.
    """
    now = pl.lit(store_time(location), pl.Datetime("us", "UTC"))
    state = ledger.state()
    unneeded, removed = _unneeded(state, location, now), 0
    home = posixpath.join(os.path.realpath(location.url), FOLDER)
    for url in unneeded:
        if ledger.state() is not state:  # somebody may just have registered it anew
            state = ledger.state()
            unneeded = _unneeded(state, location, now)
        if url not in unneeded:
            continue
        if not scheme_of(url) and not below(os.path.realpath(url), home):
            continue  # a link on the way there leads elsewhere
        filesystem, path = url_to_fs(url, **location.options)
        if posixpath.normpath(path) == path and filesystem.exists(path):
            removed += remove(location, [File(path, posixpath.basename(path), None)])
    return removed


def _unneeded(state: State, location: Location, now: pl.Expr) -> set[str]:
    past = state.whole("model").filter("deleted", pl.col("keep_until") < now).select("model")
    versions = state.whole("version")
    gone = versions.filter("deleted").join(past, on="model", how="semi")
    needed = pl.concat([versions.join(past, on="model", how="anti"), state["version"]])
    return set(
        gone.filter(pl.col("artifact").str.starts_with(location.child(FOLDER) + "/")).join(
            needed.select("artifact"), on="artifact", how="anti"
        )["artifact"]
    )
