"""Ask tasks to read truth and prediction, and lay out what they read as predictions by group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import ArgosyError, PluginError
from argosy.kernels.hashing import mixed, value_hash
from argosy.plugins.guarded_call import origin
from argosy.types import Readout
from argosy_scoring.columns import latency, weights
from argosy_scoring.predictions import USUAL, beside
from argosy_scoring.row_digest import row_hash
from argosy_scoring.task_kinds import asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.types import TaskColumn, TaskKind, TaskRows
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Labelled
    from argosy_scoring.predictions import Predictions

    Hashes = NDArray[np.uint64]

_KINDS: dict[str, Any] = {
    "number": pl.Float64(),
    "time": pl.Datetime("us", "UTC"),
    "text": pl.String(),
    "list": pl.List(pl.Float64),
    "elements": pl.List(pl.Float64),
}


def read(
    found: Labelled,
    kinds: Sequence[TaskKind],
    ask: Callable[[TaskRows], Any],
    tasks: Sequence[str | None],
    cuts: Mapping[str, pl.Expr],
    features: Hashes | None = None,
) -> tuple[list[Predictions], Reasons]:
    """Let a task read rows; where it fails, that is the reason of all models that have some.

    Args:
        found: rows of models of one task, or of several that share a function.
        kinds: the tasks that share the function.
        ask: the function.
        tasks: of every model of the dataset, where the task does not tell.
        cuts: expressions that rows are cut by.
        features: the hashes of every row's features, where they tell rows apart.

    Raises:
        ArgosyError, PolarsError: if the data of one of several models is at fault.
    """
    handed = found.handed()
    try:
        told = asked(kinds[0], Readout, ask, handed)
        rows = _sound(told, kinds, handed)
    except (ArgosyError, pl.exceptions.PolarsError) as error:
        if found.dataset.models.height > 1 and not isinstance(error, PluginError):
            raise  # which model's data is at fault is found by whoever asks
        why = str(error)
        if not isinstance(error, ArgosyError):
            why = f"cannot work on {found.dataset.binding['url']}: {why.strip().splitlines()[0]}"
        return [], dict.fromkeys(np.unique(handed.owners).tolist(), why)
    weight, light = weights(handed)
    reasons = {**_unread(rows, handed), **told.reasons, **light}
    more = {"weight": weight, **latency(handed)}
    told = replace(
        told,
        rows=_without_reason(rows).hstack([pl.Series(name, more[name]) for name in more]),
        tasks=[task or "" for task in tasks] if told.tasks is None else told.tasks,
        truth=_truth_hash(rows, kinds) if told.truth is None else told.truth,
    )
    predictions = beside(found, told, _identity(found, features), cuts)
    if reasons:
        left = np.ones(found.dataset.models.height, np.bool_)
        left[list(reasons)] = False
        predictions = predictions.only(left[handed.owners])
    return [predictions], reasons


def _sound(told: Readout, kinds: Sequence[TaskKind], handed: TaskRows) -> pl.DataFrame:
    """Return the columns that a task read, with their types.

    Raises:
        PluginError: naming the task, if it read other rows, columns or tasks than it should.
    """
    who, rows = origin("tasks", kinds[0].name), told.rows
    strange = set(told.tasks or ()) - {kind.name for kind in kinds}
    if strange:
        raise PluginError(
            f"{who} read models of the task {min(strange)!r}, which it does not share"
        )
    if rows.height != handed.rows.height:
        raise PluginError(f"{who} read {rows.height} rows of {handed.rows.height}")
    declared = {column.name: _KINDS[column.kind] for kind in kinds for column in kind.columns}
    wanted = {**dict.fromkeys(USUAL, pl.Float64()), **declared, "reason": pl.String()}
    for name in ("truth", "prediction"):
        if name not in rows.columns:
            raise PluginError(f"{who} read no column {name!r}")
    for name in rows.columns:
        if name not in wanted:
            raise PluginError(f"{who} read a column {name!r}, which it does not declare")
    other = [name for name, kind in rows.schema.items() if kind != wanted[name]]
    return rows.cast({name: wanted[name] for name in other}) if other else rows


def _unread(rows: pl.DataFrame, handed: TaskRows) -> Reasons:
    """Say of models with rows that were not read why not; the commonest reason counts."""
    told = [pl.col("reason")] if "reason" in rows.columns else []
    for name in ("truth", "prediction"):
        column = rows[name]
        if column.null_count() or np.isnan(column.to_numpy().sum()):
            absent = pl.col(name).is_null() | pl.col(name).is_nan()
            told.append(pl.when(absent).then(pl.lit(f"they have no {name}")))
    if not told:
        return {}
    reason = rows.select(reason=pl.coalesce(told)).to_series()
    if reason.null_count() == len(reason):
        return {}
    faults = pl.DataFrame({"place": handed.place, "reason": reason})
    counted = faults.drop_nulls().group_by("place", "reason").len("rows")
    ordered = counted.sort("place", "rows", "reason", descending=[False, True, False])
    worst = ordered.unique("place", keep="first", maintain_order=True)
    totals = np.bincount(handed.owners, handed.lengths).astype(np.int64)
    return {
        place: f"{many} of {totals[place]} rows cannot be read: {why}"
        for place, why, many in worst.select("place", "reason", "rows").iter_rows()
    }


def _without_reason(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop("reason") if "reason" in rows.columns else rows


def _truth_hash(rows: pl.DataFrame, kinds: Sequence[TaskKind]) -> Hashes:
    """Hash every row's truth: its number, and what else its task declares of it."""
    found = value_hash(rows["truth"])
    for name in sorted({column.name for column in _truths(kinds)} & set(rows.columns)):
        found = mixed(found ^ mixed(value_hash(rows[name])))
    return found


def _truths(kinds: Sequence[TaskKind]) -> list[TaskColumn]:
    return [column for kind in kinds for column in kind.columns if column.of == "truth"]


def _identity(found: Labelled, features: Hashes | None) -> Hashes | None:
    """Hash what identifies each row: its id; else its timestamp and features; None if nothing."""
    if found.ids is not None:
        return found.ids
    time, rows = found.dataset.binding["timestamp"], found.dataset.rows
    base = value_hash(rows[time]) if time in rows.columns else None
    return base if features is None else mixed(row_hash(base, features, None))
