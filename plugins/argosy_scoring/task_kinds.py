"""Which tasks models are of, among those that are installed, and how these are asked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from argosy.errors import BadInput, PluginError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin
from argosy.types import Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from argosy.types import TaskKind, TaskRows

T = TypeVar("T")


def kind_of(task: str) -> TaskKind:
    """Return an installed task.

    Raises:
        BadInput: if no plugin here offers it.
    """
    known = installed().tasks
    if task not in known:
        raise BadInput(
            f"no plugin that is installed here offers its task {task!r}; install the one that does"
            f" (installed: {', '.join(known)})" + "".join(f"; {fault}" for fault in known.faults)
        )
    return known[task]


def unknown(models: pl.DataFrame) -> pl.DataFrame:
    """Return models whose task no plugin here offers: `model`, `version` and `reason`."""
    strange = models.filter(~pl.col("task").is_in(list(installed().tasks)))
    reasons: dict[str, str] = {}
    for task in strange["task"].unique():
        try:
            kind_of(task)
        except BadInput as error:
            reasons[task] = str(error)
    reason = pl.col("task").replace_strict(reasons, default=None, return_dtype=pl.String)
    return strange.select("model", "version", reason=reason)


def reads(tasks: Iterable[str | None]) -> set[str]:
    """Name the columns of the data that tasks need, besides those that bindings name.

    None, where a version names no task, may be any.
    """
    named = set(tasks)
    kinds = installed().tasks.values()
    return {name for kind in kinds if named & {None, kind.name} for name in kind.reads}


def candidates(
    binding: Mapping[str, Any], schema: Mapping[str, pl.DataType]
) -> tuple[TaskKind, ...]:
    """Return the tasks that the log of versions may be of that name none.

    They are several only where `settled` tells which of them each model is of.

    Raises:
        BadInput: if no task recognises it, or several that nothing tells apart.
        PluginError: naming a task that fails.
    """
    kinds = tuple(installed().tasks.values())
    named = {field: name for field, name in binding.items() if isinstance(name, str | None)}
    return _candidates(kinds, tuple(named.items()), tuple(schema.items()))


@lru_cache  # every block of a fleet's rows has the same columns
def _candidates(
    kinds: tuple[TaskKind, ...],
    binding: tuple[tuple[str, str | None], ...],
    schema: tuple[tuple[str, pl.DataType], ...],
) -> tuple[TaskKind, ...]:
    told = dict(binding), dict(schema)
    found = [
        kind for kind in kinds if kind.recognises and asked(kind, bool, kind.recognises, *told)
    ]
    named = "register versions with their task"
    if not found:
        raise BadInput(
            "its version names no task, and no task that is installed recognises its log;"
            f" {named} ({', '.join(kind.name for kind in kinds)})"
        )
    if len({kind.from_log for kind in found}) == 1:
        return (found[0],)
    if found[0].settles is None or len({kind.settles for kind in found}) > 1:
        names = ", ".join(kind.name for kind in found)
        raise BadInput(f"its version names no task, and its log may be of {names}; {named}")
    return tuple(found)


def settled(kinds: Sequence[TaskKind], handed: TaskRows) -> Settled:
    """Return which of several tasks each model is of, by its values.

    Raises:
        BadInput: as the tasks raise it.
        PluginError: naming a task that fails, or that tells of others than may be.
    """
    first = kinds[0]
    assert first.settles is not None  # noqa: S101  (`candidates` saw to it)
    told = asked(first, Settled, first.settles, handed)
    strange = {*told.tasks} - {None, *(kind.name for kind in kinds)}
    if strange or len(told.tasks) != handed.models.height:
        raise PluginError(
            f"{origin('tasks', first.name)} told of {len(told.tasks)} models for"
            f" {handed.models.height}, or of tasks that do not recognise the log"
        )
    return told


def asked(kind: TaskKind, answers: type[T], function: Callable[..., Any], *arguments: Any) -> T:  # noqa: ANN401
    """Call a function of a task at arm's length.

    Raises:
        BadInput: as the task raised it, or where polars cannot work on the data.
        PluginError: naming the task, if it fails, hangs, or answers with something else.
    """

    def ask() -> Any:  # noqa: ANN401
        try:
            return function(*arguments)
        except (BadInput, pl.exceptions.PolarsError) as error:  # the data's fault, not the task's
            return error

    found = call("tasks", kind.name, ask, answers=object)
    if isinstance(found, Exception):
        raise found
    if not isinstance(found, answers):
        raise PluginError(
            f"{origin('tasks', kind.name)} answered with a {type(found).__name__},"
            f" not with a {answers.__name__}"
        )
    return found
