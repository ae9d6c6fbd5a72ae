"""Hold the columns of tasks apart: rows of several tasks are put into one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.plugins.choice import address
from argosy.plugins.discovery import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argosy.plugins.offers import Offered
    from argosy.types import TaskColumn, TaskKind

RESERVED = frozenset(
    [
        *("truth", "prediction", "score", "truth_score", "weight", "latency"),
        *("model", "version", "task", "classes", "labels", "reason", "time"),
    ]
)
"""The columns that every task has, or that are handed to metrics and comparisons beside them."""


def own_fault(task: TaskKind) -> str | None:
    """Say which column of a task has a name that is taken, or that it has twice; None if none has.

    >>> from argosy.types import TaskColumn, TaskKind
    >>> columns = (TaskColumn("score", "prediction"),)
    >>> own_fault(TaskKind("odd", "A task.", print, print, columns))
    "the task 'odd' has a column 'score', which every task has; give it another name"
    """
    names = [column.name for column in task.columns]
    for name in names:
        if name in RESERVED:
            return (
                f"the task {task.name!r} has a column {name!r}, which every task has; give it"
                " another name"
            )
        if names.count(name) > 1:
            return f"the task {task.name!r} has two columns {name!r}; rename one of them"
    return None


def clash(task: TaskKind, others: Iterable[TaskKind]) -> tuple[TaskKind, str] | None:
    """Return another task with a column of one name and another kind, and what each has.

    >>> from argosy.types import TaskColumn, TaskKind
    >>> tasks = [TaskKind(name, "A task.", print, print, (TaskColumn("hits", "prediction", kind),))
    ...          for name, kind in {"a": "list", "b": "elements"}.items()]
    >>> clash(tasks[1], tasks[:1])[1]
    "'hits' is elements of the prediction here, and list of the prediction there"
    """
    own = {column.name: column for column in task.columns}
    for other in others:
        for column in other.columns:
            mine = own.get(column.name, column)
            if (mine.of, mine.kind) != (column.of, column.kind):
                said = f"{column.name!r} is {_of(mine)} here, and {_of(column)} there"
                return other, said
    return None


def clashes(tasks: Offered[Any]) -> dict[str, str]:
    """Say of tasks that have a column of one name and another kind whose they are, by name."""
    told = {}
    for name, task in tasks.items():
        found = clash(task, tasks.values())
        if found is None:
            continue
        first, second = sorted((task, found[0]), key=lambda one: tasks.givers[one.name].name)
        said = (clash(second, [first]) or found)[1]
        givers = [tasks.givers[one.name].name for one in (first, second)]
        told[name] = (
            f"the task {second.name!r} of plugin {givers[1]!r} and the task {first.name!r} of"
            f" plugin {givers[0]!r} have columns of one name: {said}; rename"
            f" one, or leave one out, for example {BLOCK}={address('tasks', second.name)}"
        )
    return told


def _of(column: TaskColumn) -> str:
    return f"{column.kind} of the {column.of}"
