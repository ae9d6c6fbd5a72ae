"""The ledger: every change of the fleet, one after another, and the state it folds to.

A change is decided on the latest state and written with compare-and-set: if somebody else was
first, the state is read again and the decision is made again. So the number of a change (`seq`)
is a total order, and a rule checked in a decision holds when the change lands.

Callers of one process queue, and whoever gets to write takes the whole queue into one commit of
the table: each change keeps its own number, actor and hash, and is decided on the state that the
one before it leaves.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import StoreError
from argosy.store.chain import link
from argosy.store.delta import Contended, Table
from argosy.store.snapshot import Snapshot
from argosy.store.state import EMPTY_LEDGER, NOTHING, Decision, State, difference
from argosy.tables import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from deltalake import DeltaTable

    from argosy.store.location import Location

_PATIENCE = 60.0
_REOPEN_AFTER = 20
_FOLD_AFTER = 200


@dataclass
class _Request:
    """One caller's change, waiting for its turn."""

    op: str
    decide: Callable[[State], Decision]
    reason: str | None
    txn_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    decision: Decision | None = None
    error: BaseException | None = None


class Ledger:
    """The fleet's one table of changes."""

    def __init__(self, location: Location, actor: str) -> None:
        self.table = Table(location, "ledger", LEDGER)
        self.snapshot = Snapshot(location)
        self._actor = actor
        self._state = NOTHING
        self._handle: DeltaTable | None = None
        self._opened_at = 0
        self._folded_at = -1
        self._waiting: deque[_Request] = deque()
        self._turn = threading.RLock()

    def scan(self) -> pl.LazyFrame:
        """Return every change, lazily, in no particular order."""
        with self._turn:
            return self.table.scan(self._refresh())

    def state(self) -> State:
        """Return the state after the latest change."""
        with self._turn:
            handle = self._refresh()
            if self._folded_at < 0:
                self._state = self.snapshot.read() or NOTHING
            if handle is not None and handle.version() > self._folded_at:
                tail = self.table.scan(handle).filter(pl.col("seq") > self._state.seq).collect()
                self._state = self._state.after(tail)
                self._folded_at = handle.version()
            return self._state

    def apply(
        self,
        op: str,
        decide: Callable[[State], Decision],
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Decide on the latest state and write all of it, or nothing; return the outcomes.

        With `dry_run`, write nothing and return the difference that the change would make.
        `decide` may be called several times and must have no other effect; it raises to refuse.

        Raises:
            StoreError: if the store cannot be written, or others keep committing for a minute.
        """
        if dry_run:
            state = self.state()
            return difference(state, decide(state).changes)
        request = _Request(op, decide, reason)
        self._waiting.append(request)
        with self._turn:
            if request.decision is None and request.error is None:
                self._write([self._waiting.popleft() for _ in range(len(self._waiting))])
        if request.error is not None:
            raise request.error
        assert request.decision is not None  # noqa: S101  (told to the type checker)
        return request.decision.outcomes

    def _write(self, requests: list[_Request]) -> None:
        try:
            self._commit(requests)
        except BaseException as error:
            for request in requests:
                request.error = error
            raise

    def _commit(self, requests: list[_Request]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            state = self.state()
            after = state
            parts = []
            for request in requests:
                rows = self._decided(request, after)
                if rows.height:
                    parts.append(rows)
                    after = after.after(rows)
            if not parts:
                return
            self._handle = handle = self._handle or self.table.create()
            try:
                self.table.append_at(handle, pl.concat(parts).to_arrow(), after.seq)
            except Contended:
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"others kept committing to {self.table.url} for {_PATIENCE:.0f} s;"
                        " nothing was written, try again"
                    ) from None
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311
                continue
            self._state = after
            self._folded_at = handle.version()
            if after.seq // _FOLD_AFTER > state.seq // _FOLD_AFTER:
                self.fold()
            return

    def fold(self) -> None:
        """Save the state and gather the ledger's small files, so that the next opening is quick."""
        self.snapshot.write(self.state())
        self.table.compact()

    def _decided(self, request: _Request, state: State) -> pl.DataFrame:
        request.decision = request.error = None
        try:
            request.decision = request.decide(state)
        except Exception as error:
            request.error = error
            return EMPTY_LEDGER
        return self._rows(request, request.decision, state)

    def _rows(self, request: _Request, decision: Decision, state: State) -> pl.DataFrame:
        changes = [change for change in decision.changes if not change.rows.is_empty()]
        if not changes:
            return EMPTY_LEDGER
        at = max(datetime.now(UTC), state.at + timedelta(microseconds=1))
        parts = [
            change.rows.join(
                state.lookup(change.kind, change.rows["key"]).select("key", held=pl.col("rev")),
                on="key",
                how="left",
                maintain_order="left",
            ).with_columns(
                kind=pl.lit(change.kind),
                rev=pl.col("held").fill_null(0) + 1,
                deleted=pl.col("deleted") if "deleted" in change.rows.columns else pl.lit(False),
            )
            for change in changes
        ]
        rows = pl.concat(parts, how="diagonal_relaxed").with_columns(
            seq=pl.lit(state.seq + 1, pl.Int64),
            ord=pl.int_range(pl.len(), dtype=pl.Int64),
            at=pl.lit(at, pl.Datetime("us", "UTC")),
            actor=pl.lit(self._actor),
            op=pl.lit(request.op),
            reason=pl.lit(request.reason, pl.String),
            txn_id=pl.lit(request.txn_id),
        )
        rows = pl.concat([EMPTY_LEDGER, rows.drop("held")], how="diagonal_relaxed")
        return rows.with_columns(chain=pl.lit(link(state.chain, rows)))

    def _refresh(self) -> DeltaTable | None:
        handle = self._handle
        if handle is None or handle.version() - self._opened_at >= _REOPEN_AFTER:
            # one long-lived handle grows slower with every commit
            self._handle = handle = self.table.open()
            self._opened_at = handle.version() if handle is not None else 0
        else:
            handle.update_incremental()
        return handle
