"""The fleet as it stood: the ledger up to a change, read-only.

It is folded from the ledger itself, never from old versions of the store's files, so that
cleaning up files cannot destroy it.
"""

from __future__ import annotations

from datetime import datetime
from operator import index
from typing import TYPE_CHECKING, SupportsIndex

import polars as pl

from argosy.errors import BadInput
from argosy.store.damage import collect
from argosy.store.retention import with_gone
from argosy.store.state import NOTHING
from argosy.types.moments import moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from argosy.store.ledger import Ledger
    from argosy.store.state import Decision, State


class Past:
    """A ledger that ends at an earlier change."""

    def __init__(self, ledger: Ledger, point: int | str | date) -> None:
        asked = _asked(point)
        now = ledger.state()
        changes, url = ledger.scan(), ledger.table.url
        upto = changes.filter(_upto(asked, now.seq)).select("seq", "ord", "at", "chain")
        # what came before a change had happened by then, whatever time a wrong clock gave it
        last = collect(upto.sort("seq", "ord").tail(1), url)
        self._ledger = ledger
        self._seq = last["seq"].item() if last.height else 0
        self._asked = asked if isinstance(asked, datetime) else None
        since = pl.col("seq").is_between(self._seq + 1, now.seq)
        touched = changes.filter(since).select("kind", "key").unique()
        earlier = self.scan().join(touched, on=["kind", "key"], how="semi")
        self._state = NOTHING
        if last.height:
            # what nobody touched since is as it was then, and most of a fleet is
            at, chain = last["at"].item(), last["chain"].item()
            then = now.before(self._seq, at, chain, collect(earlier, url))
            self._state = with_gone(then, now)

    def scan(self) -> pl.LazyFrame:
        """Return every change up to that point, lazily."""
        return self._ledger.scan().filter(pl.col("seq") <= self._seq)

    def latest(self) -> State:
        """Return the state after the latest change of all."""
        return self._ledger.state()

    def state(self) -> State:
        """Return the state after the last change up to that point."""
        return self._state

    def moment(self) -> datetime:
        """Return the time that was asked for, else that of the change."""
        return self._state.at if self._asked is None else self._asked


class Pinned:
    """A ledger that is read as it stood at a change, and written as it is now.

    A job that takes long reads one state from beginning to end, and one that is resumed reads
    the state that it began with.
    """

    def __init__(self, ledger: Ledger, state: State) -> None:
        """Begin at a state; `at` finds one."""
        self._ledger = ledger
        self._state = state
        self.location = ledger.location
        self.actor = ledger.actor
        self.group = ledger.group

    @classmethod
    def at(cls, ledger: Ledger, seq: int) -> Pinned:
        """Return the ledger as it stood after the change `seq`."""
        now = ledger.state()
        return cls(ledger, now if now.seq == seq else Past(ledger, seq).state())

    def latest(self) -> State:
        """Return the state after the latest change of all."""
        return self._ledger.state()

    def state(self) -> State:
        """Return the state that it is pinned to."""
        return self._state

    def scan(self) -> pl.LazyFrame:
        """Return every change up to that point, lazily."""
        return self._ledger.scan().filter(pl.col("seq") <= self._state.seq)

    def apply(
        self,
        op: str,
        decide: Callable[[State], Decision],
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Decide on the latest state and write, as `Ledger.apply` does."""
        return self._ledger.apply(op, decide, reason, dry_run)


def _asked(point: object) -> int | datetime:
    """Read the number of a change, or a time.

    Raises:
        BadInput: if it is neither.
    """
    if isinstance(point, str) and point.strip().isdecimal():
        return int(point)
    if isinstance(point, SupportsIndex) and not isinstance(point, bool):
        return index(point)
    try:
        return moment(point)
    except BadInput as error:
        raise BadInput(f"{error}, or the number of a change") from None


def _upto(asked: int | datetime, newest: int) -> pl.Expr:
    if isinstance(asked, datetime):
        return pl.col("at") <= pl.lit(asked, pl.Datetime("us", "UTC"))
    if not 0 <= asked <= newest:
        raise BadInput(f"there is no change {asked}; the fleet stands at {newest}")
    return pl.col("seq") <= asked
