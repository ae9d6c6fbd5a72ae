"""Print what was estimated: each metric over the fleet, and who lies below the reference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from argosy.views.facts import in_order
from argosy.views.metrics import goodness

if TYPE_CHECKING:
    from argosy.types import FleetView, Printer, Ran

_FEW = 10
_OF = ["model", "version", "metric"]
_WORST = [
    *("model", "version", "window", "metric", "value", "lower", "upper"),
    *("reference", "reference_lower", "reference_upper"),
]


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print how the fleet is estimated to do by each metric, and the models below, worst first."""
    beside = newest_beside_reference(run.results(), _measured(run))
    metrics, below = by_metric(beside), beside.filter("below").sort("short", descending=True)
    bare = beside.group_by("model").agg(pl.col("reference").is_null().all())["reference"].sum()
    if printer.json:
        found = {"metrics": metrics.to_dicts(), "below": below.select(_WORST).to_dicts()}
        printer.emit({**run.summary, **found, "without_reference": bare})
        return
    printer.run(run, "estimated")
    if metrics.height:
        printer.emit(metrics, title="estimates of the newest windows", limit=None)
    known = beside["model"].n_unique() - bare
    if below.height:
        title = (
            f"{below['model'].n_unique()} of {known} models lie below what their reference shows"
        )
        printer.emit(below, _WORST, title=title, limit=_FEW)
    elif known:
        printer.say(f"none of {known} models lies below what its reference shows")
    if bare:
        role = asked(run)["reference"]
        printer.say(
            f"{bare} models were not measured on their reference, so that nothing says whether they"
            f" do worse: `argosy evaluate --data {role}`"
        )


def newest_beside_reference(estimates: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """Put the newest estimate of every metric beside the value on the reference.

    Args:
        estimates: rows of the table `estimates`.
        measured: `model`, `version`, `metric`, `value`, `lower` and `upper` on the reference.

    Returns:
        One row per model and metric with the columns of `estimates`, `reference`, its interval, by
        how many of its widths the estimate is `short` of it, and whether it lies `below` it: is
        worse than the worse end of the interval (`Metric.goodness`).
    """
    last = (
        estimates.filter(status="ok")
        .sort(*in_order(), nulls_last=False)
        .unique([*_OF, "estimator"], keep="last", maintain_order=True)
    )
    reference = measured.select(
        *_OF, reference="value", reference_lower="lower", reference_upper="upper"
    )
    ends = [goodness(pl.col(name)) for name in ("reference_lower", "reference_upper")]
    edge = pl.coalesce(pl.min_horizontal(*ends), goodness(pl.col("reference")))
    width = (pl.col("reference_upper") - pl.col("reference_lower")).clip(lower_bound=1e-12)
    short = edge - goodness(pl.col("value"))
    return last.join(reference, on=_OF, how="left", maintain_order="left").with_columns(
        short=short / width.fill_null(1.0), below=(short > 0).fill_null(False)
    )


def by_metric(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per metric: `models`, the `median` estimate, and how many lie `below`.

    Args:
        rows: as `newest_beside_reference` gives them.
    """
    return (
        rows.group_by("metric")
        .agg(
            models=pl.col("model").n_unique().cast(pl.Int64),
            median=pl.col("value").median(),
            below=pl.col("below").sum().cast(pl.Int64),
        )
        .sort("metric")
    )


def asked(run: Ran) -> dict[str, str]:
    """Return what the run was asked for."""
    kept = run.view.runs().filter(run_id=run.id).select("options").collect()
    found: dict[str, str] = json.loads(kept.item())
    return found


def _measured(run: Ran) -> pl.DataFrame:
    fleet: FleetView = run.view
    role = asked(run)["reference"]
    whole = fleet.standing().filter(
        pl.col("window").is_null(), dataset=role, slice="all", status="ok"
    )
    return whole.select(*_OF, "value", "lower", "upper").collect()
