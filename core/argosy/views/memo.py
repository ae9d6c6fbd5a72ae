"""Tables that are kept until the entities that they are made of change."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from argosy.tables import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import polars as pl

    from argosy.store.state import State


class Memo:
    """The tables that a fleet was asked for, so that repeated queries do not make them again."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[object, ...], pl.DataFrame]] = {}

    def table(
        self,
        name: str,
        state: State,
        make: Callable[[State], pl.DataFrame],
        kinds: Iterable[str] = KINDS,
    ) -> pl.DataFrame:
        """Return a table as it was last made, or make it if the state has changed.

        Args:
            name: of the table.
            state: of the fleet.
            make: makes the table from a state.
            kinds: of the entities that it is made of.
        """
        entities = state.held(kinds)
        before, table = self._made.get(name, ((), None))
        if table is None or not all(map(operator.is_, before, entities)):
            table = make(state)
            self._made[name] = (entities, table)
        return table
