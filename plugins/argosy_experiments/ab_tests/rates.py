"""A/B tests of a whole fleet, followed from look to look; peeking costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.kernels import across
from argosy_experiments.ab_tests.e_bh import discovered
from argosy_experiments.ab_tests.e_process import RATIOS, average, evidence
from argosy_experiments.ab_tests.means import LEAST, mixture, sides, spread_of
from argosy_experiments.clusters import judgeable
from argosy_experiments.groups import CONTROL, GROUPS, TREATMENT
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from polars._typing import PolarsDataType

UNDECIDED = "undecided"
COUNTED = [f"{group}_{name}" for group in GROUPS for name in ("n", "successes")]
STATE: Mapping[str, PolarsDataType] = {
    "model": pl.String,
    "base": pl.Float64,
    **dict.fromkeys(COUNTED, pl.Float64),
    "looks": pl.Int64,
    "log_e": pl.Array(pl.Float64, len(RATIOS)),
    "e_value": pl.Float64,
    "p_value": pl.Float64,
    "effect": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "verdict": pl.String,
    "decided": pl.Int64,
}
"""One row per model: everything that the next look needs, and what is known so far."""
_FEW = 10
"""Successes and failures per group before an interval is told."""


def begun(models: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Begin an A/B test of every model: the models of one experiment are one family.

    Args:
        models: `model`, and optionally `base`, the rate known from before the experiment. Where
            there is none, the first look only learns it.

    Returns:
        The state, to be saved as Parquet or Arrow as it is, and handed to `looked`.

    Raises:
        BadInput: if a model occurs twice, or a base is not between 0 and 1.

    Example:
        >>> begun(pl.DataFrame({"model": ["m1", "m2"]}))["verdict"].to_list()
        ['undecided', 'undecided']
    """
    given = refuse_duplicates(
        validated(models, {"model": pl.String}, "models", {"base": pl.Float64}), ["model"], "models"
    )
    odd = given.filter(~pl.col("base").is_between(0, 1, closed="none").fill_null(True))
    if odd.height:
        raise BadInput(f"the base of model {odd['model'][0]!r} is no rate between 0 and 1")
    fresh = {
        **dict.fromkeys([*COUNTED], 0.0),
        "looks": 0,
        "log_e": [0.0] * len(RATIOS),
        "e_value": 1.0,
        "p_value": 1.0,
        "verdict": UNDECIDED,
    }
    filled = [pl.lit(fresh.get(name), kind).alias(name) for name, kind in list(STATE.items())[2:]]
    return given.select("model", "base", *filled).sort("model")


