"""The saved state: the fold of the ledger up to a change, so that opening reads little.

It is a convenience and never the truth: without it, the ledger is read from its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.store.delta import Table, collect
from argosy.store.state import EMPTY_LEDGER, NOTHING, State
from argosy.tables import KINDS, LEDGER

if TYPE_CHECKING:
    from argosy.store.location import Location

_MARK = "ledger"


class Snapshot:
    """The table `state`."""

    def __init__(self, location: Location) -> None:
        self._table = Table(location, "state", LEDGER)

    def read(self) -> State | None:
        """Return the saved state, or None where there is none."""
        handle = self._table.open()
        if handle is None or handle.transaction_version(_MARK) is None:
            return None
        return NOTHING.after(collect(self._table.scan(handle), self._table.url))

    def clean(self, keep_hours: int) -> int:
        """Remove the files of earlier snapshots; return how many."""
        return self._table.clean(keep_hours)

    def write(self, state: State) -> None:
        """Save a state in place of the last one, unless a later one is there already."""
        parts = [EMPTY_LEDGER, *[state.whole(kind) for kind in KINDS]]
        rows = pl.concat(parts, how="diagonal").sort("kind", "key")
        self._table.replace(rows.to_arrow(), _MARK, state.seq)
