"""Compare realised with estimated performance, and find gaps that persist: concept drift.

An estimate assumes that a score means what it meant in the reference. Once labels are there, a
realised value outside its band says that the assumption is wrong, or that the sample was unlucky:
five bands in a hundred miss. A gap that recurs, window after window, on the same side, is not bad
luck. Nor is it drift of the data, which the estimate accounts for. A model that does better than
was estimated is no alarm.
"""

from __future__ import annotations

import polars as pl

KEY = ("model", "version", "dataset", "metric")
COLUMNS = (
    *("model", "version", "dataset", "window", "window_start", "estimator", "metric", "at"),
    *("estimated", "lower", "upper", "realised", "realised_lower", "realised_upper"),
    *("gap", "beyond", "n", "whole"),
)
"""The columns that `beside` returns."""
_WINDOW = ["window", "window_start", "window_end"]


def beside(estimates: pl.LazyFrame, evaluations: pl.LazyFrame) -> pl.LazyFrame:
    """Join every realised value with the estimate for the same rows.

    The estimate of a window is the last one of that window; if rows are not cut into windows, it is
    the last before the evaluation, or else the first after it.

    Args:
        estimates: the table of that name, finished runs only.
        evaluations: the table of that name, likewise.

    Returns:
        The columns of `COLUMNS`: `gap` is realised less estimated, and `beyond` says whether it is
        wider than both bands: the realised value lies outside the estimate's band, and the
        estimate outside the interval of the realised value, where that is known; a value whose
        rows are worth too few independent ones for an interval is beyond nothing. `whole` says
        whether the window is whole on both sides; it is null where rows are not cut. One row per
        window and metric, or per evaluation, the last one of each.
    """
    told = estimates.filter(status="ok").select(
        *(*KEY, *_WINDOW, "estimator", "at", "lower", "upper"),
        estimated="value",
        estimated_whole="whole",
    )
    seen = evaluations.filter(status="ok", slice="all").select(
        *(*KEY, *_WINDOW, "whole", "at", "n"),
        realised="value",
        realised_lower="lower",
        realised_upper="upper",
        unsure=pl.col("lower").is_null() & pl.col("n_effective").is_not_null(),
    )
    windowed = pl.col("window").is_not_null()
    by_window = [*KEY, *_WINDOW]
    last = [
        frame.filter(windowed).sort("at").unique(by_window, keep="last") for frame in (told, seen)
    ]
    windows = last[1].join(last[0].drop("at"), on=by_window, nulls_equal=True)
    whole = [frame.filter(~windowed).sort("at") for frame in (told, seen)]
    known = whole[0].drop(_WINDOW)
    before = whole[1].join_asof(
        known, on="at", by=list(KEY), strategy="backward", check_sortedness=False
    )
    after = whole[1].join_asof(
        known, on="at", by=list(KEY), strategy="forward", check_sortedness=False
    )
    runs = (
        pl.concat([before.with_columns(rank=0), after.with_columns(rank=1)])
        .filter(pl.col("estimated").is_not_null())
        .sort("rank")
        .unique([*KEY, "at"], keep="first", maintain_order=True)
        .drop("rank")
    )
    gap = pl.col("realised") - pl.col("estimated")
    outside = ~pl.col("realised").is_between("lower", "upper")
    apart = ~pl.col("estimated").is_between("realised_lower", "realised_upper")
    every = pl.concat([windows.select(runs.collect_schema().names()), runs])
    return every.with_columns(
        gap=gap,
        beyond=outside & apart.fill_null(~pl.col("unsure")),
        whole=pl.col("whole") & pl.col("estimated_whole"),
    ).select(COLUMNS)


def persistent(rows: pl.DataFrame, agree: tuple[int, int]) -> pl.DataFrame:
    """Return the models whose gaps persist.

    Args:
        rows: as `beside` gives them, of the versions that matter, and `worse`: whether the realised
            value is worse than the estimated one. Windows that are not whole do not count.
        agree: k and m: how many of the last m windows or evaluations of a metric must lie beyond
            both bands, all on the same side of them.

    Returns:
        One row per model: `model`, `version`, `metric`, `times`, `among` (fewer than m windows
        are judged once there are k), `gap`, `since` (the first of those times), `severity` (the
        gap in widths of the band) and the `reason` in words; of several metrics the one whose gap
        is the widest next to its band.

    Example:
        >>> day = pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 3), eager=True)
        >>> rows = pl.DataFrame({
        ...     "model": "m", "version": "1", "dataset": "current", "metric": "auc",
        ...     "window": ["1", "2", "3"], "window_start": day, "at": day, "estimated": 0.82,
        ...     "lower": 0.8, "upper": 0.84, "realised": [0.72, 0.7, 0.71],
        ...     "gap": [-0.10, -0.12, -0.11], "beyond": True, "whole": True, "worse": True,
        ... })
        >>> persistent(rows, (3, 3))["reason"].item()
        'concept drift: realised auc 0.71 outside the estimated 0.8 to 0.84 in 3 of the last 3
         windows'
    """
    least, among = agree
    order = pl.coalesce("window_start", "at")
    bad = pl.col("beyond") & pl.col("worse")
    recent = (
        rows.filter(pl.col("whole").fill_null(value=True))
        .with_columns(order=order, windowed=pl.col("window").is_not_null())
        .sort("order")
        .group_by(*KEY, "windowed", maintain_order=True)
        .tail(among)
        .with_columns(bad=bad, up=bad & (pl.col("gap") > 0), down=bad & (pl.col("gap") < 0))
    )
    counted = recent.group_by(*KEY, "windowed", maintain_order=True).agg(
        times=pl.max_horizontal(pl.col("up").sum(), pl.col("down").sum()).cast(pl.Int64),
        among=pl.len().cast(pl.Int64),
        **{
            name: pl.col(name).filter("bad").last()
            for name in ("realised", "lower", "upper", "gap")
        },
        since=pl.col("order").filter("bad").first(),
    )
    width = pl.col("upper") - pl.col("lower")
    reason = pl.format(
        "concept drift: realised {} {} outside the estimated {} to {} in {} of the last {} {}",
        "metric",
        *(pl.col(name).round_sig_figs(3) for name in ("realised", "lower", "upper")),
        *("times", "among"),
        pl.when("windowed").then(pl.lit("windows")).otherwise(pl.lit("evaluations")),
    )
    return (
        counted.filter(pl.col("times") >= least)
        .with_columns(reason=reason, severity=pl.col("gap").abs() / width)
        .sort("severity", descending=True, nulls_last=True)
        .unique(["model", "version"], keep="first", maintain_order=True)
        .select(
            "model", "version", "metric", "times", "among", "gap", "since", "severity", "reason"
        )
        .sort("model")
    )
