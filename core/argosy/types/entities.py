"""A kind of entity: what a plugin keeps on the ledger beside models, versions and aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from argosy.types.view import FleetView


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of entity, kept with its history: `as_of`, rollback, groups, the hash chain, `verify`.

    The ledger keeps each entity as text, so a fleet whose plugin is not installed opens, works and
    verifies as before, and still has all of them when the plugin is back. A later release of the
    plugin may add columns, which are null in what is there, and drop some.
    """

    name: str
    """What rows of the ledger are called, and what users type in `argosy put`; lowercase."""
    table: str
    """What users type in `fleet.table` and in SQL; lowercase."""
    schema: pa.Schema
    """Its columns: text, numbers, booleans, dates, times, and lists, structs and maps of these.

    The table has `since` and `by` besides, so that no column can be called that, nor `key` or
    `deleted`.
    """
    key: tuple[str, ...]
    """The columns whose values tell entities apart: text, integers, booleans, dates or times, never
    null. None of them can be called `outcome` or `reason`."""
    summary: str = ""
    """What an entity is, in one line."""
    refuse: Callable[[pa.Table, FleetView], pa.Table] | None = None
    """Say which of the rows cannot be written, as `argosy.tables.REFUSALS`; empty where all can.

    It is handed rows with all columns, and the fleet as it stands; perhaps several times, where
    somebody else changed the fleet meanwhile, so it must have no other effect. What is removed or
    rolled back is not asked about.
    """
