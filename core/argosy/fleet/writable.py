"""A fleet that can be changed, on which the verbs of a fleet stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.fleet.view import View
from argosy.jobs.driver import Driver
from argosy.jobs.selected import refuse_empty
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location


class Writable(View):
    """A fleet that can be read, and the ledger that its changes go to."""

    def __init__(self, location: Location, ledger: Ledger) -> None:
        super().__init__(location, ledger)
        self.ledger = ledger

    @property
    def driver(self) -> Driver:
        """Whoever carries its jobs out."""
        return Driver(self.ledger, self.facts, lambda pinned: View(self.location, pinned))

    def _chosen(self, chosen: Selection | object, *columns: str) -> object:
        if not isinstance(chosen, Selection):
            return chosen
        frame = chosen.names(*columns)
        refuse_empty(frame, chosen.expression)
        return frame
