"""One list out of several models' scores, one model per KPI, by a declared rule for conflicts.

The KPIs disagree: what is clicked is not what is bought. Which of them has its way is declared
per client, beforehand, as rows of a table: each KPI's weight, its priority, and the floor below
which it vetoes.

| rule | order |
|---|---|
| `weighted` | the weighted mean of the KPIs, each scaled to 0 to 1 within the list |
| `lexicographic` | the KPI of priority 1; where it ties, priority 2; and so on |
| `veto` | items below any KPI's floor are dropped; the rest as `weighted` |

Ties that are left are ordered by the item's name, so the order never depends on that of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    import pyarrow as pa

RULES = ("weighted", "lexicographic", "veto")
LIST = ["model", "customer"]
_RULE = {"model": pl.String, "rule": pl.String, "kpi": pl.String}
_HOW = {
    "weight": pl.Float64,
    "priority": pl.Int64,
    "tolerance": pl.Float64,
    "floor": pl.Float64,
}
_DIGITS = 12
"""Scores are rounded to these, so that the order of a sum decides nothing."""


def blended(scores: pl.DataFrame | pa.Table, rules: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Order the items of every list of every model by its own rule.

    Args:
        scores: one row per `model`, `customer` and `item`, and a column of float per KPI, the
            larger the better, in any unit. A null, NaN or infinity (the KPI's model failed,
            or does not know the item) counts as the lowest of the list, and vetoes nothing.
        rules: one row per `model` and `kpi`, with the model's `rule` in each, and where they
            apply `weight` (at least 0), `priority` (from 1), `tolerance` (scores this close to
            the same multiple tie, for `lexicographic`) and `floor` (for `veto`).

    Returns:
        One row per item that is left: `model`, `customer`, `rank` (from 1), `item`, `score`
        (for `lexicographic`, that of priority 1), ordered by model, customer and rank.

    Raises:
        BadInput: if a rule cannot be: unknown, without any weight or priority, or two of one
            model; or if an item stands twice in a list.
        UnknownName: if a KPI has no column, or a model no rules.

    Source: the weighted sum and lexicographic order of multi-criteria decisions, Keeney and
    Raiffa, "Decisions with multiple objectives" (1976).

    Example:
        >>> scores = pl.DataFrame({"model": "shop", "customer": "ann", "item": ["tea", "rice"],
        ...                        "click": [0.9, 0.1], "buy": [0.2, 0.3]})
        >>> rules = pl.DataFrame({"model": "shop", "rule": "weighted", "kpi": ["click", "buy"],
        ...                       "weight": [1.0, 3.0]})
        >>> blended(scores, rules)["item"].to_list()
        ['rice', 'tea']
        >>> first = rules.with_columns(rule=pl.lit("lexicographic"), priority=pl.Series([1, 2]))
        >>> blended(scores, first)["item"].to_list()
        ['tea', 'rice']
    """
    declared = _declared(rules)
    kpis = declared["kpi"].unique().sort().to_list()
    columns = pl.DataFrame(scores).columns
    for kpi in kpis:
        if kpi not in columns:
            raise UnknownName.among("column of the scores, as a KPI,", kpi, columns)
    named = dict.fromkeys((*LIST, "item"), pl.String)
    given = validated(scores, {**named, **dict.fromkeys(kpis, pl.Float64)}, "scores")
    given = refuse_duplicates(given, [*LIST, "item"], "scores")
    lost = given.join(declared, on="model", how="anti")
    if lost.height:
        raise UnknownName.among("model with a rule", lost["model"][0], declared["model"])
    # Adding 0 makes -0.0 and 0.0 one value, so that they tie.
    rows = given.with_columns(
        pl.when(pl.col(kpi).is_finite()).then(pl.col(kpi) + 0.0) for kpi in kpis
    ).join(_wide(declared, kpis), on="model", how="left", maintain_order="left")
    rows = rows.filter(~_vetoed(kpis))
    reach = rows.group_by(LIST).agg(
        *(pl.col(kpi).min().alias(f"least {kpi}") for kpi in kpis),
        *(pl.col(kpi).max().alias(f"most {kpi}") for kpi in kpis),
    )
    rows = rows.join(reach, on=LIST, how="left", maintain_order="left").with_columns(
        _scaled(kpi).alias(f"scaled {kpi}") for kpi in kpis
    )
    weights = [pl.col(f"weight {kpi}").fill_null(0.0) for kpi in kpis]
    parts = [weight * pl.col(f"scaled {kpi}") for kpi, weight in zip(kpis, weights, strict=True)]
    mean = (pl.sum_horizontal(parts) / pl.sum_horizontal(weights)).round(_DIGITS)
    steps = [_step(kpis, place) for place in range(1, len(kpis) + 1)]
    ordered = pl.col("rule") == "lexicographic"
    keys = [
        pl.when(ordered).then(step).otherwise(mean if place == 0 else 0.0).alias(f"key {place}")
        for place, step in enumerate(steps)
    ]
    score = pl.when(ordered).then(_first(kpis)).otherwise(mean).alias("score")
    names = [f"key {place}" for place in range(len(keys))]
    sorted_ = rows.select(*LIST, "item", score, *keys).sort(
        [*LIST, *names, "item"],
        descending=[False, False, *(True for _ in names), False],
        nulls_last=True,
    )
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(LIST)
    return sorted_.select(*LIST, rank.alias("rank"), "item", "score")


