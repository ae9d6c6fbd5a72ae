"""Show one model's metrics: how they went, window by window and version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.views.facts import of_last_run
from argosy_evaluate.sparklines import course, interval

if TYPE_CHECKING:
    from argosy.types import FleetView, Printer

_KEPT = (
    *("dataset", "metric", "version", "window", "slice", "value", "lower", "upper", "n"),
    *("label_coverage", "gap", "q_value", "dataset_digest", "status", "reason", "at"),
)
_WINDOWS = 40
_SERIES = ["dataset", "metric"]


def show(printer: Printer, fleet: FleetView, model: str) -> None:
    """Print every metric of a model: its course, how it stands, and how sure that is."""
    rows = _rows(fleet, model)
    if printer.json:
        printer.emit({"model": model, "metrics": rows.to_dicts()})
        return
    printer.say(f"model  {model}")
    whole = rows.filter(pl.col("metric").is_not_null(), slice="all")
    if whole.is_empty():
        printer.say("it was never measured; run `argosy evaluate`")
    for failed in rows.filter(pl.col("metric").is_null())["reason"].unique(maintain_order=True):
        printer.say(f"failed  {failed}")
    if _differ(whole):
        printer.say("its versions were measured on different rows: their numbers do not compare")
    if whole.height:
        printer.emit(_pictured(whole), title="how it stands, and how it went", limit=None)


def read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    """Return what the last evaluation of a version measured on all rows."""
    rows = fleet.evaluations().filter(
        pl.col("version") == pl.lit(version, pl.String), model=model, slice="all"
    )
    order = ("dataset", "metric", "window_start")
    return of_last_run(rows, fleet.runs()).sort(order).collect()


def _rows(fleet: FleetView, model: str) -> pl.DataFrame:
    """Return what stands of a model, versions in their order, windows in theirs."""
    versions = fleet.versions().filter(model=model).select("version").collect()
    order = {name: number for number, name in enumerate(versions["version"])}
    place = pl.col("version").replace_strict(order, default=-1, return_dtype=pl.Int64)
    mine = fleet.standing().filter(model=model).collect()
    return mine.sort(*_SERIES, place, "window_start", "window", "slice").select(_KEPT)


def _differ(rows: pl.DataFrame) -> bool:
    """Whether what was measured without windows was not measured on the same rows."""
    plain = rows.filter(pl.col("window").is_null(), pl.col("dataset_digest").is_not_null())
    several = plain.group_by("dataset").agg(many=pl.col("dataset_digest").n_unique())
    return bool((several["many"] > 1).any())


def _pictured(rows: pl.DataFrame) -> pl.DataFrame:
    """Draw each metric on the scale of all that is known of it."""
    drawn: list[dict[str, Any]] = []
    for part in rows.partition_by(_SERIES, maintain_order=True):
        ends = pl.concat([part["value"], part["lower"], part["upper"]]).drop_nulls().to_list()
        low, high = min(ends, default=0.0), max(ends, default=0.0)
        last = part.row(part.height - 1, named=True)
        values = part["value"].tail(_WINDOWS).to_list()
        drawn.append(
            {
                **{name: last[name] for name in ("dataset", "metric", "version", "window")},
                "course": course(values, low, high) if len(values) > 1 else "",
                **{name: last[name] for name in ("value", "lower", "upper")},
                "interval": interval(last["value"], last["lower"], last["upper"], low, high),
                **{name: last[name] for name in ("n", "label_coverage", "reason")},
            }
        )
    frame = pl.DataFrame(drawn, infer_schema_length=None)
    bare = [
        name
        for name in ("window", "course", "interval", "reason")
        if frame[name].is_null().all() or (frame[name] == "").all()
    ]
    return frame.drop(bare)
