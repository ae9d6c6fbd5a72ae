"""Off-policy estimates of a whole fleet, with what they rest on and whether they say anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import mean, spread, total
from argosy_experiments.clusters import cluster_errors, clustered
from argosy_experiments.incoming import validated
from argosy_experiments.offpolicy.verdicts import UNKNOWN, Floor, judged
from argosy_experiments.offpolicy.weights import EFFECTIVE, EVEN, WEIGHT, WORTH, fault, weighted

if TYPE_CHECKING:
    import pyarrow as pa

LOG = dict.fromkeys(("reward", "propensity", "target"), pl.Float64)
FORETOLD = dict.fromkeys(("expected", "expected_target", "uncovered"), pl.Float64)
_UNCLUSTERED = (
    pl.lit(None, pl.Int64).alias("clusters"),
    pl.lit(None, pl.Float64).alias("even_clusters"),
)
ESTIMATORS = ("ips", "snips", "dr")
TOLD = ("value", "error", "effect_error")
MEASURED = (
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
    "worth",
    "even_rows",
    "clusters",
    "even_clusters",
)
"""What is measured of a log whatever the estimator."""


def estimates(
    log: pl.DataFrame | pa.Table,
    *,
    clip: float | None = None,
    floor: Floor | None = None,
    level: float = 0.05,
    cluster: str | None = None,
) -> pl.DataFrame:
    """Estimate what another policy would have earned per row, for every model at once.

    `ips` re-weights rewards: unbiased where propensities are right and nothing is clipped.
    `snips` divides by the sum of the weights: slightly biased, far less variable. `dr` (doubly
    robust) starts from foretold rewards and re-weights what they missed: right if either the
    propensities or the foretold rewards are.

    Standard errors are those of means of independent rows (`snips`: linearised), and the
    intervals are normal, which they are only with enough rows that count: below the floor the
    numbers are told, but the verdict is `unknown`. Where rows hang together, name the column of
    their cluster: the errors are then those of cluster sums, with Student's t of one degree less
    than there are clusters.

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
        cluster: the column of the cluster, such as the customer or the device, or None.

    Returns:
        One row per model and estimator: `value` (per row), `error`, `lower`, `upper` (95 %);
        `logged` (what the policy that ran earned), `effect` (the difference), its
        `effect_error`, `p_value` and `q_value` (Benjamini-Hochberg over all models of the
        estimator that are above the floor); `n`, `ess`, `rewarded`, `mean_weight` (1 where
        propensities are right), `max_weight`, `unweighted` (the share of rows that the target
        would never take), `clipped`, `uncovered`; `worth` (in rewards) and `even_rows` (as
        lopsided as so many), as `weights` has them; `clusters` and `even_clusters` (null
        without); `verdict` (`better`, `worse`, `no difference`, `unknown`) and `reason`.
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
        [('ips', 1.0, 2.0, 'unknown'), ('snips', 1.0, 2.0, 'unknown')]
    """
    found, faults = measured(log, clip, cluster)
    names = _fitting(log)
    told = judged(found, floor or Floor(), level)
    broken = faults.select(
        "model", estimator=pl.lit(names), verdict=pl.lit(UNKNOWN), reason="fault"
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
    log: pl.DataFrame | pa.Table, clip: float | None = None, cluster: str | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure every model by itself; `judged` says what can be concluded.

    Args:
        log: as `estimates` wants it.
        clip: the largest weight, or None.
        cluster: the column of the cluster, or None.

    Returns: One row per model and estimator; and `model` and `fault` of those with an invalid row,
        which are not measured.

    Raises:
        BadInput: if a column is missing, or `clip` is not above 0.
    """
    if clip is not None and not clip > 0:
        raise BadInput(f"weights cannot be cut at {clip!r}: give a number above 0, or None")
    names = _fitting(log)
    given = validated(log, {"model": pl.String, **LOG}, "logged rows", FORETOLD)
    if cluster is not None:
        given = clustered(given, cluster, "logged rows")
    faults = pl.DataFrame(schema={"model": pl.String, "fault": pl.String})
    marked = given.select(fault(cluster is not None)).to_series()
    if marked.null_count() < given.height:
        odd = pl.DataFrame([given["model"], marked]).drop_nulls("fault")
        faults = odd.unique("model", keep="first", maintain_order=True)
        given = given.join(faults, on="model", how="anti", maintain_order="left")
    rows = weighted(given, clip).with_columns(
        ips=pl.col(WEIGHT) * pl.col("reward"),
        dr=pl.col("expected_target") + pl.col(WEIGHT) * (pl.col("reward") - pl.col("expected")),
    )
    each = rows.group_by("model").agg(*_worth(), *(told for name in names for told in _told(name)))
    each = each.with_columns(_UNCLUSTERED)
    if cluster is not None:
        each = _by_cluster(rows, each, names)
    found = pl.concat(
        each.select(
            *MEASURED,
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
        WORTH.alias("worth"),
        EVEN.alias("even_rows"),
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


def _by_cluster(rows: pl.DataFrame, each: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Put the errors of cluster sums in the place of those of rows."""
    known = each.select("model", "n", "mean_weight", *(f"{name} value" for name in names))
    joined = rows.join(known, on="model", how="left", maintain_order="left")
    reward, weight = pl.col("reward"), pl.col(WEIGHT)
    influence = {
        name: pl.col(name)
        if name != "snips"
        else weight * (reward - pl.col("snips value")) / pl.col("mean_weight")
        for name in names
    }
    wanted = {
        f"{name} {told}": influence[name] - other
        for name in names
        for told, other in (("error", 0.0), ("effect_error", reward))
    }
    errors = cluster_errors(joined, wanted)
    return (
        each.drop(*wanted, "clusters", "even_clusters")
        .join(errors, on="model", how="left")
        .with_columns(
            pl.when(pl.col(f"{name.split()[0]} value").is_not_null()).then(name).alias(name)
            for name in wanted
        )
    )
