"""A fleet that can be changed: the base of all groups of verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.data.beside import Folder
from argosy.errors import BadInput
from argosy.fleet.view import View
from argosy.jobs.driver import Driver
from argosy.jobs.load import RESERVED
from argosy.jobs.selected import refuse_empty
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location


class Writable(View):
    """A fleet to read, and the ledger that its changes go to."""

    def __init__(self, location: Location, ledger: Ledger) -> None:
        super().__init__(location, ledger)
        self.ledger = ledger

    def folder(self, name: str) -> Folder:
        """Return a folder beside the fleet for your own files, on a disk or in a bucket.

        Args:
            name: such as `feeds`, or `feeds/2026-11-29`; not that of a table of the fleet.

        Raises:
            BadInput: for a name that cannot be used, or that the fleet uses itself.
        """
        if name.partition("/")[0] in RESERVED or name.partition("/")[0] in self.tables():
            raise BadInput(f"the folder {name!r} is the fleet's own; choose another name")
        return Folder(self.location, name)

    @property
    def driver(self) -> Driver:
        """The driver of its jobs."""
        return Driver(self.ledger, self.facts, lambda pinned: View(self.location, pinned))

    def _chosen(self, chosen: Selection | object, *columns: str) -> object:
        if not isinstance(chosen, Selection):
            return chosen
        frame = chosen.names(*columns)
        refuse_empty(frame, chosen.expression)
        return frame
