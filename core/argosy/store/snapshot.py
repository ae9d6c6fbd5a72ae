"""The saved state: the fold of the ledger up to a change, so that opening reads little.

It is a convenience and never the truth: without it, the ledger is read from its beginning.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyWarning, StoreError
from argosy.store.after_images import EMPTY, OPAQUE
from argosy.store.damage import collect
from argosy.store.delta import Table
from argosy.store.state import State
from argosy.tables import STATE

if TYPE_CHECKING:
    from argosy.store.location import Location

_MARK = "ledger"
_EMPTY_STATE = pl.DataFrame(STATE.empty_table())


class Snapshot:
    """The table `state`."""

    def __init__(self, location: Location) -> None:
        self.table = Table(location, "state", STATE)
        self.url = self.table.url

    def read(self) -> State | None:
        """Return the saved state, or None where there is none that can be read."""
        try:
            return self._read()
        except StoreError as error:
            warnings.warn(
                f"the saved state is not used: {error}; the ledger is read from its beginning,"
                f" and the folder {self.url} may be removed",
                ArgosyWarning,
                stacklevel=2,
            )
            return None

    def write(self, state: State) -> None:
        """Save a state in place of the last one, unless a later one is there already."""
        parts = [_EMPTY_STATE, *[state.whole(kind) for kind in state.kinds]]
        rows = pl.concat(parts, how="diagonal").sort("kind", "key")
        self.table.replace(rows, _MARK, state.seq)

    def _read(self) -> State | None:
        handle = self.table.open()
        if handle is None or handle.transaction_version(_MARK) is None:
            return None
        saved = self.table.scan(handle)
        frames = {
            kind: collect(saved.filter(pl.col("kind") == kind).select(empty.columns), self.url)
            for kind, empty in EMPTY.items()
        }
        others = saved.filter(~pl.col("kind").is_in(list(EMPTY))).select(OPAQUE.columns)
        brought = collect(others, self.url)
        frames |= {part["kind"][0]: part for part in brought.partition_by("kind")}
        # the rows of the last change are among the newest of their entities
        ends = pl.concat([frame.select("seq", "at", "chain") for frame in frames.values()])
        if ends.is_empty():
            return None
        seq, at, chain = ends.sort("seq").row(-1)
        return State(seq, at, chain, frames, {})
