"""Show one model's drift: what moved, how the distributions stand, and how it came to this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.cli.pictures import bars, shares
from argosy.tables import ALL_COLUMNS
from argosy.views.effects import effects

if TYPE_CHECKING:
    from argosy.cli.session import Session
    from argosy.types import FleetView

_WINDOWS = 40
_PLACE = ["window", "segment_key", "segment_value", "column"]


def show_drift(session: Session, fleet: FleetView, told: dict[str, Any]) -> None:
    """Print the verdict, the course of each column's worst effect, and what moved."""
    this = (pl.col("model") == told["model"]) & (pl.col("version") == told["version"])
    rows = fleet.drift().filter(this, pl.col("detector").is_not_null()).collect()
    moved = fleet.table("distributions").filter(this, pl.col("at") == pl.col("at").max()).collect()
    course = _drawn(effects(rows, _WINDOWS))
    open_ = fleet.incidents().filter(
        pl.col("models").list.contains(told["model"]), pl.col("state") != "resolved"
    )
    answer = {
        "model": told["model"],
        "version": told["version"],
        "drifted": told["drifted"],
        "verdict": told["verdict"],
        "incidents": open_.collect()["reason"].to_list(),
        "course": course.drop("picture").to_dicts(),
        "distributions": moved.to_dicts(),
    }
    if session.json:
        session.emit(answer)
        return
    session.emit({name: answer[name] for name in ("model", "version", "verdict")})
    for reason in answer["incidents"]:
        session.say(f"incident  {reason}")
    if course.height:
        session.say("")
        columns = ["column", "detector", "picture", "effect", "threshold", "status"]
        session.emit(worded(course), columns, title="effects, window by window")
    if moved.height:
        session.say("")
        session.emit(_pictured(moved), title="reference and current, as shares")


def worded(rows: pl.DataFrame) -> pl.DataFrame:
    """Say in words which rows are of all columns together.

    >>> worded(pl.DataFrame({"column": ["age", "*"]}))["column"].to_list()
    ['age', 'all columns together']
    """
    return rows.with_columns(pl.col("column").replace(ALL_COLUMNS, "all columns together"))


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
