"""Off-policy estimates of a whole fleet, with what they rest on and whether they say anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import mean, spread, total
from argosy_experiments.incoming import validated
from argosy_experiments.offpolicy.weights import EFFECTIVE, WEIGHT, fault, weighted

if TYPE_CHECKING:
    import pyarrow as pa

LOG = dict.fromkeys(("reward", "propensity", "target"), pl.Float64)
FORETOLD = dict.fromkeys(("expected", "expected_target", "uncovered"), pl.Float64)
ESTIMATORS = ("ips", "snips", "dr")
TOLD = ("value", "error", "effect_error")
WORTH = (
    "model",
    "n",
    "ess",
    "rewarded",
    "mean_weight",
    "max_weight",
    "unweighted",
    "clipped",
    "uncovered",
    "logged",
)
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


def estimates(
    log: pl.DataFrame | pa.Table,
    *,
    clip: float | None = None,
    floor: Floor | None = None,
    level: float = 0.05,
) -> pl.DataFrame:
    """Estimate what another policy would have earned per row, for every model at once.

    `ips` re-weights rewards: unbiased where propensities are right and nothing is clipped.
    `snips` divides by the sum of the weights: slightly biased, far less variable. `dr` (doubly
    robust) starts from foretold rewards and re-weights what they missed: right if either the
    propensities or the foretold rewards are.

    Standard errors are those of means of independent rows (`snips`: linearised), and the
    intervals are normal, which they are only with enough rows that count: below the floor the
    numbers are told, but the verdict is `no conclusion`.

    Args:
        log: one row per decision: `model`, `reward`, `propensity` (the probability with which
            the policy that ran took the action), `target` (that of the other policy). For `dr`
            also `expected` (the foretold reward of the action taken) and `expected_target` (that
            of the target policy's choice), as `expected.foretold` adds them; and, if known,
            `uncovered`: how much of the target's choice the policy that ran never takes.
        clip: the largest weight, or None. A cut makes any log look sufficient, so what it leaves
            out of the target policy is held against the floor, too.
        floor: below which nothing is concluded.
        level: the share of false verdicts among `better` and `worse` that is tolerated.

    Returns:
        One row per model and estimator: `value` (per row), `error`, `lower`, `upper` (95 %);
        `logged` (what the policy that ran earned), `effect` (the difference), its
        `effect_error`, `p_value` and `q_value` (Benjamini-Hochberg over all models of the
        estimator that are above the floor); `n`, `ess`, `rewarded`, `mean_weight` (1 where
        propensities are right), `max_weight`, `unweighted` (the share of rows that the target
        would never take), `clipped`, `uncovered`; `verdict` (`better`, `worse`,
        `no difference`, `no conclusion`) and `reason`.
        A model with a row that cannot be is a row with its reason.

    Raises:
        BadInput: if a column is missing, or `clip` is not above 0.

    Source: Horvitz and Thompson, JASA 47 (1952); Swaminathan and Joachims, "The self-normalized
    estimator for counterfactual learning", NeurIPS (2015); Dudik, Langford and Li, "Doubly robust
    policy evaluation and learning", ICML (2011); Owen, "Monte Carlo theory, methods and
    examples" (2013), chapter 9.2, for the error of `snips`.

    Example:
        >>> log = pl.DataFrame({"model": "m", "reward": [1.0, 0.0, 1.0, 0.0],
        ...                     "propensity": 0.5, "target": [1.0, 0.0, 1.0, 0.0]})
        >>> estimates(log).select("estimator", "value", "ess", "verdict").rows()
        [('ips', 1.0, 2.0, 'no conclusion'), ('snips', 1.0, 2.0, 'no conclusion')]
    """
    found, faults = measured(log, clip)
    names = _fitting(log)
    told = judged(found, floor or Floor(), level)
    broken = faults.select(
        "model", estimator=pl.lit(names), verdict=pl.lit("no conclusion"), reason="fault"
    )
    answer = pl.concat([told, broken.explode("estimator")], how="diagonal")
    order = {name: place for place, name in enumerate(ESTIMATORS)}
    return answer.sort("model", pl.col("estimator").replace_strict(order)).select(
        "model",
        "estimator",
        pl.exclude("model", "estimator", "verdict", "reason"),
        "verdict",
        "reason",
    )


def measured(
    log: pl.DataFrame | pa.Table, clip: float | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure every model by itself; `judged` says what can be concluded.

    Args:
        log: as `estimates` wants it.
        clip: the largest weight, or None.

    Returns: One row per model and estimator; and `model` and `fault` of those with an invalid row,
        which are not measured.

    Raises:
        BadInput: if a column is missing, or `clip` is not above 0.
    """
    if clip is not None and not clip > 0:
        raise BadInput(f"weights cannot be cut at {clip!r}: give a number above 0, or None")
    names = _fitting(log)
    given = validated(log, {"model": pl.String, **LOG}, "logged rows", FORETOLD)
    faults = pl.DataFrame(schema={"model": pl.String, "fault": pl.String})
    marked = given.select(fault()).to_series()
    if marked.null_count() < given.height:
        odd = pl.DataFrame([given["model"], marked]).drop_nulls("fault")
        faults = odd.unique("model", keep="first", maintain_order=True)
        given = given.join(faults, on="model", how="anti", maintain_order="left")
    rows = weighted(given, clip).with_columns(
        ips=pl.col(WEIGHT) * pl.col("reward"),
        dr=pl.col("expected_target") + pl.col(WEIGHT) * (pl.col("reward") - pl.col("expected")),
    )
    each = rows.group_by("model").agg(*_worth(), *(told for name in names for told in _told(name)))
    found = pl.concat(
        each.select(
            *WORTH,
            *(pl.col(f"{name} {told}").alias(told) for told in TOLD),
            estimator=pl.lit(name),
        )
        for name in names
    )
    return found, faults


def _fitting(log: pl.DataFrame | pa.Table) -> list[str]:
    """Name the estimators that a log has the columns for."""
    columns = log.columns if isinstance(log, pl.DataFrame) else log.column_names
    robust = {"expected", "expected_target"} <= set(columns)
    return [name for name in ESTIMATORS if robust or name != "dr"]


def _worth() -> list[pl.Expr]:
    weight = pl.col(WEIGHT)
    return [
        pl.len().alias("n"),
        pl.when(weight.max() > 0).then(EFFECTIVE).otherwise(0.0).alias("ess"),
        ((pl.col("reward") != 0) & (weight > 0)).sum().alias("rewarded"),
        mean(weight).alias("mean_weight"),
        weight.max().alias("max_weight"),
        mean((weight == 0).cast(pl.Float64)).alias("unweighted"),
        mean(pl.col("clipped").cast(pl.Float64)),
        mean(pl.col("uncovered")),
        mean(pl.col("reward")).alias("logged"),
    ]


def _told(name: str) -> list[pl.Expr]:
    """Return an estimator's value and errors, from the influence of each row on it."""
    reward, weight = pl.col("reward"), pl.col(WEIGHT)
    if name == "snips":
        value = total(pl.col("ips")) / total(weight)
        influence = weight * (reward - value) / mean(weight)
        # A log without any weight has no ratio; nothing is known of it then, and nothing told.
        there = total(weight) > 0
    else:
        value, influence = mean(pl.col(name)), pl.col(name)
        there = pl.col(name).is_finite().all(ignore_nulls=False).fill_null(False)
    found = (value, *(spread(each) / pl.len().sqrt() for each in (influence, influence - reward)))
    return [
        pl.when(there).then(number).alias(f"{name} {told}")
        for told, number in zip(TOLD, found, strict=True)
    ]


def judged(found: pl.DataFrame, floor: Floor, level: float) -> pl.DataFrame:
    """Conclude over the whole fleet from what was measured of each model.

    Args:
        found: as `measured` returns it, of any number of logs.
        floor: below which nothing is concluded.
        level: the share of false verdicts that is tolerated.

    Returns:
        The rows with `lower`, `upper`, `effect`, `p_value`, `q_value`, `verdict` and `reason`.
    """
    from scipy.special import ndtr
    from scipy.stats import false_discovery_control

    effect, spread = pl.col("value") - pl.col("logged"), pl.col("effect_error")
    # A target that is the policy that ran has no effect, but for rounding.
    rounding = 1e-9 * (pl.col("value").abs() + pl.col("logged").abs())
    found = found.with_columns(
        pl.when(pl.col(name).is_finite()).then(name) for name in ("value", "error", "effect_error")
    ).with_columns(
        lower=pl.col("value") - Z * pl.col("error"),
        upper=pl.col("value") + Z * pl.col("error"),
        effect=effect,
        z=pl.when(spread > rounding).then(effect.abs() / spread),
        reason=_short(floor),
    )
    p_value = pl.Series("p_value", 2 * ndtr(-found["z"].cast(pl.Float64).to_numpy()))
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
        .then(pl.lit("no conclusion"))
        .when((pl.col("q_value") < level) & (pl.col("effect") > 0))
        .then(pl.lit("better"))
        .when(pl.col("q_value") < level)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("no difference"))
    )
    return found.with_columns(verdict=verdict)


def _short(floor: Floor) -> pl.Expr:
    """Say which floor is not reached."""
    uncovered = (100 * pl.col("uncovered")).round(1)
    return (
        pl.when(pl.col("value").is_null() & (pl.col("estimator") == "dr"))
        .then(pl.lit("a foretold reward is missing or not finite"))
        .when(pl.col("value").is_null())
        .then(pl.lit("no row counts: the target policy takes none of the logged actions"))
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
    )
