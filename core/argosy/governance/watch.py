"""Watch the ledger of one fleet: ask policies before a change, tell listeners after it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from argosy.errors import StoreError
from argosy.governance.event import Attempt
from argosy.governance.notices import promised, tell, warned
from argosy.governance.policies import refuse
from argosy.governance.promises import attempt, drop, is_void, left
from argosy.plugins.settings import check, refuse_unknown_sinks
from argosy.store import durable
from argosy.store.ledger import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.governance.outbox import Outbox
    from argosy.governance.promises import Promise
    from argosy.store.ledger import Ledger
    from argosy.store.state import Decision, State
    from argosy.types import FleetView


class FleetWatch(Watch):
    """The policies that a fleet requires, and the listeners and sinks of this process."""

    def __init__(
        self,
        fleet: str,
        actor: str,
        group: str | None,
        look: Callable[[State], FleetView],
        outbox: Outbox,
        ledger: Ledger,
    ) -> None:
        self._by = (fleet, actor, group)
        self._look = look
        self._outbox = outbox
        self._ledger = ledger
        self._promises: dict[str, Promise] = {}
        """By the id of the change that is being made."""

    def refuse(self, op: str, reason: str | None, state: State, decision: Decision) -> None:
        """Raise if a policy objects, or nobody could be told of it as somebody wants to be."""
        refuse_unknown_sinks()
        if decision.models is not None:  # a run: whatever it will ask for must be there
            check()
        if state["policy"].height:
            refuse(Attempt(*self._by, op, reason, state, decision, self._look))

    def promise(self, txn_id: str) -> None:
        """Keep whom this process is going to tell of a change, so that its end does not matter."""
        promise = promised(txn_id)
        if promise is None:
            return
        self._promises[txn_id] = promise
        with suppress(StoreError):  # the change will say what is wrong with the store
            durable.write(
                self._outbox.location, f"{self._outbox.url}/{promise.name}", promise.content
            )

    def withdraw(self, txn_id: str) -> None:
        """Let the promise go."""
        promise = self._promises.pop(txn_id, None)
        if promise is not None:
            drop(self._outbox, promise)

    def tell(
        self,
        op: str,
        reason: str | None,
        state: State,
        decision: Decision,
        seq: int,
        txn_id: str,
    ) -> None:
        """Tell all listeners of it, and of changes whose makers ended before they could."""
        promise = self._promises.pop(txn_id, None)
        about = Attempt(*self._by, op, reason, state, decision, self._look)
        tell(about, seq, self._outbox, promise)
        if promise is not None:
            with warned():
                self.make_good()

    def make_good(self, by_hand: bool = False) -> None:
        """Tell of changes whose makers ended between the commit and the writing of its notices.

        Raises:
            StoreError: if the store cannot be read.
        """
        names = self._outbox.names()
        for promise in left(self._outbox, names, by_hand):
            made = attempt(promise, self._ledger, self._look)
            if made is not None:
                tell(*made, self._outbox, promise)
            elif is_void(promise):
                drop(self._outbox, promise)
