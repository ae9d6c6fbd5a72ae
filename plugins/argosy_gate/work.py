"""The work of one chunk of gates: measure versions, baselines and constants, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.kernels.batches import NORMAL
from argosy.plugins import installed
from argosy.views import entities
from argosy_gate.naive import naive
from argosy_gate.table import NAIVE, SUBJECT
from argosy_scoring.dependence import REACH
from argosy_scoring.gather import gather
from argosy_scoring.measure import fitting, measured
from argosy_scoring.model_cache import Models
from argosy_scoring.predictions import by_task, together

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import Chunk, Metric, Tables
    from argosy_scoring.predictions import Predictions

MEASURED: dict[str, Any] = {
    **dict.fromkeys(("model", "version", "dataset", "dataset_digest", "who", "metric"), pl.String),
    "value": pl.Float64,
    "error": pl.Float64,
    "n": pl.Int64,
    **dict.fromkeys(("status", "reason"), pl.String),
}
"""What was measured: one row per model, case, metric and `who`."""


def perform(chunk: Chunk) -> Tables:
    """Measure the chunk's models; what cannot be measured is a row with its reason."""
    request: Any = chunk.options["request"]
    location: Any = chunk.options["location"]
    metrics = [installed().metrics[name] for name in request.metrics]
    models = pl.DataFrame(chunk.models).select("model", "cases", base="binding")
    cases = models.explode("cases").unnest("cases")
    # the base case may have a copy that is better to read
    of_base = pl.when(pl.col("dataset") == request.data).then("base").otherwise("binding")
    cases = cases.with_columns(binding=of_base)
    cache = Models(location)
    parts = [pl.DataFrame(schema=MEASURED)]
    for (who, dataset), part in cases.partition_by(
        ["who", "dataset"], as_dict=True, maintain_order=True
    ).items():
        constant = who == SUBJECT and dataset == request.data
        case = _case(part, location, cache, metrics, constant).with_columns(
            dataset=pl.lit(dataset, pl.String),
            who=pl.coalesce(pl.col("who"), pl.lit(who, pl.String)),
        )
        parts.append(_judged(case, request.data))
    rows = pl.concat(parts, how="diagonal_relaxed").select(list(MEASURED))
    return {"measured": rows.to_arrow()}


def _case(
    units: pl.DataFrame, location: Location, cache: Models, metrics: list[Metric], constant: bool
) -> pl.DataFrame:
    """Measure one case of some models, and the best constant beside them."""
    wanted = units.select("model", *entities.SUBJECT, "binding", "labels")
    gathered = gather(wanted, location, loaded=cache)
    failed = gathered.trouble.with_columns(status=pl.lit("failed"), who=pl.lit(None, pl.String))
    parts = [pl.DataFrame(schema={**MEASURED, REACH: pl.Float64}), failed]
    if gathered.predictions:
        for part in by_task(together(gathered.predictions)).values():
            parts.append(_measured(part, metrics, None))
            bar = naive(part) if constant else None
            if bar is not None:
                parts.append(_measured(bar, metrics, NAIVE))
    return pl.concat(parts, how="diagonal_relaxed")


def _measured(part: Predictions, metrics: list[Metric], who: str | None) -> pl.DataFrame:
    own = fitting(part, metrics)
    name = pl.lit(who, pl.String)
    if own:
        return measured(part, own).with_columns(who=name)
    asked = ", ".join(metric.name for metric in metrics)
    reason = f"none of the metrics {asked} applies to a {part.groups['task'][0]} model"
    return part.groups.select("model", "version").with_columns(
        status=pl.lit("failed"), reason=pl.lit(reason), who=name
    )


def _judged(rows: pl.DataFrame, base: str) -> pl.DataFrame:
    """Give errors the size that 1.96 of them need, and versions no value where it is not sure.

    Where rows depend on each other an interval reaches further than 1.96 standard errors; and of
    rows of the base case that are worth too few nobody can say how far, so that a version is not
    known to be better than anything.
    """
    unsure = (pl.col("status") == "ok") & pl.col("reason").is_not_null()
    unsure &= (pl.col("who") == SUBJECT) & (pl.col("dataset") == base)
    return rows.with_columns(
        error=pl.col("error") * (pl.col(REACH) / NORMAL),
        value=pl.when(~unsure).then("value"),
        status=pl.when(unsure).then(pl.lit("unknown")).otherwise("status"),
    )
