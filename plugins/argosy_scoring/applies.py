"""Which tasks the selected models are of, and what applies to none of them, before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyError, BadInput
from argosy.plugins import installed
from argosy.registry.registration import EXTERNAL
from argosy_rows.columns import BoundColumns
from argosy_scoring.task_kinds import candidates

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from argosy.store.location import Location


def tasks_of(
    placed: pl.DataFrame,
    role: str,
    location: Location,
    asked: Collection[Collection[str]] | None = None,
) -> set[str] | None:
    """Return the tasks that models may be of, or None where nothing tells.

    Where the types of a log's columns leave several tasks, which its values tell, it may be of any.

    Args:
        placed: `task`, `format` and the `binding` of the data.
        role: of the data.
        location: of the fleet.
        asked: the tasks that each of some names applies to; no more files are looked at once a task
            of each is found.
    """
    tasks = set(placed["task"].drop_nulls())
    unnamed = placed.filter(pl.col("task").is_null())
    if unnamed.filter(pl.col("format") != EXTERNAL).height:
        return None  # their artifacts say
    try:
        for binding, schema in BoundColumns(unnamed["binding"], role, location).schemas():
            tasks |= {kind.name for kind in candidates(binding, schema)}
            if asked is not None and all(set(own) & tasks for own in asked):
                break
    except ArgosyError:
        return None
    return tasks or None


def sought(asked: Mapping[str, Collection[str]], each: bool) -> Collection[Collection[str]]:
    """Return what `tasks_of` has to find, so that `refuse_inapplicable` can tell.

    >>> sought({"auc": ["binary"], "mae": ["regression"]}, each=False) == [{"binary", "regression"}]
    True
    """
    return asked.values() if each else [frozenset().union(*asked.values())]


def refuse_metrics(
    option: str, names: Collection[str], placed: pl.DataFrame, role: str, location: Location
) -> None:
    """Raise if metrics apply to none of the models; where users named them, if one does not.

    Args:
        option: the name of the parameter.
        names: of metrics.
        placed: as for `tasks_of`.
        role: of the data.
        location: of the fleet.

    Raises:
        BadInput: naming what applies to no model, and which tasks these have.
    """
    known = installed().metrics
    named = tuple(names) != installed().usual("metrics")
    asked = {name: known[name].tasks for name in names}
    tasks = tasks_of(placed, role, location, asked.values()) if named else None
    if tasks:
        refuse_inapplicable(option, asked, tasks, named)


def refuse_inapplicable(
    option: str, asked: Mapping[str, Collection[str]], tasks: Collection[str], each: bool
) -> None:
    """Raise if what was asked for applies to none of the models.

    Args:
        option: the name of the parameter.
        asked: the tasks that each name applies to.
        tasks: of the models.
        each: whether every name must apply to some model, as where users named them; else one must.

    Raises:
        BadInput: naming what applies to no model, and which tasks these have.
    """
    idle = [name for name, own in asked.items() if not set(own) & set(tasks)]
    if idle and (each or len(idle) == len(asked)):
        what = ", ".join(map(repr, idle))
        verb = "applies" if len(idle) == 1 else "apply"
        models = " and ".join(sorted(tasks))
        fitting = sorted({task for own in asked.values() for task in own})
        raise BadInput(
            f"{option}: {what} {verb} to no selected model; they are {models} models, and this is"
            f" for {', '.join(fitting) or 'none that are installed'}"
        )
