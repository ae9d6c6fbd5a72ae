"""The models of a promotion as checks judge them: by which metric, margin and age of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import options

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

TOLD = {"model": pl.String, "reason": pl.String}


def subjects(fleet: FleetView, moved: pa.Table) -> pl.DataFrame:
    """Return `model`, `version`, `previous`, and what each is judged by.

    `metric`, `comparison` and `margin` are those of its template, null where it names none; a fact
    from before `since` is too old.
    """
    asked = options("checks")
    of = pl.DataFrame(moved).select("model", "version", "previous")
    known = fleet.models().select("model", "template", "tier")
    template = fleet.table("templates").select("template", "metric", "comparison", "margin")
    found = (
        of.lazy()
        .join(known, on="model", how="left", maintain_order="left")
        .join(template, on="template", how="left", maintain_order="left")
        .collect()
    )
    ages = asked.oldest_by_tier
    age = pl.lit(asked.oldest)
    if ages:
        age = pl.coalesce(
            pl.col("tier").replace_strict(ages, default=None, return_dtype=pl.Duration("us")), age
        )
    return found.with_columns(since=pl.lit(fleet.moment) - age).drop("template", "tier")


def judged(metric: str = "metric", own: str = "own") -> pl.Expr:
    """Say of each row whether its metric is one that its model is judged by.

    Args:
        metric: the column of the row's metric.
        own: the column of the metric that the template of its model names, or null.
    """
    asked = options("checks").metrics
    others = pl.col(metric).is_in(asked) if asked else pl.lit(True)
    return pl.when(pl.col(own).is_not_null()).then(pl.col(metric) == pl.col(own)).otherwise(others)


def number(name: str) -> pl.Expr:
    """Round a column to four digits, to be told."""
    return pl.col(name).round_sig_figs(4)


def told(*parts: pl.DataFrame) -> pa.Table:
    """Return what a check answers: of the findings about a model, the first."""
    found = pl.concat([pl.DataFrame(schema=TOLD), *(part.select(list(TOLD)) for part in parts)])
    return found.unique("model", keep="first", maintain_order=True).to_arrow()
