"""Promises to tell of a change, which lie in the outbox from before it is committed.

A process may die between its commit and the writing of its notices. So it says beforehand, by the
id of the change, whom it is going to tell. The promise goes once the notices are kept, or nothing
was committed; one that is left is made good from the ledger, by a later command.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import polars as pl

from argosy.errors import ArgosyError, StoreError
from argosy.governance.event import Attempt
from argosy.plugins.core_options import Severity
from argosy.store.after_images import Change, unpacked
from argosy.store.damage import collect
from argosy.store.past import Past
from argosy.store.state import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.governance.outbox import Outbox
    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import FleetView

_ENDING = ".promise"
_SETTLED = timedelta(minutes=2)
"""After so long whoever promised is no longer at it."""
_FORGOTTEN = timedelta(hours=1)
"""After so long a change that is not on the ledger never will be."""
_MOST_ROWS = 1_000_000
"""Larger tables of a run are not what listeners are told of."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Whom somebody is going to tell of a change that is about to be made."""

    txn_id: str
    sinks: tuple[str, ...]
    severity: str
    """The least that they are told."""
    at: datetime

    @property
    def name(self) -> str:
        """That of its file."""
        return self.txn_id + _ENDING

    @property
    def content(self) -> bytes:
        """What is kept of it."""
        told = {"sinks": self.sinks, "severity": self.severity, "at": self.at.isoformat()}
        return json.dumps(told).encode()

    @classmethod
    def read(cls, name: str, content: bytes) -> Promise | None:
        """Return what was kept; None where that is damaged."""
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(content)
            at = datetime.fromisoformat(told["at"]).astimezone(UTC)
            severity = get_args(Severity).index(told["severity"])
            sinks = tuple(map(str, told["sinks"]))
            return cls(name.removesuffix(_ENDING), sinks, get_args(Severity)[severity], at)
        return None


def left(outbox: Outbox, names: Sequence[str], by_hand: bool = False) -> Iterator[Promise]:
    """Yield the promises among files whose makers are no longer at it, oldest first.

    Args:
        outbox: of the fleet.
        names: of its files.
        by_hand: whether somebody asks for all of them, however young.
    """
    contents = outbox.contents(name for name in names if name.endswith(_ENDING))
    held = [Promise.read(name, content) for name, content in contents.items()]
    now = datetime.now(UTC)
    for promise in sorted(filter(None, held), key=lambda promise: promise.at):
        ahead = promise.at > now + _FORGOTTEN  # of a clock that was wrong
        if by_hand or ahead or promise.at <= now - _SETTLED:
            yield promise


def attempt(
    promise: Promise, ledger: Ledger, look: Callable[[State], FleetView]
) -> tuple[Attempt, int] | None:
    """Return the change that a promise is about as it was made, and its number.

    None where there is no such change on the ledger.

    Raises:
        StoreError: if the ledger cannot be read.
    """
    ours = ledger.scan().filter(pl.col("txn_id") == promise.txn_id)
    rows = collect(ours.sort("ord"), ledger.table.url)
    if rows.is_empty():
        return None
    commit: dict[str, Any] = rows.row(0, named=True)
    kinds = rows["kind"].unique(maintain_order=True)
    changes = [Change(kind, unpacked(rows, kind)) for kind in kinds]
    facts = {
        name: table
        for change in changes
        if change.kind == "run"
        for name, table in _facts(change.rows, look(ledger.state()))
    }
    models = [table["model"] for table in facts.values() if "model" in table.columns]
    about = pl.concat(models).drop_nulls().unique() if models else None
    decision = Decision(pl.DataFrame(), changes, facts, about)
    before = Past(ledger, commit["seq"] - 1).state()
    by = (ledger.location.url, commit["actor"], commit["group"], commit["op"], commit["reason"])
    return Attempt(*by, before, decision, look), commit["seq"]


def is_void(promise: Promise) -> bool:
    """Whether a promise about a change that is not on the ledger may go."""
    return promise.at < datetime.now(UTC) - _FORGOTTEN


def drop(outbox: Outbox, promise: Promise) -> None:
    """Remove a promise; where that fails it is made good once more."""
    with suppress(StoreError):
        outbox.remove_files([promise.name])


def _facts(runs: pl.DataFrame, fleet: FleetView) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield what a run found, as far as it is there and small enough to be told of."""
    for run in runs.iter_rows(named=True):
        for cited in run["facts"] or ():
            if cited["rows"] > _MOST_ROWS:
                continue
            with suppress(ArgosyError):  # the plugin whose table it is may be gone
                rows = fleet.table(cited["table"]).filter(pl.col("run_id") == run["key"])
                yield cited["table"], rows.collect()
