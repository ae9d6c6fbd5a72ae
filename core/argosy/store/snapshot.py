"""The saved state: the fold of the ledger up to a change, so that opening reads little.

It is a convenience and never the truth: without it, the ledger is read from its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.store.delta import Table, collect
from argosy.store.state import EMPTY_LEDGER, State
from argosy.tables import COMMIT, KINDS, LEDGER

if TYPE_CHECKING:
    from argosy.store.location import Location

_MARK = "ledger"


class Snapshot:
    """The table `state`."""

    def __init__(self, location: Location) -> None:
        self._table = Table(location, "state", LEDGER)
        self.url = self._table.url

    def read(self) -> State | None:
        """Return the saved state, or None where there is none."""
        handle = self._table.open()
        if handle is None or handle.transaction_version(_MARK) is None:
            return None
        saved = self._table.scan(handle)
        frames = {
            kind: collect(
                saved.filter(pl.col("kind") == kind).select(*COMMIT.names, *schema.names), self.url
            )
            for kind, schema in KINDS.items()
        }
        # the rows of the last change are among the newest of their entities
        ends = pl.concat([frame.select("seq", "at", "chain") for frame in frames.values()])
        if ends.is_empty():
            return None
        seq, at, chain = ends.sort("seq").row(-1)
        return State(seq, at, chain, frames, {})

    def clean(self, keep_hours: int) -> int:
        """Remove the files of earlier snapshots; return how many."""
        return self._table.clean(keep_hours)

    def write(self, state: State) -> None:
        """Save a state in place of the last one, unless a later one is there already."""
        parts = [EMPTY_LEDGER, *[state.whole(kind) for kind in KINDS]]
        rows = pl.concat(parts, how="diagonal").sort("kind", "key")
        self._table.replace(rows.to_arrow(), _MARK, state.seq)
