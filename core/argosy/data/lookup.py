"""Look one row of a precomputed table up: of one model, by its id, without any model or job.

Bindings, footers and an index of row groups are held from look-up to look-up, so that a warm one
decodes a single row group: a part of one model's rows.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from argosy.data.lookup_table import Table
from argosy.errors import BadInput, UnknownName
from argosy.registry.bindings import bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.store.location import Location
    from argosy.store.state import State

_OPEN = 256
"""Files that are held open at a time."""


class Lookup:
    """The rows that are bound to a role, by model and id; get one with `fleet.lookup`.

    It answers as of when it was made or refreshed last. Several threads may ask at once.
    """

    def __init__(self, location: Location, state: Callable[[], State], role: str) -> None:
        self.role = role
        self._location, self._state = location, state
        self._tables: OrderedDict[str, Table] = OrderedDict()
        self._lock = Lock()
        self.seq = -1
        """The change that it answers as of."""
        self.refresh()

    def refresh(self) -> bool:
        """Take note of what was bound since, and say whether anything has changed in the fleet.

        Where nothing has, that costs one look at the ledger's log.

        Raises:
            UnknownName: if nothing is bound to the role.
        """
        state = self._state()
        if state.seq == self.seq:
            return False
        models = bound(state, state["model"].select("model", "template"), self.role)
        place = {name: number for number, name in enumerate(models["model"])}
        self._places, self._bindings, self.seq = place, models["binding"], state.seq
        return True

    def get(self, model: str, id: object) -> dict[str, Any] | None:  # noqa: A002
        """Return the row of an id, or None where the model has none of it, or no rows at all.

        Of several rows with the id it is the last one.

        Args:
            model: its name.
            id: a value of the column that the binding calls `id`, or its text.

        Returns:
            Every column of the row, by name.

        Raises:
            UnknownName: if there is no such model.
            BadInput: if what is bound cannot be looked up: it has no `id`, or is no Parquet file.
            StoreError: if the file is missing or damaged.
        """
        place = self._places.get(model)
        if place is None:
            raise UnknownName.among("model", model, self._places)
        binding: dict[str, Any] | None = self._bindings[place]
        if binding is None:
            return None
        owner = None if binding["key"] is None else binding["key_value"] or model
        return self._table(binding).find(binding["key"], owner, binding["id"], id)

    def _table(self, binding: dict[str, Any]) -> Table:
        url = str(binding["url"])
        with self._lock:
            found = self._tables.pop(url, None)
            if found is None:
                self._refuse(binding)
                found = Table(url, self._location)
            self._tables[url] = found
            if len(self._tables) > _OPEN:
                self._tables.popitem(last=False)
        return found

    def _refuse(self, binding: dict[str, Any]) -> None:
        url = binding["url"]
        lacking = {
            f"is {binding['format']}, not Parquet": binding["format"] != "parquet",
            "names no column `id`": binding["id"] is None,
            "has a `where`": binding["where"] is not None,
        }
        for what, wrong in lacking.items():
            if wrong:
                raise BadInput(
                    f"{url} cannot be looked up: its binding to {self.role!r} {what};"
                    " bind what `argosy predict --role` writes, or one Parquet file with an id"
                )
