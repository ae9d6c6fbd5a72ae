"""Kinds of entities: what plugins keep on the ledger beside models, versions and aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types.view import FleetView


class RefuseRows(Protocol):
    """A rule of a kind of entity: which rows may not be written, or may not be removed."""

    def __call__(self, rows: pa.Table, fleet: FleetView, /) -> pa.Table:
        """Return `argosy.tables.REFUSALS`: the refused rows and why; empty if all may pass.

        It may be called several times if somebody else changes the fleet meanwhile, so it must have
        no other effect.

        Args:
            rows: the entities, with all columns of the kind's schema.
            fleet: the fleet as it would stand after the change, except that the entities of this
                kind are still as they were.
        """
        ...


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of entity, kept with its history: `as_of`, rollback, groups, the hash chain, `verify`.

    The ledger keeps each entity as text, so a fleet whose plugin is not installed opens, works and
    verifies as before, and still has all of them when the plugin is back. A later release of the
    plugin may drop columns, and add columns, which are null in existing entities.
    """

    name: str
    """What rows of the ledger are called, and what users type in `argosy put`; lowercase."""
    table: str
    """What users type in `fleet.table` and in SQL; lowercase."""
    schema: pa.Schema
    """Its columns: text, numbers, booleans, dates, times, and lists, structs and maps of these.

    The table also has `since` and `by`, so no column can have these names, nor `key` or `deleted`.
    """
    key: tuple[str, ...]
    """The columns whose values tell entities apart: text, integers, booleans, dates or times, never
    null. None of them can be called `outcome` or `reason`."""
    summary: str = ""
    """What an entity is, in one line."""
    refuse: RefuseRows | None = None
    """Which rows cannot be written. Asked about what `put` and jobs write, and what a rollback
    brings back; None: anything can be written."""
    refuse_removal: RefuseRows | None = None
    """Which entities cannot be removed. Asked about what `remove` and a rollback would take away;
    None: any can be removed."""
