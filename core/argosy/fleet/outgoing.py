"""Send notices that wait in the fleet, or let them go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from argosy.errors import BadInput
from argosy.fleet.writable import Writable
from argosy.governance import delivery
from argosy.governance.outbox import Outbox
from argosy.governance.waiting import letters_of, waiting
from argosy.plugins import options
from argosy.plugins.settings import CORE, refuse_unknown_sinks
from argosy.registry.times import length

if TYPE_CHECKING:
    import polars as pl

    from argosy.governance.outbox import Letter


class Outgoing(Writable):
    """Verbs about notices that no sink has taken yet; `notices()` lists them."""

    def send_notices(self) -> int:
        """Try every notice that waits for one of the chosen sinks, due or not.

        What was delivered no longer waits; a sink that fails three times in a row is left alone.

        Returns:
            How many were delivered; `notices()` has those that were not, with the reason.

        Raises:
            UnknownName: if a sink is chosen that nobody offers.
            StoreError: if the store cannot be read.
        """
        refuse_unknown_sinks()
        self.ledger.watch.make_good(by_hand=True)
        return delivery.at_once(Outbox(self.location), options(CORE).sinks)

    def let_go_notices(self, older_than: str) -> pl.DataFrame:
        """Remove notices that waited for longer than a period; nothing else ever lets one go.

        Args:
            older_than: such as `30d`.

        Returns:
            What is gone, as `notices` had it: nobody will be told of it.

        Raises:
            BadInput: for text that is no period.
            StoreError: if the store cannot be written.
        """
        days = length(older_than)
        if not days:
            raise BadInput(f"{older_than!r} is no period; write one such as 30d")
        outbox, before = Outbox(self.location), datetime.now(UTC) - timedelta(days=days)
        held: list[tuple[Letter, pl.DataFrame]] = letters_of(outbox)
        old = [(letter, said) for letter, said in held if not (said["at"] >= before).any()]
        gone = waiting(old)
        outbox.remove(letter for letter, _ in old)
        return gone
