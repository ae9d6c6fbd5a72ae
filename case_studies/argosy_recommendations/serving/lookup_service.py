"""What to offer to one customer: a row of a table, checked against what is sold now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy import Fleet

ANYBODY = "*"
"""The customer whose list is for those whom nobody knows."""
LISTS, CATALOGUE = "lists", "catalogue"
"""The roles of the tables that are looked up."""
SERVING = "serving"
"""The tag that a client switches: on, freeze or off; on where it has none."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to offer to a customer, and where that comes from."""

    client: str
    customer: str
    items: list[str]
    """Best first; empty where nothing is to be offered."""
    source: str
    """`list` (the customer's own), `default` (the client's, for those unknown) or `none`."""
    version: str | None
    """The version that ranked them."""
    withheld: int
    """Items of the list that are sold no longer, and so are not offered."""
    reason: str | None
    """Why it is not simply the customer's own list."""


class LookupService:
    """The lists of a fleet, open for questions; no model is loaded or called.

    Args:
        fleet: whose lists they are.
        length: the most items that are offered.
    """

    def __init__(self, fleet: Fleet, length: int = 10) -> None:
        self._fleet = fleet
        self._length = length
        self._lists = fleet.lookup(LISTS)
        self._catalogue = fleet.lookup(CATALOGUE)
        self._serving = _serving(fleet)

    def refresh(self) -> None:
        """Look whether the fleet has changed: new lists, retired items, clients switched off."""
        self._lists.refresh()
        self._catalogue.refresh()
        self._serving = _serving(self._fleet)

    def recommend(self, client: str, customer: str) -> Recommendation:
        """Return what to offer to a customer of a client.

        Raises:
            UnknownName: for a client that the fleet does not have.
        """
        if client not in self._serving:
            raise UnknownName.among("client", client, self._serving)
        if self._serving[client] == "off":
            return _nothing(client, customer, f"{client} is switched off")
        own, withheld, version = self._kept(client, customer)
        if own:
            return Recommendation(client, customer, own, "list", version, withheld, None)
        items, gone, by = self._kept(client, ANYBODY)
        if version is None and by is None:
            return _nothing(client, customer, f"no night has ranked for {client} yet")
        reason = "nothing of the customer's own list is sold any more"
        if version is None:
            reason, withheld = f"{customer!r} is not known to {client}", gone
        if not items:
            return _nothing(client, customer, f"{reason}, nor is there a default list")
        return Recommendation(client, customer, items, "default", by, withheld, reason)

    def _kept(self, client: str, customer: str) -> tuple[list[str], int, str | None]:
        """Return what of a customer's list is sold, how much is not, and who ranked it."""
        row = self._lists.get(client, customer)
        if row is None:
            return [], 0, None
        ranked, gone = row["prediction"] or [], self._gone(client)
        items = [item for item in ranked if item not in gone]
        return items[: self._length], len(ranked) - len(items), row["version"]

    def _gone(self, client: str) -> frozenset[str]:
        row: Mapping[str, Any] | None = self._catalogue.get(client, client)
        return frozenset(row["retired"] or ()) if row else frozenset()


def _nothing(client: str, customer: str, reason: str) -> Recommendation:
    return Recommendation(client, customer, [], "none", None, 0, reason)


def _serving(fleet: Fleet) -> dict[str, str]:
    """Return the state of every client."""
    state = pl.col("tags").map.get(SERVING).fill_null("on")
    return dict(fleet.models().select("model", state).collect().rows())
