"""The work of one chunk of a comparison: lay pairs side by side, then test all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.kernels.answers import WORTH
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import (
    alone,
    bounded,
    either,
    faults,
    number,
    ordered,
    probability,
    settled,
    within,
)
from argosy.tables import COMPARISONS
from argosy_compare.layout import PAIR, Paired
from argosy_compare.sides import paired
from argosy_scoring.dependence import BATCHES, LEAST, apart, heeded, worths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Chunk, Comparison, Tables
    from argosy_compare.request import Compare

    Names = tuple[str, ...]

_NUMBERS = ("champion", "challenger", "effect", "lower", "upper", "p_value")
_TEST = ("lower", "upper", "p_value")
_SOUND = (
    within("champion", "a value of the champion"),
    within("challenger", "a value of the challenger"),
    number("effect", "an effect"),
    number("lower", "a lower limit"),
    number("upper", "an upper limit"),
    probability("p_value", "a p-value"),
    ordered("lower", "effect", "upper"),
    either("effect", "an effect"),
    either("p_value", "a p-value"),
    alone(_TEST, "a test"),
)
"""What every answer of a comparison keeps to."""
_ANSWER = pa.struct([*((name, pa.float64()) for name in _NUMBERS), ("reason", pa.string())])
_VALUES = {"champion": "champion_value", "challenger": "challenger_value"}

EMPTY = pl.DataFrame(COMPARISONS.empty_table()).drop("run_id", "at", "dataset")


def perform(chunk: Chunk) -> Tables:
    """Compare the chunk's models; one that cannot be is a row with its reason."""
    request: Any = chunk.options["request"]
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models)
    by_task, trouble = paired(models, location)
    parts = [EMPTY, failed(trouble)]
    for pairs in by_task:
        for comparisons, metrics, own in _by_tests(pairs, models, request):
            parts += _tested(own, comparisons, metrics)
    return {"comparisons": pl.concat(parts, how="diagonal_relaxed").to_arrow()}


def failed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each pair that could not be compared (the columns of `PAIR`, `reason`)."""
    rows = pairs.select(*PAIR, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64)
    )
    return pl.concat([EMPTY, rows], how="diagonal_relaxed")


def metrics_of(comparison: Comparison, task: str, asked: tuple[str, ...] | None) -> list[str]:
    """Name the metrics of a task that a comparison is to test, in the order they are offered.

    Where none is asked for, these are all that the comparison tests; for one that tests any, those
    that take part by default.
    """
    known = installed().metrics
    own = comparison.metrics if comparison.metrics is not None else tuple(known)
    if asked is not None:
        own = tuple(name for name in own if name in asked)
    elif comparison.metrics is None:
        usual = installed().usual("metrics")
        own = tuple(name for name in own if name in usual)
    return [
        name
        for name in own
        if name in known and task in known[name].tasks and not known[name].needs
    ]


def _by_tests(
    pairs: Paired, models: pl.DataFrame, request: Compare
) -> Iterator[tuple[Names, Names | None, Paired]]:
    """Part pairs by how they are compared: as is asked for, else as their templates say."""
    usual = installed().usual("comparisons")
    told = models.select("model", "comparisons", "metrics").unique("model")
    asked = [pl.lit(None, pl.List(pl.String)).alias(name) for name in ("comparisons", "metrics")
             if getattr(request, name)]  # fmt: skip
    own = pairs.keys.select("model").join(
        told.with_columns(asked), on="model", how="left", maintain_order="left"
    )
    kinds = own.select("comparisons", "metrics").to_struct()
    for kind in kinds.unique(maintain_order=True):
        mine = pa.array(kinds.eq_missing(pl.Series([kind], dtype=kinds.dtype)).to_numpy())
        part = Paired(pairs.task, pairs.keys.filter(pl.Series(mine)), pairs.table.filter(mine))
        comparisons = request.comparisons or tuple(kind["comparisons"] or usual)
        metrics = request.metrics or (kind["metrics"] and tuple(kind["metrics"]))
        yield comparisons, metrics, part


def _tested(pairs: Paired, names: Names, asked: Names | None) -> list[pl.DataFrame]:
    parts = []
    for name in names:
        comparison = installed().comparisons[name]
        metrics = metrics_of(comparison, pairs.task, asked)
        if pairs.task in comparison.tasks and metrics:
            parts.append(compared(comparison, pairs, metrics))
    if parts:
        return parts
    reason = f"none of the comparisons {', '.join(names)} applies to a {pairs.task} model"
    if asked is not None:
        reason += f" and the metrics {', '.join(asked)}"
    return [failed(pairs.keys.with_columns(reason=pl.lit(reason)))]


def compared(comparison: Comparison, pairs: Paired, metrics: list[str]) -> pl.DataFrame:
    """Test all pairs of one task: one row per pair and metric."""
    name = comparison.name
    keys = pairs.keys.with_columns(comparison=pl.lit(name), task=pl.lit(pairs.task))
    try:
        answer = call(
            "comparisons", name, comparison.measure, pairs.table, metrics, answers=pa.Table
        )
        schema = pa.schema([(metric, _ANSWER) for metric in metrics])
        answer, worth = apart(answer, metrics)
        answers = pl.DataFrame(whole("comparisons", name, answer, schema, keys.height))
    except PluginError as error:
        named = pl.DataFrame({"metric": metrics})
        reason = pl.lit(str(error))
        told = keys.join(named, how="cross").with_columns(status=pl.lit("failed"), reason=reason)
        return told.drop(BATCHES, LEAST)
    tests = keys.hstack(answers).unpivot(
        index=keys.columns, variable_name="metric", value_name="answer"
    )
    fields = tests.select("metric", BATCHES, LEAST, pl.col("answer").struct.unnest())
    fields = fields.with_columns(pl.Series(WORTH, worths(worth, metrics, keys.height)))
    bounds = {metric: installed().metrics[metric].bounds for metric in metrics}
    fault = faults(bounded(fields, bounds), _SOUND, origin("comparisons", name))
    kept = heeded(fields, _TEST, comparison.batched, "these", "a comparison")
    found = settled(kept, fault, _NUMBERS)
    return (
        tests.drop("answer", BATCHES, LEAST)
        .rename({"challenger": "alias"})
        .hstack(found.drop("metric", BATCHES, LEAST))
        .rename(_VALUES)
        .rename({"alias": "challenger"})
    )
