"""How the effects that drift checks found went, window by window."""

from __future__ import annotations

import polars as pl

from argosy.views.verdicts import severity


def effects(rows: pl.DataFrame, windows: int) -> pl.DataFrame:
    """Return, per column, the detector that is furthest above its threshold, over time.

    Args:
        rows: of `drift`, of one version.
        windows: so many of the last are kept.

    Returns:
        `column`, `detector`, `effects` (a list, oldest first), and of the newest window `effect`,
        `threshold`, `p_value`, `status` and `window`.
    """
    whole = rows.filter(pl.col("segment_key").is_null(), pl.col("effect").is_not_null())
    ordered = whole.with_columns(ratio=severity()).sort(
        pl.col("window").is_not_null(), "window", "at", maintain_order=True
    )
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
