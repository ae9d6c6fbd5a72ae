"""Two means that may be compared after every batch: for revenue and other numbers.

The confidence sequence is asymptotic: it holds at all times together as both groups grow, not
from the first customer on as that of `e_process` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels import across
from argosy_experiments.ab_tests.clustered import SPREAD
from argosy_experiments.ab_tests.e_bh import discovered
from argosy_experiments.clusters import few, judgeable
from argosy_experiments.groups import CONTROL, GROUPS, TREATMENT
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SUMS = {
    "model": pl.String,
    "group": pl.String,
    "n": pl.Float64,
    "total": pl.Float64,
    "squares": pl.Float64,
}
LEAST = 50
"""Customers per group before the normal approximation is asked."""


def compared(
    sums: pl.DataFrame | pa.Table,
    *,
    level: float = 0.05,
    horizon: float = 10_000,
    spread: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Compare the means of control and treatment of every model, on all that came so far.

    Args:
        sums: one row per model and `group` (`control` or `treatment`): how many customers (`n`),
            the sum of their numbers (`total`) and of the squares (`squares`), since the start.
        level: of the intervals, each by itself; and the share of false verdicts over the fleet.
        horizon: at how many customers of both groups the intervals are narrowest. They hold
            whatever it is, but it must be chosen before the data is seen.
        spread: of models whose customers hang together, as `clustered.cluster_spread` tells it;
            others may be missing, or null.

    Returns:
        One row per model: `control`, `treatment` (means), `effect`, `lower`, `upper` (they hold
        at all looks together), `e_value`, `verdict` (`treatment`, `control` or `undecided`, by
        e-BH) and `reason`.

    Raises:
        BadInput: if a column is missing, or a group is neither of the two.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory
    and asymptotic confidence sequences", Annals of Statistics 52 (2024); the e-value is the
    mixture SPRT of Johari, Koomen, Pekelis and Walsh, Operations Research 70 (2022).

    Example:
        >>> sums = pl.DataFrame({"model": "m", "group": ["control", "treatment"],
        ...                      "n": 400, "total": [400.0, 600.0], "squares": [800.0, 1300.0]})
        >>> compared(sums).select("effect", pl.col("lower").round(2), "verdict").rows()
        [(0.5, 0.21, 'treatment')]
    """
    table = refuse_duplicates(validated(sums, SUMS, "sums"), ["model", "group"], "sums")
    grouped = sides(table, ("n", "total", "squares"))
    n, total, squares = (
        grouped.select(f"{group}_{name}" for group in GROUPS).to_numpy()
        for name in ("n", "total", "squares")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        variance = (squares - n * mean**2) / (n - 1) / n
        effect = mean[:, 1] - mean[:, 0]
        variance = across(variance)
        together = spread_of(grouped["model"], spread)
        degrees, scarce = judgeable(together)
        variance = np.where(np.isnan(degrees), variance, together["effect_error"].to_numpy() ** 2)
        log_e, margin = mixture(effect, variance, across(n), level, horizon, degrees)
    small, alike = n.min(1) < LEAST, ~(variance > 0)
    broken = ~np.isfinite(np.hstack([n, total, squares])).all(1)
    unknown = broken | small | scarce | alike
    log_e = np.where(unknown, np.nan, log_e)
    found = discovered(log_e, level)
    answer = pl.DataFrame(
        {
            "model": grouped["model"],
            "control": mean[:, 0],
            "treatment": mean[:, 1],
            "effect": effect,
            "lower": np.where(unknown, np.nan, effect - margin),
            "upper": np.where(unknown, np.nan, effect + margin),
            "e_value": np.exp(np.minimum(log_e, 700)),
            "verdict": np.where(found, np.where(effect > 0, TREATMENT, CONTROL), "undecided"),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    return answer.with_columns(
        reason=pl.when(pl.Series(broken))
        .then(pl.lit("a sum is not finite"))
        .when(pl.Series(small))
        .then(pl.lit(f"fewer than {LEAST} customers in a group"))
        .when(pl.Series(scarce))
        .then(together.select(few()).to_series())
        .when(pl.Series(alike))
        .then(pl.lit("all numbers are alike"))
    )


def spread_of(models: pl.Series, spread: pl.DataFrame | None) -> pl.DataFrame:
    """Return what is known of the clusters of these models, null where nothing is.

    Example:
        >>> spread_of(pl.Series(["m"]), None).rows()
        [('m', None, None, None)]
    """
    kinds = {"model": pl.String, **dict.fromkeys(SPREAD, pl.Float64)}
    given = pl.DataFrame(schema=kinds) if spread is None else spread
    known = refuse_duplicates(validated(given, kinds, "spreads"), ["model"], "spreads")
    asked = models.alias("model").to_frame()
    return asked.join(known.select(*kinds), on="model", how="left", maintain_order="left")


def mixture(
    effect: Floats,
    variance: Floats,
    n: Floats,
    level: float,
    horizon: float,
    degrees: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Return the logarithm of the mixture's e-value and the margin of the confidence sequence.

    The prior of the effect is normal, with a spread that makes the margin least at `horizon`.

    Args:
        effect: the treatment's mean less the control's.
        variance: of the effect.
        n: customers in both groups.
        level: how often the sequence may ever leave the effect out.
        horizon: at which n the margin shall be least.
        degrees: of freedom of each variance, NaN where there are plenty: a t statistic is taken
            for the normal one that is as unlikely.

    Example:
        >>> log_e, margin = mixture(np.ones(1), np.full(1, 0.04), np.full(1, 100.0), 0.05, 100)
        >>> log_e.round(2).tolist(), margin.round(2).tolist()
        ([10.01], [0.61])
    """
    wanted = -2 * np.log(level)
    spread = n * (wanted + np.log1p(wanted)) / horizon
    squared = effect**2 / variance
    if degrees is not None:
        squared = np.where(np.isnan(degrees), squared, _normal(squared, degrees))
    log_e = squared * spread / (2 * (spread + 1)) - np.log1p(spread) / 2
    margin = np.sqrt(variance * (spread + 1) / spread * (np.log1p(spread) + wanted))
    if degrees is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            wide = np.sqrt(variance) * _student(margin / np.sqrt(variance), degrees)
        margin = np.where(np.isnan(degrees), margin, np.where(np.isfinite(wide), wide, np.nan))
    return log_e, margin


def _normal(squared: Floats, degrees: Floats) -> Floats:
    """Return the square of the normal deviate that is as unlikely as a t whose square this is."""
    from scipy.special import ndtri, stdtr

    found: Floats = ndtri(stdtr(degrees, -np.sqrt(squared))) ** 2
    return found


def _student(deviate: Floats, degrees: Floats) -> Floats:
    """Return the t that is as unlikely as a normal deviate."""
    from scipy.special import ndtr, stdtrit

    found: Floats = -stdtrit(degrees, ndtr(-deviate))
    return found


def sides(table: pl.DataFrame, values: tuple[str, ...]) -> pl.DataFrame:
    """Put the values of both groups of a model side by side, 0 where there are none, by model.

    Raises:
        BadInput: if a group is neither control nor treatment.

    Example:
        >>> sides(pl.DataFrame({"model": ["m"], "group": ["control"], "n": [1.0]}), ("n",)).rows()
        [('m', 1.0, 0.0)]
    """
    others = table.filter(~pl.col("group").is_in(GROUPS))
    if others.height:
        raise BadInput(
            f"model {others['model'][0]!r} has a group {others['group'][0]!r}; an experiment has"
            f" {CONTROL!r} and {TREATMENT!r}"
        )
    return (
        table.group_by("model")
        .agg(
            pl.col(name).filter(group=group).sum().alias(f"{group}_{name}")
            for group in GROUPS
            for name in values
        )
        .sort("model")
    )
