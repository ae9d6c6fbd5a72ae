"""Predictions that a log holds, for all models of a dataset at once, read by their tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.errors import ArgosyError
from argosy.plugins import installed
from argosy.types import Settled
from argosy_scoring.join_labels import PLACE
from argosy_scoring.readouts import read
from argosy_scoring.task_kinds import candidates, kind_of, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Labelled
    from argosy_scoring.predictions import Predictions


def logged(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[list[Predictions], Reasons]:
    """Take predictions from the data's own columns.

    Each model's task reads them: the one that its version names, else the one that recognises the
    log.
    """
    tasks, reasons = _tasks(found)
    parts: list[Predictions] = []
    kinds = installed().tasks
    for take in dict.fromkeys(kinds[task].from_log for task in tasks if task is not None):
        family = [kind for kind in kinds.values() if kind.from_log == take]
        names = {kind.name for kind in family}
        rows = found.only(np.array([task in names for task in tasks], np.bool_))
        if len(rows.lengths):
            part, why = read(rows, family, take, tasks, cuts)
            parts += part
            reasons |= why
    return parts, reasons


def _tasks(found: Labelled) -> tuple[list[str | None], Reasons]:
    """Return the task of every model, None where there is none, and why."""
    named: list[str | None] = found.dataset.models["task"].to_list()
    tasks = list(named)
    reasons: Reasons = {}
    for task in dict.fromkeys(named):
        own = np.array([each == task for each in named], np.bool_)
        try:
            told = _recognised(found, own) if task is None else kind_of(task).name
        except ArgosyError as error:
            told = None
            there = found.groups[PLACE].unique().to_list()
            reasons |= {place: str(error) for place in there if own[place]}
        if isinstance(told, Settled):
            reasons |= told.reasons
        for place in np.flatnonzero(own).tolist():
            tasks[place] = told.tasks[place] if isinstance(told, Settled) else told
    return tasks, reasons


def _recognised(found: Labelled, own: NDArray[np.bool_]) -> str | Settled:
    """Return the task of some models, or what is told of each."""
    rows, binding = found.dataset.rows, found.dataset.binding
    kinds = candidates(binding, rows.schema)
    return kinds[0].name if len(kinds) == 1 else settled(kinds, found.only(own).handed())
