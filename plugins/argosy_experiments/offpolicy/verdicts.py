"""What can be concluded from off-policy estimates, over a whole fleet, and why not from others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from argosy_experiments.clusters import LEAST, few

UNKNOWN = "unknown"
"""The verdict where nothing is concluded; the reason says why."""
Z = 1.959963984540054


class Floor(NamedTuple):
    """The least that a log must have before anything is concluded."""

    ess: float = 100
    """The least effective sample size."""
    rewarded: int = 20
    """The fewest rows with a reward that count."""
    uncovered: float = 0.05
    """The most of the target policy's choices that the log could not have shown, or that cutting
    the weights leaves out."""
    worth: float = 30
    """The fewest rewards that the log must be worth, in rows of weight 1 with a reward of 1."""
    even: float = 15
    """The fewest even rows that are as lopsided as the log."""
    clusters: int = LEAST
    """The fewest clusters, where rows hang together."""


def judged(found: pl.DataFrame, floor: Floor, level: float) -> pl.DataFrame:
    """Conclude over the whole fleet from what was measured of each model.

    Args:
        found: as `measured` returns it, of any number of logs.
        floor: below which nothing is concluded.
        level: the share of false verdicts that is tolerated.

    Returns:
        The rows with `lower`, `upper`, `effect`, `p_value`, `q_value`, `verdict` and `reason`.
    """
    from scipy.special import ndtr, stdtr, stdtrit
    from scipy.stats import false_discovery_control

    effect, spread = pl.col("value") - pl.col("logged"), pl.col("effect_error")
    # A target that is the policy that ran has no effect, but for rounding.
    rounding = 1e-9 * (pl.col("value").abs() + pl.col("logged").abs())
    # Clusters are few enough for Student's t to matter; the degrees of one are no number.
    degrees = (found["clusters"].cast(pl.Float64) - 1).to_numpy()
    degrees = np.where(degrees > 0, degrees, np.nan)
    rows = found["clusters"].is_null().to_numpy()
    width = pl.Series("width", np.where(rows, Z, stdtrit(degrees, 0.975))).fill_nan(None)
    found = found.with_columns(
        pl.when(pl.col(name).is_finite()).then(name) for name in ("value", "error", "effect_error")
    ).with_columns(
        lower=pl.col("value") - width * pl.col("error"),
        upper=pl.col("value") + width * pl.col("error"),
        effect=effect,
        z=pl.when(spread > rounding).then(effect.abs() / spread),
        reason=_short(floor),
    )
    below = -found["z"].cast(pl.Float64).to_numpy()
    p_value = pl.Series("p_value", 2 * np.where(rows, ndtr(below), stdtr(degrees, below)))
    found = found.with_columns(p_value.fill_nan(None)).drop("z").with_row_index("row")
    tested = found.filter(pl.col("p_value").is_not_null(), pl.col("reason").is_null())
    adjusted = [
        part.select("row", q_value=pl.Series(false_discovery_control(part["p_value"].to_numpy())))
        for part in tested.partition_by("estimator")
    ]
    none = pl.DataFrame(schema={"row": pl.UInt32, "q_value": pl.Float64})
    found = found.join(
        pl.concat([none, *adjusted], how="vertical_relaxed"), on="row", how="left"
    ).drop("row")
    verdict = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit(UNKNOWN))
        .when((pl.col("q_value") < level) & (pl.col("effect") > 0))
        .then(pl.lit("better"))
        .when(pl.col("q_value") < level)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("no difference"))
    )
    return found.with_columns(verdict=verdict)


def _short(floor: Floor) -> pl.Expr:
    """Say which floor is not reached."""
    too_few = few(floor.clusters)
    uncovered = (100 * pl.col("uncovered")).round(1)
    return (
        pl.when(pl.col("value").is_null() & (pl.col("estimator") == "dr"))
        .then(pl.lit("a foretold reward is missing or not finite"))
        .when(pl.col("value").is_null())
        .then(pl.lit("no row counts: the target policy takes none of the logged actions"))
        .when(too_few.is_not_null())
        .then(too_few)
        .when(pl.col("ess") < floor.ess)
        .then(
            pl.format(
                "the effective sample size is {} of {} rows, below {}",
                pl.col("ess").round(1),
                "n",
                pl.lit(f"{floor.ess:g}"),
            )
        )
        .when(pl.col("rewarded") < floor.rewarded)
        .then(pl.format("{} rewarded rows, below {}", "rewarded", pl.lit(floor.rewarded)))
        .when(pl.col("uncovered") > floor.uncovered)
        .then(pl.format("{} % of what the target policy would choose was never shown", uncovered))
        .when((pl.col("clipped") > 0) & (1 - pl.col("mean_weight") > floor.uncovered))
        .then(
            pl.format(
                "cutting the weights leaves out {} % of what the target policy would choose",
                (100 * (1 - pl.col("mean_weight"))).round(1),
            )
        )
        .when(pl.col("error").is_null())
        .then(pl.lit("one row has no error"))
        .when(pl.col("worth") < floor.worth)
        .then(
            pl.format(
                "worth {} rewards, judged from {}",
                pl.col("worth").round(1),
                pl.lit(f"{floor.worth:g}"),
            )
        )
        .when(pl.col("even_rows") < floor.even)
        .then(
            pl.format(
                "as lopsided as {} even rows, judged from {}",
                pl.col("even_rows").round(1),
                pl.lit(f"{floor.even:g}"),
            )
        )
    )
