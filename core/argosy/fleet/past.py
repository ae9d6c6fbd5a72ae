"""A fleet as it stood: it can be read, not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.errors import ReadOnly
from argosy.fleet.view import View

if TYPE_CHECKING:
    from collections.abc import Collection

    from argosy.store.location import Location
    from argosy.store.past import Past


class PastFleet(View):
    """The fleet as it stood after an earlier change."""

    def __init__(self, location: Location, past: Past, verbs: Collection[str]) -> None:
        super().__init__(location, past)
        self._verbs = verbs

    if not TYPE_CHECKING:  # type checkers say by themselves that it has no such verb

        def __getattr__(self, name: str) -> object:
            """Explain why a verb of a fleet is missing here."""
            if name in self.__dict__.get("_verbs", ()):
                raise ReadOnly(
                    f"this is the fleet as it stood after change {self.seq}, which is read-only;"
                    " open it without as_of to change it"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
