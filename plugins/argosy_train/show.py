"""Print what a training made: how many versions, of which templates, and what they learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from argosy.types import Printer, Ran


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print how many versions were made, by template, and the mean of what trainers measured."""
    rows = run.results()
    made, metrics = by_template(rows), means(rows, run.view.versions().collect())
    if printer.json:
        found = {"templates": made.to_dicts(), "metrics": metrics.to_dicts()}
        printer.emit({**run.summary, **found})
        return
    printer.run(run, "trained")
    if made.height:
        printer.emit(made, title="versions made", limit=None)
    if metrics.height:
        printer.emit(metrics, title="as the trainers measured them", limit=None)


def by_template(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per template: its `trainer`, `versions`, `failed`, mean `rows`, `seconds`.

    >>> by_template(pl.DataFrame({
    ...     "template": ["t", "t"], "trainer": ["s", "s"], "status": ["ok", "failed"],
    ...     "n": [40, None], "seconds": [0.5, None],
    ... })).row(0)
    ('t', 's', 1, 1, 40.0, 0.5)
    """
    ok = pl.col("status") == "ok"
    return (
        rows.group_by("template", "trainer")
        .agg(
            versions=ok.sum().cast(pl.Int64),
            failed=(~ok).sum().cast(pl.Int64),
            rows=pl.col("n").filter(ok).mean(),
            seconds=pl.col("seconds").filter(ok).sum(),
        )
        .sort("template", "trainer", nulls_last=True)
    )


def means(rows: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """Return a row per template and metric that trainers measured: `versions` and the `mean`.

    Args:
        rows: of the table `trainings`.
        versions: of the fleet, with their `metrics`.
    """
    made = rows.filter(status="ok").select("model", "version", "template")
    own = versions.select("model", "version", "metrics").join(made, on=["model", "version"])
    told = own.select("template", pl.col("metrics").map.entries().explode()).drop_nulls("metrics")
    return (
        told.unnest("metrics")
        .group_by("template", metric="key")
        .agg(versions=pl.len().cast(pl.Int64), mean=pl.col("value").mean())
        .sort("template", "metric")
    )
