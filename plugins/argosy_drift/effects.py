"""How the effects that drift checks found went, window by window."""

from __future__ import annotations

import polars as pl

from argosy.views.facts import in_order
from argosy.views.verdicts import severity
from argosy_drift.verdict import JUDGED


def effects(rows: pl.DataFrame, windows: int) -> pl.DataFrame:
    """Return, per column, the detector that is furthest above its threshold, over time.

    Args:
        rows: of `drift`, of one version.
        windows: so many of the last are kept.

    Returns:
        `column`, `detector`, `effects` (a list, oldest first), and of the newest window `effect`,
        `threshold`, `p_value`, `status` and `window`.
    """
    judged = pl.col("status").is_in(JUDGED) & pl.col("effect").is_not_null()
    known = rows.filter(pl.col("segment_key").is_null(), judged)
    # looks at all rows are bars of their own: a course is of windows, where there are any
    cut = pl.col("window").is_not_null()
    of = ["column", "detector"]
    series = known.filter(cut == cut.any().over(of)).with_columns(ratio=severity())
    looked = pl.when(cut).then(None).otherwise("at")
    once = series.sort("at", maintain_order=True).unique(
        [*of, "window", "window_start", "window_end", looked.alias("look")], keep="last"
    )
    ordered = once.sort(*in_order(), "at", nulls_last=False, maintain_order=True)
    last = ordered.group_by("column", "detector", maintain_order=True).agg(
        effects=pl.col("effect").tail(windows),
        **{
            name: pl.col(name).last()
            for name in ("effect", "threshold", "p_value", "status", "ratio", "window")
        },
    )
    alerts = pl.col("status") == "drift"
    return (
        last.sort(alerts, "ratio", descending=True)
        .unique("column", keep="first", maintain_order=True)
        .drop("ratio")
    )
