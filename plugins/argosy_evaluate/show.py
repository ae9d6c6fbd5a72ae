"""Print what an evaluation found: how the fleet stands by each metric, and what is worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.views.counts import FAILED, NOT_APPLICABLE, judged
from argosy.views.metrics import worst_slices
from argosy_evaluate.summary import by_metric, labels
from argosy_evaluate.work import UNCUT
from argosy_scoring.slices import ALL

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_UNIT = ["model", "version"]


class Flags(BaseModel):
    """How the answer is shown."""

    limit: int = Field(10, ge=0, description="Most rows shown of a table; 0: all.")


def show(printer: Printer, run: Ran, flags: Flags) -> None:
    """Print what a run did, how the fleet stands by each metric, and what is worst."""
    rows = run.view.evaluations().filter(run_id=run.id)
    metrics, slices, counted = by_metric(rows), worst_slices(rows), labels(rows)
    many, small = of_slices(rows)
    limit = flags.limit or None
    if printer.json:
        told: dict[str, object] = {"metrics": metrics.to_dicts(), "worst_slices": slices.to_dicts()}
        told |= {"slices_judged": many, "slices_too_small": small}
        printer.emit({**run.summary, "labels": counted, **told})
        return
    printer.run(run, "evaluated")
    if counted["unmatched"]:
        printer.say(f"{counted['unmatched']:,} labels have no prediction")
    unjudged = without_value(rows)
    if unjudged.height:
        printer.emit(unjudged, title="could not be measured", limit=limit)
    if metrics.height:
        rows_of = "whole windows" if "worst_window" in metrics.columns else "all rows"
        printer.emit(metrics, title=f"by metric, over {rows_of}", limit=None)
    if slices.height:
        title = f"{slices.height} models have a slice that is worse than chance explains"
        window = ["window"] if slices["window"].null_count() < slices.height else []
        why = ["gap_reason"] if slices["gap_reason"].null_count() < slices.height else []
        columns = ["model", *window, "slice", "metric", "value", "gap", "gap_lower", "gap_upper"]
        columns += ["n", "q_value", *why]
        printer.emit(slices, columns, title=title, limit=limit)
    if many or small:
        found = f"{slices.height} models have one that is worse" if slices.height else "none worse"
        few = f"; {small:,} more have too few rows" if small else ""
        printer.say(f"{many:,} slices judged, {found}{few}")


def of_slices(rows: pl.LazyFrame) -> tuple[int, int]:
    """Count the slices of models that were held against the other rows, and those too small.

    Args:
        rows: of one run.
    """
    of = [*_UNIT, "window", "slice"]
    cut = rows.filter(pl.col("slice") != ALL, pl.col("slice") != UNCUT)
    each = cut.group_by(of).agg(compared=pl.col("q_value").is_not_null().any())
    compared = pl.col("compared")
    many, small = each.select(compared.sum(), small=(~compared).sum()).collect().row(0)
    return int(many or 0), int(small or 0)


def without_value(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return `model`, `version` and `reason` of those that have no value and have not failed.

    Args:
        rows: of one run.
    """
    status = pl.col("status")
    return (
        rows.filter(status != NOT_APPLICABLE)
        .group_by(_UNIT)
        .agg(
            pl.col("reason").drop_nulls().first(),
            unjudged=~judged().any() & ~(status == FAILED).all(),
        )
        .filter("unjudged")
        .select(*_UNIT, "reason")
        .sort(_UNIT)
        .collect()
    )
