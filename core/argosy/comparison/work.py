"""The work of one chunk of a comparison: lay pairs side by side, then test all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.comparison.layout import PAIR
from argosy.comparison.sides import paired
from argosy.errors import PluginError
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
from argosy.tables import COMPARISONS

if TYPE_CHECKING:
    from argosy.comparison.layout import Paired
    from argosy.types import Chunk, Comparison, Tables

_NUMBERS = ("champion", "challenger", "effect", "lower", "upper", "p_value")
_ANSWER = pa.struct([*((name, pa.float64()) for name in _NUMBERS), ("reason", pa.string())])
_VALUES = {"champion": "champion_value", "challenger": "challenger_value"}

EMPTY = pl.DataFrame(COMPARISONS.empty_table()).drop("run_id", "at", "dataset")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comparison is asked to do."""

    comparisons: tuple[str, ...]
    metrics: tuple[str, ...] | None
    """Null: all that each comparison tests, or for one that tests any, those by default."""


@prepared
def perform(chunk: Chunk) -> Tables:
    """Compare the chunk's models; one that cannot be is a row with its reason."""
    asked: Any = chunk.options["asked"]
    location: Any = chunk.options["location"]
    found, trouble = paired(pl.DataFrame(chunk.models), location)
    parts = [EMPTY, failed(trouble)]
    for pairs in found:
        parts += _tested(pairs, asked)
    return {"comparisons": pl.concat(parts, how="diagonal_relaxed").to_arrow()}


def failed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each pair that could not be compared (the columns of `PAIR`, `reason`)."""
    rows = pairs.select(*PAIR, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64)
    )
    return pl.concat([EMPTY, rows], how="diagonal_relaxed")


def metrics_of(comparison: Comparison, task: str, asked: tuple[str, ...] | None) -> list[str]:
    """Name the metrics of a task that a comparison is to test, in the order they are offered."""
    known = installed().metrics
    own = comparison.metrics if comparison.metrics is not None else tuple(known)
    if asked is not None:
        own = tuple(name for name in own if name in asked)
    elif comparison.metrics is None:
        own = tuple(name for name in own if known[name].default)
    return [
        name
        for name in own
        if name in known and task in known[name].tasks and not known[name].needs
    ]


def _tested(pairs: Paired, asked: Asked) -> list[pl.DataFrame]:
    parts = []
    for name in asked.comparisons:
        comparison = installed().comparisons[name]
        metrics = metrics_of(comparison, pairs.task, asked.metrics)
        if pairs.task in comparison.tasks and metrics:
            parts.append(compared(comparison, pairs, metrics))
    if parts:
        return parts
    told = f"none of the comparisons {', '.join(asked.comparisons)} applies to a {pairs.task} model"
    if asked.metrics is not None:
        told += f" and the metrics {', '.join(asked.metrics)}"
    return [failed(pairs.keys.with_columns(reason=pl.lit(told)))]


def compared(comparison: Comparison, pairs: Paired, metrics: list[str]) -> pl.DataFrame:
    """Test all pairs of one task: one row per pair and metric."""
    name = comparison.name
    keys = pairs.keys.with_columns(comparison=pl.lit(name), task=pl.lit(pairs.task))
    try:
        answer = call(
            "comparisons", name, comparison.measure, pairs.table, metrics, answers=pa.Table
        )
        schema = pa.schema([(metric, _ANSWER) for metric in metrics])
        told = pl.DataFrame(whole("comparisons", name, answer, schema, keys.height))
    except PluginError as error:
        named = pl.DataFrame({"metric": metrics})
        reason = pl.lit(str(error))
        return keys.join(named, how="cross").with_columns(status=pl.lit("failed"), reason=reason)
    long = keys.hstack(told).unpivot(index=keys.columns, variable_name="metric", value_name="found")
    defined = pl.col("reason").is_null()
    tests = [pl.when(defined).then(each).alias(each) for each in ("lower", "upper", "p_value")]
    fields = long["found"].struct.unnest()
    frame = long.drop("found").rename({"challenger": "alias"}).hstack(fields)
    return (
        frame.with_columns(tests)
        .rename(_VALUES)
        .rename({"alias": "challenger"})
        .with_columns(
            status=pl.when(defined).then(pl.lit("ok")).otherwise(pl.lit("undefined")),
        )
    )
