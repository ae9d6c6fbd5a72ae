"""Watch the ledger of one fleet: ask policies before a change, tell listeners after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.governance.event import Attempt
from argosy.governance.notices import tell
from argosy.governance.policies import refuse
from argosy.plugins.settings import check, refuse_unknown_sinks
from argosy.store.ledger import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.governance.outbox import Outbox
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
    ) -> None:
        self._by = (fleet, actor, group)
        self._look = look
        self._outbox = outbox

    def refuse(self, op: str, reason: str | None, state: State, decision: Decision) -> None:
        """Raise if a policy objects, or nobody could be told of it as somebody wants to be."""
        refuse_unknown_sinks()
        if decision.models is not None:  # a run: whatever it will ask for must be there
            check()
        if state["policy"].height:
            refuse(Attempt(*self._by, op, reason, state, decision, self._look))

    def tell(self, op: str, reason: str | None, state: State, decision: Decision, seq: int) -> None:
        """Tell all listeners of it."""
        tell(Attempt(*self._by, op, reason, state, decision, self._look), seq, self._outbox)
