"""Show one model's metrics: how they went, window by window and version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.views.facts import in_order, of_last_run
from argosy_evaluate.sparklines import course, interval

if TYPE_CHECKING:
    from argosy.types import FleetView, Printer

_KEPT = (
    *("dataset", "metric", "version", "window", "window_start", "window_end", "whole", "slice"),
    *("value", "lower", "upper", "n"),
    *("label_coverage", "gap", "gap_lower", "gap_upper", "q_value", "gap_reason"),
    *("dataset_digest", "status", "reason", "at"),
)
_WINDOWS = 40
_VERSIONS = 5
_SERIES = ["dataset", "metric"]


def show(printer: Printer, fleet: FleetView, model: str) -> None:
    """Print every metric of a model: its course, how it stands, and how sure that is."""
    rows = _rows(fleet, model)
    if printer.json:
        printer.emit({"model": model, "metrics": rows.to_dicts()})
        return
    printer.say(f"model  {model}")
    measured = rows.filter(pl.col("metric").is_not_null(), slice="all")
    if measured.is_empty():
        printer.say("it was never measured; run `argosy evaluate`")
    failed = rows.filter(pl.col("metric").is_null(), status="failed")
    for reason in failed["reason"].unique(maintain_order=True):
        printer.say(f"failed  {reason}")
    if _differ(measured):
        printer.say("its versions were measured on different rows: their numbers do not compare")
    plain = measured.filter(pl.col("window").is_null())
    if plain.height:
        printer.emit(_of_all_rows(plain), title="all rows, version by version", limit=None)
    cut = measured.filter(pl.col("window").is_not_null())
    whole = cut.filter(pl.col("whole").fill_null(value=True))
    if whole.height:
        title = "the newest whole window, and how windows went"
        printer.emit(_of_windows(whole), title=title, limit=None)
    if whole.height < cut.height:
        some = cut.height - whole.height
        printer.say(f"{some} numbers of windows that are not whole are left out; --json has them")


def read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    """Return what the last evaluation of a version measured on all rows, the newest window first.

    What has no value, with its reason, comes before all others.
    """
    rows = fleet.evaluations().filter(
        pl.col("version") == pl.lit(version, pl.String), model=model, slice="all"
    )
    last = of_last_run(rows, fleet.runs()).collect()
    descending = [True, True, True, True, False, False]
    order = [pl.col("value").is_null(), *in_order(), pl.col("dataset"), pl.col("metric")]
    return last.sort(*order, descending=descending, nulls_last=True, maintain_order=True)


def _rows(fleet: FleetView, model: str) -> pl.DataFrame:
    """Return what stands of a model, versions in their order, windows in theirs."""
    versions = fleet.versions().filter(model=model).select("version").collect()
    order = {name: number for number, name in enumerate(versions["version"])}
    place = pl.col("version").replace_strict(order, default=-1, return_dtype=pl.Int64)
    mine = fleet.standing().filter(model=model).collect()
    return mine.sort(*_SERIES, place, *in_order(), "slice").select(_KEPT)


def _differ(rows: pl.DataFrame) -> bool:
    """Whether what was measured without windows was not measured on the same rows."""
    plain = rows.filter(pl.col("window").is_null(), pl.col("dataset_digest").is_not_null())
    several = plain.group_by("dataset").agg(many=pl.col("dataset_digest").n_unique())
    return bool((several["many"] > 1).any())


def _of_all_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Lay out what the versions of a model measured on all of their rows."""
    drawn: list[dict[str, Any]] = []
    for part in rows.partition_by(_SERIES, maintain_order=True):
        low, high = _ends(part)
        drawn += [_row(row, low, high) for row in part.tail(_VERSIONS).iter_rows(named=True)]
    return _without_bare(drawn)


def _of_windows(rows: pl.DataFrame) -> pl.DataFrame:
    """Draw how each metric of the last version went, window by window, windows of a length apart.

    Args:
        rows: of whole windows, in the order of versions, and of windows in each.
    """
    last = pl.col("version").last().over(_SERIES)
    days = (pl.col("window_end") - pl.col("window_start")).dt.total_hours() / 24
    # months and years differ by days, and days by an hour
    length = days.log().round(1).alias("length")
    mine = rows.filter(pl.col("version") == last).with_columns(length)
    drawn: list[dict[str, Any]] = []
    for part in mine.partition_by([*_SERIES, "length"], maintain_order=True):
        low, high = _ends(part)
        values = part["value"].tail(_WINDOWS).to_list()
        row = _row(part.row(-1, named=True), low, high)
        drawn.append({**row, "course": course(values, low, high) if len(values) > 1 else ""})
    return _without_bare(drawn)


def _ends(rows: pl.DataFrame) -> tuple[float, float]:
    ends = pl.concat([rows["value"], rows["lower"], rows["upper"]]).drop_nulls().to_list()
    return min(ends, default=0.0), max(ends, default=0.0)


def _row(row: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("dataset", "metric", "version", "window")},
        "course": "",
        **{name: row[name] for name in ("value", "lower", "upper")},
        "interval": interval(row["value"], row["lower"], row["upper"], low, high),
        **{name: row[name] for name in ("n", "label_coverage", "reason")},
    }


def _without_bare(drawn: list[dict[str, Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(drawn, infer_schema_length=None)
    bare = [
        name
        for name in ("window", "course", "interval", "reason")
        if frame[name].is_null().all() or (frame[name] == "").all()
    ]
    return frame.drop(bare)
