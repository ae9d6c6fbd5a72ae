"""Show one model's drift: what moved, how the distributions stand, and how it came to this."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.tables import ALL_COLUMNS
from argosy.views.facts import in_order, of_last_run
from argosy_drift.bars import bars, shares
from argosy_drift.effects import effects

if TYPE_CHECKING:
    from argosy.types import FleetView, Printer

_WINDOWS = 40
_PLACES = {"drift": 0, "failed": 1, "watch": 2, "ok": 3, "insufficient": 4}
_OTHERS = 2
_PLACE = ["window", "segment_key", "segment_value", "column"]


def show(printer: Printer, fleet: FleetView, model: str, version: str | None) -> None:
    """Print the verdict, the course of each column's worst effect, and what moved."""
    this = _of(model, version)
    rows = fleet.drift().filter(this, pl.col("detector").is_not_null()).collect()
    moved = fleet.table("distributions").filter(this, pl.col("at") == pl.col("at").max()).collect()
    course = _drawn(effects(rows, _WINDOWS))
    open_ = fleet.incidents().filter(
        pl.col("models").list.contains(model), pl.col("state") != "resolved"
    )
    judged = fleet.verdicts().filter(this).select("drifted", "reason")
    drifted, verdict = judged.row(0) if judged.height else (None, "never checked")
    incidents = open_.collect()["reason"].to_list()
    about = {"model": model, "version": version}
    if printer.json:
        printer.emit(
            {
                **about,
                "drifted": drifted,
                "verdict": verdict,
                "incidents": incidents,
                "course": course.drop("picture").to_dicts(),
                "distributions": moved.to_dicts(),
            }
        )
        return
    printer.emit({**about, "verdict": verdict})
    for reason in incidents:
        printer.say(f"incident  {reason}")
    if course.height:
        printer.say("")
        columns = ["column", "detector", "picture", "effect", "threshold", "status"]
        printer.emit(_named(course), columns, title="effects, window by window")
    if moved.height:
        printer.say("")
        printer.emit(_pictured(moved), title="reference and current, as shares")


def read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    """Return what the last check of a version found, what matters first, the newest window first.

    Drift comes first, then what failed; what had too few rows comes last.
    """
    rows = fleet.drift().filter(_of(model, version))
    place = pl.col("status").replace_strict(_PLACES, default=_OTHERS, return_dtype=pl.Int64)
    last = of_last_run(rows, fleet.runs()).collect()
    pair = pl.col("column"), pl.col("detector")
    order = [place, *in_order(), pl.col("effect") / pl.col("threshold"), *pair]
    descending = [False, True, True, True, True, False, False]
    return last.sort(*order, descending=descending, nulls_last=True, maintain_order=True)


def worded(rows: pl.DataFrame) -> pl.DataFrame:
    """Say in words which rows are of all columns together, and of which segment.

    >>> rows = {"column": ["age", "*"], "segment_key": [None, "tier"], "segment_value": [None, "1"]}
    >>> worded(pl.DataFrame(rows)).select("column", "segment").rows()
    [('age', None), ('all columns together', 'tier is 1')]
    """
    value = pl.col("segment_value").fill_null("null")
    segment = pl.when(pl.col("segment_key").is_not_null()).then(
        pl.format("{} is {}", pl.col("segment_key").fill_null(""), value)
    )
    told = _named(rows).with_columns(segment=segment)
    bare = [name for name in ("window", "segment") if name in told.columns]
    return told.drop(name for name in bare if told[name].null_count() == told.height)


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("column").replace(ALL_COLUMNS, "all columns together"))


def _of(model: str, version: str | None) -> pl.Expr:
    return (pl.col("model") == model) & (pl.col("version") == pl.lit(version, pl.String))


def _drawn(course: pl.DataFrame) -> pl.DataFrame:
    """Draw the effects of each column, up to what alerts."""
    drawn = [
        bars(effects, max(threshold or 0.0, *effects))
        for effects, threshold in course.select("effects", "threshold").rows()
    ]
    return course.with_columns(picture=pl.Series(drawn, dtype=pl.String))


def _pictured(moved: pl.DataFrame) -> pl.DataFrame:
    """Draw each distribution that was kept; where there are many categories, the largest."""
    rows = []
    for row in moved.sort(_PLACE).to_dicts():
        pairs = list(zip(row["ref_counts"], row["cur_counts"], strict=True))
        if row["kind"] == "categorical":
            pairs = sorted(pairs, key=sum, reverse=True)[:_WINDOWS]
            span = ", ".join((row["categories"] or [])[:3])
        else:
            span = f"{row['edges'][0]:.4g} to {row['edges'][-1]:.4g}"
        before, after = shares(*map(list, zip(*pairs, strict=True))) if pairs else ("", "")
        where = f"{row['segment_key']} is {row['segment_value']}" if row["segment_key"] else None
        rows.append(
            {
                "column": row["column"],
                "window": row["window"],
                "where": where,
                "over": span,
                "reference": before,
                "current": after,
            }
        )
    frame = pl.DataFrame(rows)
    return frame.drop(name for name in ("window", "where") if frame[name].null_count() == len(rows))
