"""The work of one chunk of an estimation: fit what is not fitted yet, then estimate all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.kernels.answers import WORTH
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import alone, bounded, either, faults, ordered, settled, within
from argosy.tables import ESTIMATES
from argosy_estimate import fits
from argosy_estimate.fits import KEY
from argosy_estimate.sides import known, later
from argosy_rows.periods import LABELS
from argosy_rows.windows import WindowSpec
from argosy_scoring.dependence import BATCHES, LEAST, apart, heeded, worths
from argosy_scoring.model_cache import Models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location
    from argosy.types import Chunk, Estimator, Tables

_ROW = ["model", "version"]
_UNIT = [*_ROW, "task"]
_GROUP = [*_ROW, *LABELS, "whole", "n"]
_LEARNT = pa.schema([("reason", pa.string())])
_NUMBERS = [("value", pa.float64()), ("lower", pa.float64()), ("upper", pa.float64())]
_NAMES = [name for name, _ in _NUMBERS]
_SOUND = (
    within("value", "a value"),
    within("lower", "a lower limit"),
    within("upper", "an upper limit"),
    ordered("lower", "value", "upper", "a band"),
    *(either(name, f"{what} {name}") for name, what in zip(_NAMES, ("a", "a", "an"), strict=True)),
    alone(_NAMES, "numbers"),
)
"""What every answer of an estimator keeps to."""
_BAND = pa.struct([*_NUMBERS, ("reason", pa.string())])
_EMPTY = pl.DataFrame(ESTIMATES.empty_table()).drop("run_id", "at", "dataset")
_KEYS = pa.schema([*((name, pa.string()) for name in _UNIT), ("labels", pa.list_(pa.string()))])


def perform(chunk: Chunk) -> Tables:
    """Estimate for the chunk's models; one that cannot be is a row with its reason."""
    request: Any = chunk.options["request"]
    location: Any = chunk.options["location"]
    estimators = [installed().estimators[name] for name in request.estimators]
    models, held = pl.DataFrame(chunk.models), Models(location)
    fitted, undefined, fresh, trouble = _fitted(estimators, models, location, held)
    tables = [_keys(table) for table in (*fitted, *undefined)]
    tasks = pl.concat(tables).unique(_ROW, keep="first")
    ready = models.drop("task", "fits", "sources").join(tasks, on=_ROW, maintain_order="left")
    groups, missing = later(ready, location, held, WindowSpec(request.window))
    parts = [_EMPTY, failed(trouble), failed(missing)]
    for estimator, learnt, unable in zip(estimators, fitted, undefined, strict=True):
        parts += [
            estimated(estimator, groups, learnt),
            _each(estimator, groups.join(_reasons(unable), on=_ROW, maintain_order="left")),
        ]
    return {
        "estimates": pl.concat(parts, how="diagonal_relaxed").to_arrow(),
        "fits": pl.concat(fresh).to_arrow(),
    }


