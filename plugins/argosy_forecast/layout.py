"""Models of a dataset beside their series on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL
from argosy.errors import BadInput
from argosy.jobs.units import unbound
from argosy.registry.bindings import bound, named_columns
from argosy.types import Units
from argosy.views.entities import subjects
from argosy_forecast.grid import Grid, grids
from argosy_forecast.model import TASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.types import Found, Scope

_UNIT = ("model", "version", "format", "artifact", "digest", "features", "binding")


def units_of(scope: Scope, role: str, alias: str | None) -> Units:
    """Give each version that forecasts its series, those of one artifact side by side."""
    state = scope.view.state
    chosen = subjects(state, scope.models, alias)
    url = pl.col("binding").struct.field("url")
    placed = bound(state, chosen, role).sort(url, "digest", "model", nulls_last=True)
    reason = (
        pl.when(pl.col("artifact").is_null())
        .then(pl.lit("it has no artifact, so it cannot forecast here"))
        .when(pl.col("task").is_null())
        .then(pl.lit("its version names no task, and only models of the task 'forecast' forecast"))
        .when(pl.col("task") != TASK)
        .then(pl.format("its task is '{}', and only models of the task 'forecast' do", "task"))
        .when(pl.col("binding").is_null())
        .then(unbound(role))
    )
    told = placed.with_columns(reason=reason)
    ready = pl.col("reason").is_null()
    return Units(
        told.filter(ready).select(_UNIT),
        told.filter(~ready).select("model", "version", "reason"),
        isolate=True,
    )


def beside_lost(found: Found, table: str, nothing: pl.DataFrame, role: str) -> pl.DataFrame:
    """Return the rows of a table that the chunks answered, and one for each model that was lost."""
    lost = found.lost.with_columns(status=pl.lit("failed"), dataset=pl.lit(role))
    parts = [nothing, *found.answers.parts(table), lost]
    return pl.concat(parts, how="diagonal_relaxed").select(nothing.columns)


def failures(rows: pl.DataFrame) -> int:
    """Return of how many versions some row failed."""
    return rows.filter(status="failed").select("model", "version").n_unique()


def availability(models: pl.DataFrame) -> set[str]:
    """Name the columns of the data that say since when rows are known."""
    told = (named_columns(binding).get("available_at") for binding in models["binding"])
    return {name for name in told if name is not None}


def laid_out(dataset: Dataset) -> Iterator[tuple[pl.DataFrame, Grid | str]]:
    """Yield models of a dataset with their series on a grid, or the reason why there is none.

    Where there is one, `line` says which of the grid's series is a model's.
    """
    if dataset.reason is not None:
        yield dataset.models, dataset.reason
        return
    there = dataset.models.filter(pl.col("model").is_in(dataset.rows[MODEL].unique().implode()))
    bare = dataset.models.join(there, on="model", how="anti")
    if bare.height:
        told = bare.with_columns(reason=dataset.absent(bare))
        for (reason,), part in told.partition_by("reason", as_dict=True).items():
            yield part, str(reason)
    for part in there.partition_by("features", maintain_order=True):
        names = covariates(part["features"].to_list()[0])
        own = dataset.rows.filter(pl.col(MODEL).is_in(part["model"].implode()))
        try:
            for grid in grids(own, dataset.binding, names):
                lines = pl.DataFrame({"model": grid.names}).with_row_index("line")
                yield part.join(lines, on="model", maintain_order="left"), grid
        except BadInput as error:
            yield part, str(error)


def covariates(features: list[dict[str, Any]] | None) -> list[str]:
    """Name the columns that a version declares as features; one that declares none uses none."""
    return [one["name"] for one in features or () if one["role"] in {None, "feature"}]


def failed(models: pl.DataFrame, reason: str | pl.Expr) -> pl.DataFrame:
    """Return a row for each model that nothing comes out of."""
    told = pl.lit(reason) if isinstance(reason, str) else reason
    return models.select("model", "version", status=pl.lit("failed"), reason=told)
