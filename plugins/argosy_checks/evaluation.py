"""The promoted versions were evaluated without failure, and are not worse than those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed, options
from argosy.types import Check

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_ROWS = ("model", "dataset", "dataset_digest", "metric", "window")


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find versions that were not evaluated, failed, or lost more than the margin.

    Two versions are compared where they were measured on the very same rows. A version without
    one before it, or without such rows, is only asked to have been evaluated.
    """
    models = pl.DataFrame(moved)
    rows = _evaluations(fleet, models)
    own = models.join(rows, on=["model", "version"], how="left", maintain_order="left")
    failed = own.filter(status="failed").select(
        "model", reason=pl.format("its evaluation failed: {}", pl.col("reason").fill_null("?"))
    )
    measured = own.filter(status="ok")
    absent = models.join(measured, on="model", how="anti").join(failed, on="model", how="anti")
    unknown = absent.select(
        "model", reason=pl.format("its version {} was not evaluated", "version")
    )
    found = pl.concat([failed, unknown, _worse(measured, rows, models)])
    return found.unique("model", keep="first", maintain_order=True).to_arrow()


def _evaluations(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return how the versions before and after stand: their evaluations of all rows."""
    asked = options("checks")
    rows = fleet.standing().join(models.lazy().select("model"), on="model", how="semi")
    rows = rows.filter(pl.col("slice").is_null() | (pl.col("slice") == "all"))
    if asked.data is not None:
        rows = rows.filter(dataset=asked.data)
    if asked.metrics:
        rows = rows.filter(pl.col("metric").is_null() | pl.col("metric").is_in(asked.metrics))
    return rows.select(*_ROWS, "version", "value", "status", "reason", "window_start").collect()


def _worse(measured: pl.DataFrame, rows: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    margin = options("checks").margin
    known = installed().metrics
    sign = {name: 1.0 if metric.higher_is_better else -1.0 for name, metric in known.items()}
    before = models.select("model", version="previous").drop_nulls()
    old = before.join(rows.filter(status="ok"), on=["model", "version"], how="inner").select(
        *_ROWS, before="version", old="value"
    )
    both = measured.join(old, on=_ROWS, how="inner", nulls_equal=True, maintain_order="left")
    loss = (pl.col("old") - pl.col("value")) * pl.col("metric").replace_strict(
        sign, default=None, return_dtype=pl.Float64
    )
    rounded = [pl.col(name).round_sig_figs(4) for name in ("value", "old")]
    told = pl.format("{} is {}, it was {} in version {}", "metric", *rounded, "before")
    lost = both.with_columns(loss=loss).filter(pl.col("loss") > margin)
    return lost.sort("loss", descending=True).select("model", reason=told)


CHECK = Check(
    name="evaluation",
    summary="The promoted versions were evaluated, and are not worse than those before.",
    look=look,
)