def _declared(rules: pl.DataFrame | pa.Table) -> pl.DataFrame:
    """Return the rules, or refuse them and name an invalid one."""
    declared = refuse_duplicates(validated(rules, _RULE, "rules", _HOW), ["model", "kpi"], "rules")
    unknown = declared.filter(~pl.col("rule").is_in(RULES))
    if unknown.height:
        raise UnknownName.among("conflict rule", unknown["rule"][0], RULES)
    whole = declared.group_by("model").agg(
        pl.col("rule").n_unique().alias("many"),
        pl.col("rule").first(),
        weight=pl.col("weight").fill_null(0.0).sum(),
        sound=(
            (pl.col("weight").fill_null(0.0) >= 0) & pl.col("weight").fill_null(0.0).is_finite()
        ).all()
        & (pl.col("tolerance").fill_null(1.0) > 0).all(),
        places=pl.col("priority").drop_nulls().sort(),
    )
    ordered = pl.col("rule") == "lexicographic"
    straight = pl.col("places").list.eval(pl.element() == pl.int_range(1, pl.len() + 1)).list.all()
    fault = (
        pl.when(pl.col("many") > 1)
        .then(pl.lit("has more than one rule; declare one"))
        .when(~pl.col("sound"))
        .then(pl.lit("has a weight below 0, or a tolerance that is not above 0"))
        .when(~ordered & (pl.col("weight") == 0))
        .then(pl.lit("has no weight above 0; give one to the KPIs that count"))
        .when(ordered & ((pl.col("places").list.len() == 0) | ~straight))
        .then(pl.lit("needs the priorities 1, 2 and so on, each once"))
    )
    bad = whole.with_columns(fault=fault).filter(pl.col("fault").is_not_null()).sort("model")
    if bad.height:
        raise BadInput(f"the rule of model {bad['model'][0]!r} {bad['fault'][0]}")
    return declared


def _wide(declared: pl.DataFrame, kpis: list[str]) -> pl.DataFrame:
    """Put each model's rules into one row."""
    return declared.group_by("model").agg(
        pl.col("rule").first(),
        *(
            pl.col(name).filter(kpi=kpi).first().alias(f"{name} {kpi}")
            for name in _HOW
            for kpi in kpis
        ),
    )


def _vetoed(kpis: list[str]) -> pl.Expr:
    below = [(pl.col(kpi) < pl.col(f"floor {kpi}")).fill_null(False) for kpi in kpis]
    return (pl.col("rule") == "veto") & pl.any_horizontal(below)


def _scaled(kpi: str) -> pl.Expr:
    """Scale to 0 to 1 within the list; 1 where all are alike, 0 where there is no score."""
    least, most = pl.col(f"least {kpi}"), pl.col(f"most {kpi}")
    inside = pl.when(most > least).then((pl.col(kpi) - least) / (most - least)).otherwise(1.0)
    return pl.when(pl.col(kpi).is_null()).then(0.0).otherwise(inside)


def _step(kpis: list[str], place: int) -> pl.Expr:
    """Find the KPI of a priority, in steps of its tolerance; the lowest where there is no score."""
    of_place = [
        pl.when(pl.col(f"priority {kpi}") == place).then(
            pl.when(pl.col(f"tolerance {kpi}").is_null())
            .then(pl.col(kpi))
            .otherwise((pl.col(kpi) / pl.col(f"tolerance {kpi}")).round(_DIGITS).floor())
        )
        for kpi in kpis
    ]
    return pl.coalesce(of_place)


def _first(kpis: list[str]) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col(f"priority {kpi}") == 1).then(pl.col(kpi)) for kpi in kpis)
