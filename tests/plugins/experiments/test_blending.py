"""Several KPIs make one list by a declared rule; what must not be served is replaced."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput, UnknownName
from argosy_experiments.blending import blended
from argosy_experiments.guardrails import guarded

KPIS = ("click", "buy", "revenue")


def rules(model, rule, **kpis):
    """Rows of rules: `kpi={"weight": ..., "priority": ...}`."""
    return pl.DataFrame(
        [
            {
                "model": model,
                "rule": rule,
                "kpi": kpi,
                **{name: how.get(name) for name in ("weight", "priority", "tolerance", "floor")},
            }
            for kpi, how in kpis.items()
        ],
        schema_overrides=dict.fromkeys(("weight", "tolerance", "floor"), pl.Float64)
        | {"priority": pl.Int64},
    )


def drawn(models, seed=0):
    """Scores full of ties and holes, for two customers of every model."""
    rng = np.random.default_rng(seed)
    names = list(itertools.product(models, ("ann", "bob"), [f"i{k}" for k in range(12)]))
    table = pl.DataFrame(names, ["model", "customer", "item"], orient="row")
    return table.with_columns(
        pl.Series(kpi, rng.integers(0, 5, len(names)) / 4 * unit)
        for kpi, unit in zip(KPIS, (1.0, 0.1, 50.0), strict=True)
    ).with_columns(revenue=pl.when(pl.int_range(pl.len()) % 7 > 0).then("revenue"))


DECLARED = pl.concat(
    [
        rules("w", "weighted", click={"weight": 1}, buy={"weight": 2}, revenue={"weight": 0.5}),
        rules("l", "lexicographic", buy={"priority": 1}, revenue={"priority": 2}),
        rules(
            "t",
            "lexicographic",
            click={"priority": 1, "tolerance": 0.5},
            revenue={"priority": 2},
        ),
        rules("v", "veto", click={"weight": 1, "floor": 0.5}, revenue={"weight": 1, "floor": 10}),
    ]
)


def by_hand(rows, model):
    """The declared rules, item by item."""

    def scaled(kpi):
        there = [row[kpi] for row in rows if row[kpi] is not None]
        low, high = min(there), max(there)
        return {
            row["item"]: 0.0
            if row[kpi] is None
            else (row[kpi] - low) / (high - low)
            if high > low
            else 1.0
            for row in rows
        }

    lowest = float("-inf")

    def value(row, kpi):
        return lowest if row[kpi] is None else row[kpi]

    if model == "w":
        parts = {kpi: scaled(kpi) for kpi in KPIS}
        weights = {"click": 1, "buy": 2, "revenue": 0.5}
        key = {
            row["item"]: (
                -round(sum(w * parts[k][row["item"]] for k, w in weights.items()) / 3.5, 10),
            )
            for row in rows
        }
    elif model == "l":
        key = {row["item"]: (-value(row, "buy"), -value(row, "revenue")) for row in rows}
    elif model == "t":
        key = {row["item"]: (-(row["click"] // 0.5), -value(row, "revenue")) for row in rows}
    else:
        rows = [
            row
            for row in rows
            if row["click"] >= 0.5 and (row["revenue"] is None or row["revenue"] >= 10)
        ]
        parts = {kpi: scaled(kpi) for kpi in ("click", "revenue")}
        key = {
            row["item"]: (
                -round((parts["click"][row["item"]] + parts["revenue"][row["item"]]) / 2, 10),
            )
            for row in rows
        }
    return sorted(key, key=lambda item: (key[item], item))


def test_feature_30_kpi_blend_follows_each_clients_declared_rule_in_a_deterministic_order():
    """Whatever the order of the rows, ties and missing scores included."""
    scores = drawn("wltv")
    found = blended(scores, DECLARED)

    for (model, customer), rows in scores.group_by("model", "customer"):
        own = found.filter(model=model, customer=customer)
        assert own["item"].to_list() == by_hand(rows.to_dicts(), model)
        assert own["rank"].to_list() == list(range(1, own.height + 1))
    for seed in range(5):
        shuffled = scores.sample(fraction=1, shuffle=True, seed=seed)
        others = DECLARED.sample(fraction=1, shuffle=True, seed=seed)
        assert blended(shuffled.to_arrow(), others.to_arrow()).equals(found)
    assert found.filter(model="w")["score"].n_unique() < 24  # there were ties to break


def test_a_list_depends_on_no_other_model():
    scores = drawn("wltv")
    alone = blended(scores.filter(model="v"), DECLARED.filter(model="v"))

    assert blended(scores, DECLARED).filter(model="v").equals(alone)


def test_units_of_a_kpi_change_nothing_where_it_is_weighted():
    scores = drawn("w").drop_nulls()
    cents = scores.with_columns(revenue=pl.col("revenue") * 100 + 7)

    assert blended(cents, DECLARED.filter(model="w")).equals(
        blended(scores, DECLARED.filter(model="w"))
    )


def test_a_kpi_whose_model_failed_leaves_the_order_to_the_others():
    scores = drawn("w").with_columns(buy=pl.lit(float("nan")))
    without = rules("w", "weighted", click={"weight": 1}, revenue={"weight": 0.5})
    found = blended(scores, DECLARED.filter(model="w"))

    assert found["item"].to_list() == blended(scores, without)["item"].to_list()


def test_rules_that_cannot_be_are_refused_before_anything_is_ordered():
    scores = drawn("w")

    for bad, message in (
        (rules("w", "weighted", click={"weight": 0}), "has no weight above 0"),
        (rules("w", "weighted", click={"weight": -1}, buy={"weight": 2}), "a weight below 0"),
        (rules("w", "weighted", click={"weight": float("nan")}), "a weight below 0"),
        (rules("w", "lexicographic", click={"priority": 2}), "needs the priorities 1, 2"),
        (rules("w", "lexicographic", click={"weight": 1}), "needs the priorities 1, 2"),
        (
            rules("w", "lexicographic", click={"priority": 1}, buy={"priority": 1}),
            "needs the priorities",
        ),
        (rules("w", "lexicographic", click={"priority": 1, "tolerance": 0.0}), "a tolerance"),
        (
            pl.concat(
                [
                    rules("w", "weighted", click={"weight": 1}),
                    rules("w", "veto", buy={"weight": 1}),
                ]
            ),
            "has more than one rule",
        ),
    ):
        with pytest.raises(BadInput, match=message):
            blended(scores, bad)
    with pytest.raises(UnknownName, match="conflict rule is called 'loudest'"):
        blended(scores, rules("w", "loudest", click={"weight": 1}))
    with pytest.raises(UnknownName, match="'clicks'; did you mean 'click'"):
        blended(scores, rules("w", "weighted", clicks={"weight": 1}))
    with pytest.raises(UnknownName, match="'w'"):
        blended(scores, rules("x", "weighted", click={"weight": 1}))
    with pytest.raises(BadInput, match="the scores cannot be used"):
        blended(scores, rules("w", "weighted", item={"weight": 1}))
    with pytest.raises(BadInput, match="two rows of model 'w'"):
        blended(pl.concat([scores, scores]), DECLARED)


def test_no_scores_make_no_lists():
    assert blended(drawn("w").clear(), DECLARED).is_empty()


def test_feature_16_a_list_that_must_not_be_served_is_replaced_and_logged():
    lists = [
        ("shop", "fine", ["a", "b"], [0.9, 0.1], None),
        ("shop", "empty", [], [], "the list is empty"),
        ("shop", "null", None, None, "the list is empty"),
        ("shop", "short", ["a"], [0.5], "1 items, fewer than 2"),
        ("shop", "high", ["a", "b"], [1.5, 0.1], "a score of 1.5 is above 1.0"),
        ("shop", "low", ["a", "b"], [0.5, -0.1], "a score of -0.1 is below 0.0"),
        ("shop", "nan", ["a", "b"], [0.5, float("nan")], "a score is missing or not finite"),
        ("shop", "hole", ["a", "b"], [None, 0.5], "a score is missing or not finite"),
        ("shop", "twice", ["a", "a"], [0.5, 0.4], "an item stands twice, or has no name"),
        ("shop", "nameless", ["a", None], [0.5, 0.4], "an item stands twice, or has no name"),
        ("shop", "uneven", ["a", "b"], [0.5], "there is not one score per item"),
        ("free", "any", ["a"], [99.0], None),
        ("free", "empty", [], [], "the list is empty"),
    ]
    table = pl.DataFrame(lists, ["model", "customer", "items", "scores", "why"], orient="row")
    bounds = pl.DataFrame({"model": ["shop"], "low": [0.0], "high": [1.0], "least": [2]})
    best = pl.DataFrame({"model": ["shop"], "items": [["x", "y"]]})
    served, log = guarded(table, bounds, best)

    expected = table.filter(pl.col("why").is_not_null())
    assert log.rows() == expected.select("model", "customer", "why").rows()
    assert served["customer"].to_list() == table["customer"].to_list()
    assert served["fallback"].to_list() == table["why"].is_not_null().to_list()
    assert served.filter("fallback", model="shop")["items"].to_list() == [["x", "y"]] * 10
    assert served.filter("fallback", model="free")["items"].to_list() == [[]]
    assert served.filter(~pl.col("fallback"))["items"].to_list() == [["a", "b"], ["a"]]
    assert served.filter("fallback")["scores"].null_count() == 11
