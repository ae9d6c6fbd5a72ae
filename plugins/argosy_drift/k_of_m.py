"""Hold an alert back until enough of the last windows agree."""

from __future__ import annotations

import polars as pl

from argosy.views.facts import in_order

_SERIES = ["model", "segment_key", "segment_value", "column"]
_ALERTS = ("drift", "watch")


def agreed(judged: pl.DataFrame, held: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Turn `drift` into `watch` where too few of the last windows alert for the same column.

    Args:
        judged: the results of this run, decided window by window.
        held: `model`, `agree` and `among`: k of the last m windows, this one included.
        past: results of earlier runs: `model`, `segment_key`, `segment_value`, `column`,
            `window`, `window_start` and `status`.

    Returns:
        The results in the same order.
    """
    asked = held.filter(pl.col("among") > 1).select("model", "agree", "among")
    if asked.is_empty():
        return judged
    of = [*_SERIES, "window", "window_start", "status"]
    before = past.join(
        judged.select("model", "window").unique(),
        on=["model", "window"],
        how="anti",
        nulls_equal=True,
    )
    seen = pl.concat([before.select(of), judged.select(of)], how="vertical_relaxed")
    seen = seen.join(asked, on="model")
    place = seen.group_by("model", "window").agg(pl.col("window_start").max())
    place = place.sort("model", pl.col("window").is_null(), *in_order()).drop("window_start")
    place = place.with_columns(place=pl.int_range(pl.len()).over("model"))
    alerts = (
        seen.filter(pl.col("status").is_in(_ALERTS))
        .select(*_SERIES, "window", "agree", "among")
        .unique()
        .join(place, on=["model", "window"], nulls_equal=True)
    )
    near = alerts.join(alerts.select(*_SERIES, other="place"), on=_SERIES, nulls_equal=True).filter(
        pl.col("other").is_between(pl.col("place") - pl.col("among") + 1, pl.col("place"))
    )
    enough = near.group_by(*_SERIES, "window", "agree").agg(found=pl.len())
    lone = enough.filter(pl.col("found") < pl.col("agree")).select(*_SERIES, "window", lone=True)
    held_back = (pl.col("status") == "drift") & pl.col("lone").fill_null(False)
    return (
        judged.join(
            lone, on=[*_SERIES, "window"], how="left", nulls_equal=True, maintain_order="left"
        )
        .with_columns(status=pl.when(held_back).then(pl.lit("watch")).otherwise("status"))
        .drop("lone")
    )