def failed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each model that nothing was estimated of (`model`, `version`, `reason`)."""
    rows = models.select(*_ROW, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64)
    )
    return pl.concat([_EMPTY, rows], how="diagonal_relaxed")


def _fitted(
    estimators: Sequence[Estimator], models: pl.DataFrame, location: Location, held: Models
) -> tuple[list[pa.Table], list[pa.Table], list[pl.DataFrame], pl.DataFrame]:
    """Fit every model that is not fitted yet.

    Returns:
        For each estimator the fits, with the columns of `KEY`, and the models that it cannot fit,
        with their `reason`; which fits are new (rows of the table `fits`); and `model`,
        `version`, `reason` of models that no estimator can be applied to.
    """
    kept = [fits.stored(models, place, location) for place in range(len(estimators))]
    lacking = _lacking(estimators, models, kept)
    fitted = [_KEYS.empty_table() if table is None else _without(table, lacking) for table in kept]
    undefined = [_KEYS.append(_LEARNT[0]).empty_table() for _ in estimators]
    fresh = [fits.NONE]
    if lacking.is_empty():
        return (
            fitted,
            undefined,
            fresh,
            pl.DataFrame(schema=dict.fromkeys((*_ROW, "reason"), pl.String)),
        )
    rows, trouble = known(lacking.drop("fits", "sources"), location, held)
    tasks = {task for estimator in estimators for task in estimator.tasks}
    apart = pl.format(
        "none of the estimators {} applies to a {} model",
        *(pl.lit(", ".join(each.name for each in estimators)), "task"),
    )
    strange = rows.filter(~pl.col("task").is_in(tasks)).select(*_ROW, reason=apart)
    for place, estimator in enumerate(estimators):
        own = rows.filter(pl.col("task").is_in(estimator.tasks))
        if own.is_empty():
            continue
        try:
            new, unable = learnt(estimator, own)
        except PluginError as error:
            failing = own.select(KEY).with_columns(reason=pl.lit(str(error)), broken=True)
            undefined[place] = failing.to_arrow()
            continue
        fresh.append(fits.keep(new, lacking, estimator.name, place, location))
        fitted[place] = pa.concat_tables([fitted[place], new], promote_options="permissive")
        undefined[place] = unable
    return fitted, undefined, fresh, pl.concat([trouble, strange])


def _without(table: pa.Table, models: pl.DataFrame) -> pa.Table:
    rows = pl.DataFrame(table.select(_ROW)).with_row_index("argosy_row")
    kept = rows.join(models, on=_ROW, how="anti", maintain_order="left")["argosy_row"]
    return table.take(kept.to_arrow())


def _lacking(
    estimators: Sequence[Estimator], models: pl.DataFrame, kept: Sequence[pa.Table | None]
) -> pl.DataFrame:
    """Return the models that lack the fit of some estimator of their task."""
    parts = []
    for table, estimator in zip(kept, estimators, strict=True):
        if table is not None:
            parts.append(pl.DataFrame(table.select(_UNIT)).with_columns(has=pl.lit(estimator.name)))
    if not parts:
        return models
    there = pl.concat(parts).group_by(_UNIT).agg("has")
    wants = {
        task: sorted(one.name for one in estimators if task in one.tasks)
        for task in {task for one in estimators for task in one.tasks}
    }
    full = there.filter(
        pl.col("has").list.sort()
        == pl.col("task").replace_strict(wants, return_dtype=pl.List(pl.String))
    )
    return models.join(full, on=_ROW, how="anti", maintain_order="left")


def learnt(estimator: Estimator, models: pl.DataFrame) -> tuple[pa.Table, pa.Table]:
    """Fit models of one task, as `known` gives them; return the fits, and who has none and why.

    Raises:
        PluginError: if the estimator fails, or answers with something else than it should.
    """
    name = estimator.name
    given = models.select(*_UNIT, "truth", "prediction", "score").to_arrow()
    if models["batch"].null_count() < models.height:
        given = given.append_column("batch", models["batch"].to_arrow())
    answer = call("estimators", name, estimator.fit, given, answers=pa.Table)
    reasons = pl.DataFrame(whole("estimators", name, answer, _LEARNT, given.num_rows))["reason"]
    taken = {*KEY, "prediction", "score", "reason"}
    keys = models.select(KEY).to_arrow().cast(_KEYS)
    fits_of_all = keys
    for column in (BATCHES, LEAST):
        fits_of_all = fits_of_all.append_column(column, models[column].to_arrow())
    for column in answer.column_names:
        if column not in taken:
            fits_of_all = fits_of_all.append_column(column, answer[column])
    able = reasons.is_null()
    unable = keys.append_column("reason", reasons.to_arrow().cast(pa.string()))
    return fits_of_all.filter(able.to_arrow()), unable.filter((~able).to_arrow())


def estimated(estimator: Estimator, groups: pl.DataFrame, fitted: pa.Table) -> pl.DataFrame:
    """Estimate for the groups of models that are fitted: one row per group and metric.

    Args:
        estimator: who estimates.
        groups: current rows, as `argosy_estimate.sides.later` gives them.
        fitted: what it learnt, with the columns of `KEY`; models that are not there have no rows.
    """
    rows = pl.DataFrame(fitted.select(_UNIT)).with_row_index("argosy_row")
    own = groups.join(rows, on=_ROW, maintain_order="left")
    if own.is_empty():
        return _EMPTY
    name = estimator.name
    given = own.select(*_UNIT, "prediction", "score").to_arrow()
    learnt_of = fitted.take(own["argosy_row"].to_arrow())
    for column in learnt_of.column_names:
        if column not in {*KEY, BATCHES, LEAST}:
            given = given.append_column(column, learnt_of[column])
    try:
        answer = call("estimators", name, estimator.estimate, given, answers=pa.Table)
        schema = pa.schema([(metric, _BAND) for metric in estimator.metrics])
        answer, worth = apart(answer, estimator.metrics)
        bands = pl.DataFrame(whole("estimators", name, answer, schema, given.num_rows))
    except PluginError as error:
        return _each(estimator, own.with_columns(reason=pl.lit(str(error)), broken=True))
    long = (
        own.select(_GROUP)
        .hstack(bands)
        .unpivot(index=_GROUP, variable_name="metric", value_name="band")
    )
    told = long.unnest("band").with_columns(
        pl.Series(WORTH, worths(worth, estimator.metrics, given.num_rows)), estimator=pl.lit(name)
    )
    known = installed().metrics
    bounds = {metric: known[metric].bounds for metric in estimator.metrics if metric in known}
    fault = faults(bounded(told, bounds), _SOUND, origin("estimators", name))
    needed = [
        (
            pl.Series(of, learnt_of[of]).fill_null(0)
            if of in learnt_of.column_names
            else pl.Series(of, [0])
        )
        for of in (BATCHES, LEAST)
    ]
    many = len(estimator.metrics)
    told = told.with_columns(
        pl.Series(each.name, np.tile(np.broadcast_to(each.to_numpy(), given.num_rows), many))
        for each in needed
    )
    kept = heeded(told, _NAMES, estimator.batched, "its reference", "an estimator")
    return settled(kept, fault, _NAMES).drop(BATCHES, LEAST)


def _each(estimator: Estimator, groups: pl.DataFrame) -> pl.DataFrame:
    """Return a row per group and metric of the estimator that says why there is no value."""
    metrics = pl.DataFrame({"metric": estimator.metrics}, schema={"metric": pl.String})
    broken = pl.col("broken") if "broken" in groups.columns else pl.lit(False)
    judged = groups.with_columns(
        status=pl.when(broken.fill_null(False))
        .then(pl.lit("failed"))
        .otherwise(pl.lit("undefined"))
    )
    rows = judged.select(*_GROUP, "reason", "status").join(metrics, how="cross")
    return rows.with_columns(estimator=pl.lit(estimator.name))


def _keys(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(table.select(list(KEY)).cast(_KEYS))


def _reasons(unable: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(unable).drop("task", "labels")
