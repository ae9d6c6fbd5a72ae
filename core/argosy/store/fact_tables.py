"""The tables that runs append to: those with fixed columns, and those that plugins bring."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

from argosy.errors import ArgosyWarning, PluginError
from argosy.plugins import installed
from argosy.plugins.guarded_call import origin
from argosy.store.entity_kinds import kind_of_table
from argosy.tables import FACTS

if TYPE_CHECKING:
    from argosy.store.state import State
    from argosy.types import FactTable


@cache
def fact_tables() -> dict[str, FactTable]:
    """Return every table that a run can append to here, by name.

    Raises:
        PluginError: naming both jobs that bring one name with other columns, or the job and the
            kind of entity that bring one name.
    """
    tables, owners = dict(FACTS), dict.fromkeys(FACTS, "argosy")
    for kind in installed().jobs.values():
        try:
            brought = kind.load().tables
        except Exception as error:  # a stranger's module may raise anything
            told = f"the job {kind.name!r} cannot be loaded, so its tables are unknown: {error}"
            warnings.warn(told, ArgosyWarning, stacklevel=2)
            continue
        for table in brought:
            clash = kind_of_table(table.name)
            if clash is not None:
                raise PluginError(
                    f"the job {kind.name!r} brings a table {table.name!r}, and"
                    f" {origin('entity_kinds', clash.name)} has one of that name; rename it, or"
                    " leave one of the plugins out"
                )
            if not tables.setdefault(table.name, table).schema.equals(table.schema):
                raise PluginError(
                    f"the job {kind.name!r} brings a table {table.name!r}, and {owners[table.name]}"
                    " has one of that name with other columns; rename it, or leave the plugin out"
                )
            owners.setdefault(table.name, f"the job {kind.name!r}")
    return tables


def first_table(kind: str) -> FactTable:
    """Return the table that has the results of runs of a kind.

    Raises:
        UnknownName: if no plugin here offers such a job.
    """
    table: FactTable = installed().jobs[kind].load().tables[0]
    return table


def cited_tables(state: State) -> list[str]:
    """Return the names of all tables that runs append to here, or that a finished run cites."""
    cited = state["run"]["facts"].explode().struct.field("table").drop_nulls().unique().sort()
    return list(dict.fromkeys([*fact_tables(), *cited]))
