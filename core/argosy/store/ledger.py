"""The ledger: every change of the fleet, one commit after another, and the state it folds to.

A commit is decided on the latest state and written with compare-and-set: if somebody else was
first, the state is read again and the decision is made again. So the number of a commit (`seq`)
is a total order, and a rule checked in a decision holds when the commit lands.
"""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import StoreError
from argosy.store.delta import Contended, Table
from argosy.tables import COMMIT, KINDS, LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from deltalake import DeltaTable

    from argosy.store.location import Location

_PATIENCE = 60.0
_REOPEN_AFTER = 20

_EMPTY: Mapping[str, pl.DataFrame] = {
    kind: pl.DataFrame(LEDGER.empty_table()).select(*COMMIT.names, *schema.names)
    for kind, schema in KINDS.items()
}


@dataclass(frozen=True, slots=True)
class Change:
    """New after-images of entities of one kind."""

    kind: str
    rows: pl.DataFrame
    """`key`, the kind's columns, and optionally `deleted`."""


@dataclass(frozen=True)
class State:
    """The fleet as it stands after a commit: the newest row of every entity, by kind."""

    seq: int
    at: datetime
    frames: Mapping[str, pl.DataFrame]

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """Return the live entities of one kind, oldest change first."""
        return self.frames[kind].filter(~pl.col("deleted"))

    def after(self, rows: pl.DataFrame) -> State:
        """Fold later ledger rows in."""
        if rows.is_empty():
            return self
        rows = rows.sort("seq", "ord")
        frames = dict(self.frames)
        for (kind,), part in rows.partition_by("kind", as_dict=True).items():
            held = frames[str(kind)]
            frames[str(kind)] = pl.concat([held, part.select(held.columns)]).unique(
                "key", keep="last", maintain_order=True
            )
        last = rows.select(pl.col("seq").last(), pl.col("at").last()).row(0)
        return State(last[0], last[1], frames)


class Ledger:
    """The fleet's one table of changes."""

    def __init__(self, location: Location, actor: str) -> None:
        self._table = Table(location, "ledger", LEDGER)
        self._actor = actor
        self._handle: DeltaTable | None = None
        self._opened_at = 0
        self._folded_at = 0
        self._state = State(0, datetime.min.replace(tzinfo=UTC), _EMPTY)

    def scan(self) -> pl.LazyFrame:
        """Return every change, lazily, in no particular order."""
        return self._table.scan(self._refresh())

    def state(self) -> State:
        """Return the state after the latest commit."""
        handle = self._refresh()
        if handle is not None and handle.version() > self._folded_at:
            tail = self._table.scan(handle).filter(pl.col("seq") > self._state.seq).collect()
            self._state = self._state.after(tail)
            self._folded_at = handle.version()
        return self._state

    def commit(
        self, op: str, decide: Callable[[State], Sequence[Change]], reason: str | None = None
    ) -> int | None:
        """Decide on the latest state and write all of it, or nothing; return the commit's number.

        `decide` may be called several times and must have no other effect. It raises to refuse,
        and returns nothing (then None is returned) where there is nothing to change.

        Raises:
            StoreError: if the store cannot be written, or others keep committing for a minute.
        """
        deadline = time.monotonic() + _PATIENCE
        txn_id = uuid.uuid4().hex
        while True:
            state = self.state()
            changes = [change for change in decide(state) if not change.rows.is_empty()]
            if not changes:
                return None
            handle = self._handle or self._table.create()
            seq: int = handle.version() + 1
            rows = self._rows(state, changes, seq, op, reason, txn_id)
            try:
                self._table.append_at(handle, rows)
            except Contended:
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"others kept committing to {self._table.url} for {_PATIENCE:.0f} s;"
                        " nothing was written, try again"
                    ) from None
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311
                continue
            self._handle = handle
            return seq

    def _refresh(self) -> DeltaTable | None:
        handle = self._handle
        if handle is None or handle.version() - self._opened_at >= _REOPEN_AFTER:
            self._handle = handle = self._table.open()
            self._opened_at = handle.version() if handle is not None else 0
        else:
            handle.update_incremental()
        return handle

    def _rows(
        self,
        state: State,
        changes: Sequence[Change],
        seq: int,
        op: str,
        reason: str | None,
        txn_id: str,
    ) -> pa.Table:
        at = max(datetime.now(UTC), state.at + timedelta(microseconds=1))
        parts = [
            change.rows.join(
                state.frames[change.kind].select("key", held=pl.col("rev")), on="key", how="left"
            ).with_columns(
                kind=pl.lit(change.kind),
                rev=pl.col("held").fill_null(0) + 1,
                deleted=pl.col("deleted") if "deleted" in change.rows.columns else pl.lit(False),
            )
            for change in changes
        ]
        rows = pl.concat(parts, how="diagonal_relaxed").with_columns(
            seq=pl.lit(seq, pl.Int64),
            ord=pl.int_range(pl.len(), dtype=pl.Int64),
            at=pl.lit(at, pl.Datetime("us", "UTC")),
            actor=pl.lit(self._actor),
            op=pl.lit(op),
            reason=pl.lit(reason, pl.String),
            txn_id=pl.lit(txn_id),
        )
        empty = pl.DataFrame(LEDGER.empty_table())
        return pl.concat([empty, rows.drop("held")], how="diagonal_relaxed").to_arrow()
