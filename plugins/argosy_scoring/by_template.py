"""What the templates of models say of how these are measured, where nobody says it otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import FleetState


def metrics_by_model(state: FleetState, models: pl.DataFrame, usual: Sequence[str]) -> pl.DataFrame:
    """Return `model` and its `metrics`: those of its template, and the one it is judged by.

    Models whose template names none are left out. One that names only the metric that its models
    are judged by has the usual ones too.

    Args:
        state: of the fleet.
        models: with their `model`.
        usual: the metrics that are measured where nobody says which.

    Raises:
        UnknownName: for a metric of a template that no plugin offers any more.
    """
    told = _templates(state, models).filter(
        pl.col("metric_names").is_not_null() | pl.col("metric").is_not_null()
    )
    own = pl.col("metric_names").fill_null(pl.lit(list(usual), pl.List(pl.String)))
    judged = pl.concat_list(pl.col("metric")).list.drop_nulls()
    found = told.select("model", metrics=own.list.concat(judged).list.unique(maintain_order=True))
    for name in found["metrics"].explode().unique().drop_nulls():
        installed().metrics[name]  # or it is told before any work
    return found


def comparisons_by_model(state: FleetState, models: pl.DataFrame) -> pl.DataFrame:
    """Return `model`, and of its template `comparisons` and `metrics`, null where it names none.

    The metric that models are judged by is the one that is compared; where there is none, those
    that are measured.

    Args:
        state: of the fleet.
        models: with their `model`.

    Raises:
        UnknownName: for a comparison or metric of a template that no plugin offers any more.
    """
    judged = pl.when(pl.col("metric").is_not_null()).then(pl.concat_list("metric"))
    found = _templates(state, models).select(
        "model",
        comparisons=pl.when(pl.col("comparison").is_not_null()).then(pl.concat_list("comparison")),
        metrics=pl.coalesce(judged, "metric_names"),
    )
    for what in ("comparisons", "metrics"):
        for name in found[what].explode().unique().drop_nulls():
            installed().offered(what)[name]
    return found


def _templates(state: FleetState, models: pl.DataFrame) -> pl.DataFrame:
    template = state["template"].select("template", "metric_names", "metric", "comparison")
    named = state["model"].select("model", "template").join(template, on="template")
    return models.select("model").join(named, on="model", maintain_order="left")
