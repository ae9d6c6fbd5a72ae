"""Who is promoted, decided over the whole fleet: a function of what was measured, and no more."""

from __future__ import annotations

import polars as pl

SCHEMA = {"model": pl.String, "version": pl.String, "promoted": pl.Boolean, "reason": pl.String}


def verdict(candidates: pl.DataFrame, compared: pl.DataFrame, margin: float) -> pl.DataFrame:
    """Decide for every candidate whether it takes the champion's place.

    One that has a champion must have been found better over the whole fleet (Benjamini-Hochberg
    over all pairs of the night), and by the margin at the lower end of its 95 % interval. One that
    has none must not surely be worse than the client's popularity list on the same rows: without a
    first one there are no lists at all.

    Args:
        candidates: a row per version made tonight: `model`, `version`, `champion` (the version it
            would replace, or null), `value` (its metric on the holdout, or null), `upper` (the end
            of its 95 % interval, or null), `baseline` (that of the popularity list), and `failed`
            (why it could not be measured, or null).
        compared: a row per pair, as `fleet.compare` tells of one metric: `model`,
            `challenger_version`, `effect`, `lower`, `q_value`, `verdict`, `reason`.
        margin: the least difference worth a promotion, in the metric's unit.

    Returns:
        One row per candidate: `model`, `version`, `promoted`, `reason`.

    >>> candidates = pl.DataFrame({
    ...     "model": ["a", "b", "c"], "version": "2", "champion": ["1", "1", None],
    ...     "value": [0.4, 0.3, 0.2], "upper": 0.5, "baseline": 0.1, "failed": None,
    ... })
    >>> compared = pl.DataFrame({
    ...     "model": ["a", "b"], "challenger_version": "2", "effect": [0.05, 0.03],
    ...     "lower": [0.02, 0.001],
    ...     "q_value": [0.001, 0.002], "verdict": "better", "reason": None,
    ... })
    >>> for row in verdict(candidates, compared, margin=0.01).iter_rows(): print(*row)
    a 2 True better by 0.0500 (at least 0.0200, q 0.0010)
    b 2 False better by 0.0300, but surely only by 0.0010 of the margin of 0.01
    c 2 True first of its client: 0.2000, popularity 0.1000
    """
    pairs = compared.select(
        "model",
        "effect",
        "lower",
        "q_value",
        "verdict",
        version="challenger_version",
        untested="reason",
    )
    rows = candidates.join(pairs, on=["model", "version"], how="left", maintain_order="left")
    effect, q, best = pl.col("effect"), pl.col("q_value"), pl.col("verdict") == "better"
    first = pl.col("champion").is_null()
    measured = pl.col("failed").is_null() & pl.col("value").is_not_null()
    fit = pl.max_horizontal("value", "upper") >= pl.col("baseline")
    beats = best & (pl.col("lower") >= margin)
    least = _number(pl.col("lower"))
    by = _number(effect.abs())
    reason = (
        pl.when(~measured)
        .then(pl.format("not measured: {}", pl.col("failed").fill_null("it has no value")))
        .when(first & pl.col("baseline").is_null())
        .then(pl.lit("first of its client, whose popularity list was not measured"))
        .when(first)
        .then(
            pl.format(
                "{}: {}, popularity {}",
                pl.when(fit)
                .then(pl.lit("first of its client"))
                .otherwise(pl.lit("worse than its client's popularity list")),
                _number(pl.col("value")),
                _number(pl.col("baseline")),
            )
        )
        .when(q.is_null())
        .then(pl.format("not compared: {}", pl.col("untested").fill_null("there is no test")))
        .when(beats)
        .then(pl.format("better by {} (at least {}, q {})", by, least, _number(q)))
        .when(best)
        .then(
            pl.format(
                "better by {}, but surely only by {} of the margin of {}", by, least, pl.lit(margin)
            )
        )
        .when(pl.col("verdict") == "worse")
        .then(pl.format("worse by {} (q {})", by, _number(q)))
        .otherwise(pl.format("no difference ({} at q {})", _number(effect), _number(q)))
    )
    promoted = measured & pl.when(first).then(fit).otherwise(beats)
    return rows.select(
        "model", "version", promoted=promoted.fill_null(value=False), reason=reason
    ).cast(SCHEMA)  # type: ignore[arg-type]


def _number(value: pl.Expr) -> pl.Expr:
    """Write a number with four places."""
    whole = value.round(4)
    digits = (whole.abs() * 10_000).round().cast(pl.Int64)
    sign = pl.when(whole < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    last = (digits % 10_000).cast(pl.String).str.zfill(4)
    return pl.concat_str(sign, (digits // 10_000).cast(pl.String), pl.lit("."), last)
