"""Ask metrics for all groups at once, and lay out what they answer: a row per group and metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.kernels import ANSWER
from argosy.kernels.answers import WORTH
from argosy.kernels.batches import read, student
from argosy.plugins import call
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import alone, bounded, either, faults, number, ordered, settled, within
from argosy_scoring.bootstrap import bootstrap
from argosy_scoring.by_batches import by_batches
from argosy_scoring.dependence import BATCHES, LEAST, REACH, apart, judged, least, worths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.kernels import Batches
    from argosy.types import Metric
    from argosy_scoring.predictions import Predictions

_NUMBERS = ("value", "error", "lower", "upper")
_SOUND = (
    within("value", "a value"),
    number("error", "a standard error", low=0.0),
    within("lower", "a lower limit"),
    within("upper", "an upper limit"),
    either("value", "a value"),
    alone(_NUMBERS, "numbers"),
)
"""What every answer of a metric keeps to, beside its bounds."""
_HOLDS = ordered("lower", "value", "upper")
"""What its own interval does; one of rows that are drawn anew may lie beside a value."""
_SURE = _NUMBERS[1:]
_KEY = ("model", "version", "window", "slice")
"""The columns that tell groups apart, whatever chunk they are in."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How often rows are drawn anew to say how sure a metric is."""

    many: int = 0
    """None: the interval is the metric's own."""
    seed: int = 0


NO_DRAWS = Draws()


def measured(
    predictions: Predictions, metrics: Sequence[Metric], draws: Draws = NO_DRAWS
) -> pl.DataFrame:
    """Measure groups whose models have one task: a row per group and metric that applies.

    Args:
        predictions: of models with one task.
        metrics: those that are wanted; those that share a `measure` are asked together.
        draws: whether errors and intervals come from rows that are drawn anew.

    Returns:
        The columns of the groups but for the labels, and `metric`, `value`, `error`, `lower`,
        `upper`, `n_effective` (null where rows are taken for independent), `reach` (how many
        errors an interval reaches on either side), `status` (`ok`, `undefined` or `failed`) and
        `reason`. Where rows are worth too few independent ones, a value stands alone, and the
        reason says so.
    """
    table = predictions.table()
    found = read(table, predictions.lengths)
    together = _Together(
        predictions, found, least(predictions.rows, predictions.lengths), student(found.counts)
    )
    if draws.many:
        for name in _KEY[2:]:
            table = table.append_column(name, predictions.groups[name].to_arrow())
    groups = predictions.groups.drop("labels", "classes")
    families: dict[int, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(id(metric.measure), []).append(metric)
    parts = [
        part
        for family in families.values()
        for part in _answered(groups, table, family, draws, together)
    ]
    return pl.concat(parts, how="diagonal_relaxed")


def fitting(predictions: Predictions, metrics: Sequence[Metric]) -> list[Metric]:
    """Return the metrics that apply to the task of models, and whose columns are there."""
    task = predictions.groups["task"][0]
    there = set(predictions.rows.columns)
    return [metric for metric in metrics if task in metric.tasks and there >= {*metric.needs}]


def without_value(
    groups: pl.DataFrame, metrics: Sequence[Metric], status: str, reason: pl.Expr
) -> pl.DataFrame:
    """Return a row per group and metric that says why there is no value."""
    names = pl.DataFrame({"metric": [metric.name for metric in metrics]}, {"metric": pl.String})
    told = groups.drop("labels", "classes", strict=False).with_columns(
        status=pl.lit(status), reason=reason
    )
    return told.join(names, how="cross")


class _Together(NamedTuple):
    """What rows hang together."""

    predictions: Predictions
    batches: Batches
    least: NDArray[np.int64]
    """How many independent rows those of each group must be worth."""
    reach: NDArray[np.float64]


def _answered(
    groups: pl.DataFrame,
    table: pa.Table,
    family: Sequence[Metric],
    draws: Draws,
    together: _Together,
) -> list[pl.DataFrame]:
    """Measure a family in one call; where that fails one by one, to name the culprit."""
    names = [metric.name for metric in family]
    try:
        if draws.many:
            asked: tuple[Any, ...] = (bootstrap, table, family, draws.many, draws.seed, _KEY)
        else:
            asked = (family[0].measure, table, names)
        found = call("metrics", names[0], *asked, answers=pa.Table)
        schema = pa.schema([(name, ANSWER) for name in names])
        found, worth = apart(found, names)
        answers = pl.DataFrame(whole("metrics", names[0], found, schema, table.num_rows))
        if together.batches.some and not draws.many and not family[0].batched:
            answers, worth = by_batches(together.predictions, together.batches, family, answers)
    except PluginError as error:
        if len(family) > 1:
            return [
                part for one in family for part in _answered(groups, table, [one], draws, together)
            ]
        return [without_value(groups, family, "failed", pl.lit(str(error)))]
    long = groups.hstack(answers).unpivot(
        index=groups.columns, variable_name="metric", value_name="found"
    )
    told = long.select(*groups.columns, "metric", pl.col("found").struct.unnest())
    rules = _SOUND if draws.many else (*_SOUND, _HOLDS)
    fault = faults(bounded(told, {one.name: one.bounds for one in family}), rules, _teller(names))
    told = settled(told, fault, _NUMBERS)
    many = len(names)
    told = told.with_columns(
        pl.Series(WORTH, worths(worth, names, table.num_rows)),
        pl.Series(REACH, np.tile(together.reach, many)),
    )
    if not together.batches.some:
        return [told]
    told = told.with_columns(
        pl.Series(BATCHES, np.tile(together.batches.counts, many)),
        pl.Series(LEAST, np.tile(together.least, many)),
    )
    return [judged(told, _SURE, " for an interval").drop(BATCHES, LEAST)]


def _teller(names: Sequence[str]) -> pl.Expr:
    who = {name: origin("metrics", name) for name in names}
    return pl.col("metric").replace_strict(who, return_dtype=pl.String)
