"""How sure a metric is that takes rows for independent, where they are not: ten values of it.

It is measured on each of ten batches of a group's rows by itself, and how these values scatter says
how far the value of all rows may lie from the true one: their standard deviation over the root of
ten, with Student's t. That holds of what is nearly a mean of its rows; a metric that heeds `batch`
itself (`Metric.batched`) needs no such help.

Source: Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research
30 (1982).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import ANSWER, Batches, down
from argosy.kernels.batch_cuts import MANY
from argosy.kernels.batches import settled, student
from argosy.plugins import call
from argosy.plugins.guarded_call import whole
from argosy_scoring.dependence import CLUSTER, TIME, apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.types import Metric
    from argosy_scoring.predictions import Predictions

    Floats = NDArray[np.float64]
    Told = tuple[pl.DataFrame, dict[str, pa.Array]]


def by_batches(
    predictions: Predictions, batches: Batches, family: Sequence[Metric], answers: pl.DataFrame
) -> Told:
    """Replace what metrics say of how sure they are, in groups of at least ten batches.

    Args:
        predictions: the groups.
        batches: of their rows.
        family: metrics that share a `measure`.
        answers: what they answered for the groups.

    Returns:
        The answers, and for each metric how many independent rows a group's are worth, null where
        it has no standard error of its own, or none by batches.
    """
    names = [metric.name for metric in family]
    cut = batches.counts >= MANY
    values = np.full((len(names), MANY, len(cut)), np.nan)
    if cut.any():
        values[:, :, cut] = _measured(predictions, batches, cut, family)
    there = batches.counts > 0
    rows = predictions.lengths.astype(np.float64)
    reach = float(student(np.array([MANY]))[0])
    found, many = {}, {}
    for place, metric in enumerate(family):
        column = answers[metric.name].struct.unnest()
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = down(values[place]) / MANY
            error = np.sqrt(down((values[place] - middle) ** 2) / (MANY - 1) / MANY)
        error[~(error > 0)] = np.nan
        own = column["error"].to_numpy()
        variance, worth = settled(rows, own**2, error**2, batches.counts)
        told = np.isfinite(worth) & np.isfinite(error)
        error = np.where(told, np.sqrt(variance), error)
        many[metric.name] = pa.array(worth, mask=~told)
        value = column["value"].to_numpy()
        ends = (value - reach * error, value + reach * error)
        given = column["reason"].is_not_null().to_numpy()
        numbers = {
            name: pl.Series(np.where(there, new, column[name].to_numpy())).fill_nan(None)
            for name, new in zip(
                ("error", "lower", "upper"),
                (error, *(np.clip(end, *metric.bounds) for end in ends)),
                strict=True,
            )
        }
        kept = pl.Series(~given)
        found[metric.name] = column.with_columns(
            pl.when(kept).then(series).alias(name) for name, series in numbers.items()
        ).to_struct()
    return answers.with_columns(**found), many


def _measured(
    predictions: Predictions, batches: Batches, cut: NDArray[np.bool_], family: Sequence[Metric]
) -> Floats:
    """Return the metrics of ten batches of some groups, shape (metrics, 10, groups)."""
    from argosy_scoring.predictions import Predictions as Parts

    taken = np.repeat(cut, predictions.lengths)
    owners = np.repeat(np.arange(cut.sum()), predictions.lengths[cut])
    # of more clusters than ten, some together
    of = batches.of[taken] * MANY // np.repeat(batches.counts[cut], predictions.lengths[cut])
    part = owners * MANY + of
    rows = predictions.rows.filter(pl.Series(taken)).drop(TIME, CLUSTER, strict=False)
    lengths = np.bincount(part, minlength=int(cut.sum()) * MANY).astype(np.int64)
    groups = predictions.groups.filter(pl.Series(cut))
    groups = groups[np.repeat(np.arange(groups.height), MANY)]
    table = Parts(rows[np.argsort(part, kind="stable")], groups, lengths).table()
    names = [metric.name for metric in family]
    found = call("metrics", names[0], family[0].measure, table, names, answers=pa.Table)
    schema = pa.schema([(name, ANSWER) for name in names])
    sound = whole("metrics", names[0], apart(found, names)[0], schema, table.num_rows)
    values = [
        pc.struct_field(sound[name].combine_chunks(), "value").to_numpy(zero_copy_only=False)
        for name in names
    ]
    return np.stack(values).reshape(len(names), -1, MANY).swapaxes(1, 2)