def looked(
    state: pl.DataFrame | pa.Table,
    counts: pl.DataFrame | pa.Table,
    *,
    level: float = 0.05,
    spread: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Look at what came since the last look; decide what can be decided over the whole fleet.

    A customer counts once, in the group of its first exposure, or its exposures are not
    independent. A verdict stands: what comes later for a model that has one is not counted.

    Args:
        state: as `begun` or the look before returned it.
        counts: the new ones only, one row per `model` and `group` (`control`, `treatment`): `n`
            customers, of whom `successes` did it. Models may be missing.
        level: the share of false verdicts of the experiment that is tolerated on average, at
            whichever look one stops (e-BH).
        spread: of models whose customers hang together, as `clustered.cluster_spread` tells it of
            all since the start; others may be missing, or null. Their evidence is that of the
            normal mixture in `means` instead, which holds asymptotically.

    Returns:
        The new state. `e_value` is the evidence, `p_value` is valid at all looks (one over the
        largest e-value so far), `effect` is the treatment's rate less the control's, with a 95 %
        interval that holds at all looks together, asymptotically; null below 10 successes and
        failures in each group. `verdict` is `treatment`, `control` or `undecided`; `decided`
        is the look at which it fell.

    Raises:
        BadInput: if a count is negative, not whole, or has more successes than customers.
        UnknownName: if a model is not in the experiment.

    Example:
        >>> state = begun(pl.DataFrame({"model": ["m"], "base": [0.1]}))
        >>> counts = pl.DataFrame({"model": "m", "group": ["control", "treatment"],
        ...                        "n": 1000, "successes": [100, 150]})
        >>> looked(state, counts).select(pl.col("e_value", "effect").round(2), "verdict").rows()
        [(38.97, 0.05, 'treatment')]
    """
    before = validated(state, STATE, "states")
    new = _counted(counts, before)
    joined = before.select("model", "verdict").join(
        new, on="model", how="left", maintain_order="left"
    )
    open_ = (before["verdict"] == UNDECIDED).to_numpy()
    fresh = joined.select(COUNTED).fill_null(0.0).to_numpy() * open_[:, None]
    old = before.select(COUNTED).to_numpy()
    together = spread_of(before["model"], spread)
    degrees, scarce = judgeable(together)
    alone = np.isnan(degrees)
    log_e = before["log_e"].to_numpy() + evidence(
        fresh[:, 0::2] * alone[:, None],
        fresh[:, 1::2] * alone[:, None],
        _base(before["base"].to_numpy(), old),
    )
    total = old + fresh
    error = np.where(scarce, np.nan, together["effect_error"].to_numpy())
    effect, margin, mixed = _effects(total, error, degrees)
    kept = (log_e == 0).all(1) & (before["e_value"].to_numpy() != 1)  # of clusters, not of batches
    whole = np.where(kept, np.log(before["e_value"].to_numpy()), average(log_e))
    whole = np.where(open_ & ~alone, mixed, whole)
    looks = before["looks"].to_numpy() + (across(fresh) > 0)
    found = discovered(whole, level) & open_
    verdict = np.where(effect > 0, TREATMENT, CONTROL)
    after = pl.DataFrame(
        {
            **{name: total[:, place] for place, name in enumerate(COUNTED)},
            "looks": looks,
            "log_e": pl.Series(log_e, dtype=STATE["log_e"]),
            "e_value": np.exp(np.minimum(whole, 700)),
            "p_value": np.minimum(before["p_value"].to_numpy(), np.exp(np.minimum(-whole, 0))),
            "effect": effect,
            "lower": effect - margin,
            "upper": effect + margin,
            "verdict": np.where(found, verdict, before["verdict"].to_numpy()),
            "decided": before["decided"],
        }
    )
    decided = pl.when(pl.Series(found)).then("looks").otherwise("decided")
    floats = pl.col("effect", "lower", "upper").fill_nan(None)
    return before.select("model", "base").hstack(after.with_columns(floats, decided=decided))


def _base(known: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Expect the rate of all that came before, and the known one as if of 100 customers."""
    n, successes = across(old[:, 0::2]), across(old[:, 1::2])
    given = np.isfinite(known)
    with np.errstate(invalid="ignore", divide="ignore"):
        learnt = np.where(n > 0, (successes + 0.5) / (n + 1), np.nan)
        both = (successes + 100 * known) / (n + 100)
    base: np.ndarray = np.where(given, both, learnt)
    return base


def _effects(
    total: np.ndarray, error: np.ndarray, degrees: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the effects, the margins of their intervals, and the evidence of clusters."""
    n, hits = total[:, 0::2], total[:, 1::2]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = hits / n
        effect = rate[:, 1] - rate[:, 0]
        variance = np.where(np.isnan(degrees), across(rate * (1 - rate) / n), error**2)
        log_e, margin = mixture(effect, variance, across(n), 0.05, 10_000, degrees)
    few = np.minimum(hits, n - hits).min(1) < _FEW
    unknown = few | (n.min(1) < LEAST) | ~(variance > 0)
    margin = np.where(few, np.nan, margin)
    return effect, margin, np.where(unknown, 0.0, log_e)


def _counted(counts: pl.DataFrame | pa.Table, state: pl.DataFrame) -> pl.DataFrame:
    kinds = {"model": pl.String, "group": pl.String, "n": pl.Float64, "successes": pl.Float64}
    given = refuse_duplicates(validated(counts, kinds, "counts"), ["model", "group"], "counts")
    n, successes = pl.col("n"), pl.col("successes")
    sound = (
        n.is_finite()
        & (successes >= 0)
        & (successes <= n)
        & (n == n.round())
        & (successes == successes.round())
    )
    odd = given.filter(~sound.fill_null(False))
    if odd.height:
        raise BadInput(
            f"model {odd['model'][0]!r} counts {odd['successes'][0]} of {odd['n'][0]} customers"
            f" under {odd['group'][0]}; give whole numbers, no more successes than customers"
        )
    strangers = given.join(state, on="model", how="anti")
    if strangers.height:
        raise UnknownName.among("model of the experiment", strangers["model"][0], state["model"])
    return sides(given, ("n", "successes"))
