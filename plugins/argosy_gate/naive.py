"""What somebody predicts who knows the rows' truth but no feature: one answer for all."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed
from argosy_scoring.predictions import Predictions
from argosy_scoring.task_kinds import asked


def naive(predictions: Predictions) -> Predictions | None:
    """Replace what models predict by the best constant of each group of rows, as their task has it.

    Args:
        predictions: of models with one task.

    Returns:
        The same groups and rows, with other predictions and scores; None where the task has no
        constant.
    """
    kind = installed().tasks[predictions.groups["task"][0]]
    if kind.naive is None:
        return None
    rows, lengths = predictions.rows.drop("latency", strict=False), predictions.lengths
    found = asked(kind, pl.DataFrame, kind.naive, rows, lengths)
    return Predictions(found, predictions.groups, lengths)
