"""What was shown is kept once and for good, and what it earned equals a simulation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput
from argosy_experiments.ab_tests.means import compared
from argosy_experiments.ab_tests.rates import begun, looked
from argosy_experiments.exposures.credit import credited, outcomes
from argosy_experiments.exposures.customers import by_customer, switched
from argosy_experiments.exposures.log import record, recorded
from argosy_experiments.groups import group, ratio_mismatch

START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(days=3)
ITEMS = [f"i{k}" for k in range(12)]


def at(days):
    return START + timedelta(days=days)


def nights(seed=1, shops=4, people=60, count=6):
    """Lists shown to some customers on each of several nights, each with its group."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "model": f"shop{shop}",
            "version": str(1 + night // 3),
            "customer": f"c{person}",
            "at": at(night + rng.random() / 2),
            "items": [ITEMS[k] for k in rng.choice(12, 4, replace=False)],
            "experiment": "lists",
        }
        for night in range(count)
        for shop in range(shops)
        for person in range(people)
        if rng.random() < 0.4
    ]
    return pl.DataFrame(rows).with_columns(group("lists"))


def bought(shown, seed=2):
    """Purchases of shown items and of others, near the edges of the window and far from them."""
    rng = np.random.default_rng(seed)
    rows = []
    for row in shown.iter_rows(named=True):
        for _ in range(rng.integers(0, 3)):
            item = rng.choice(row["items"]) if rng.random() < 0.6 else rng.choice(ITEMS)
            delay = rng.choice([0, WINDOW.total_seconds(), rng.random() * 5e5])
            later = row["at"] + timedelta(seconds=float(delay))
            rows.append((row["model"], row["customer"], str(item), later, round(rng.random(), 2)))
    names = ["model", "customer", "item", "at", "amount"]
    return pl.DataFrame(rows, names, orient="row").unique(maintain_order=True)


def one_by_one(shown, sold, until):
    """The definition: each purchase goes to the last list that showed it in time."""
    lists = shown.sort("model", "customer", "at").to_dicts()
    earned = [{"bought": 0, "revenue": 0.0, "rank": None} for _ in lists]
    for sale in sold.to_dicts():
        fitting = [
            place
            for place, row in enumerate(lists)
            if (row["model"], row["customer"]) == (sale["model"], sale["customer"])
            and sale["item"] in row["items"]
            and row["at"] <= sale["at"] <= row["at"] + WINDOW
        ]
        if fitting:
            place = max(fitting, key=lambda each: lists[each]["at"])
            rank = lists[place]["items"].index(sale["item"]) + 1
            earned[place]["bought"] += 1
            earned[place]["revenue"] += sale["amount"]
            earned[place]["rank"] = min(rank, earned[place]["rank"] or rank)
    return [
        {**row, **own, "mature": row["at"] + WINDOW <= until}
        for row, own in zip(lists, earned, strict=True)
    ]


def test_feature_31_feedback_equals_a_simulation_and_users_never_switch_test_group(tmp_path):
    """Several nights, recorded as they come, one of them twice because it was resumed."""
    shown = nights()
    sold = bought(shown)
    until = at(7)
    for night in range(6):
        part = shown.filter(pl.col("at").is_between(at(night), at(night + 1), closed="left"))
        record(str(tmp_path), part)
        if night == 3:
            record(str(tmp_path), part.sample(fraction=1, shuffle=True, seed=0).to_arrow())
            record(str(tmp_path), part.head(20))
    kept = recorded(str(tmp_path))
    followed = credited(kept, sold, "3d", until)
    expected = one_by_one(shown, sold, until)

    assert kept.height == shown.height
    assert len(list(tmp_path.iterdir())) == 7
    for name in ("model", "customer", "at", "items", "bought", "rank", "mature"):
        assert followed[name].to_list() == [row[name] for row in expected]
    assert followed["revenue"].to_numpy() == pytest.approx([row["revenue"] for row in expected])
    assert 0 < followed["mature"].sum() < followed.height

    found = {row[:4]: row[4:] for row in outcomes(followed).rows()}
    for key in found:
        own = [
            row
            for row in expected
            if row["mature"] and (row["model"], row["version"], "lists", row["group"]) == key
        ]
        n = len(own)
        assert found[key] == pytest.approx(
            (
                n,
                sum(row["bought"] > 0 for row in own) / n,
                sum(row["revenue"] for row in own) / n,
                sum(1 / row["rank"] for row in own if row["rank"]) / n,
            )
        )
    assert switched(kept).is_empty()
    assert kept.select("model", "customer", "group").unique().height == (
        kept.select("model", "customer").unique().height
    )


def test_customers_of_a_test_are_counted_once_and_feed_it():
    """From the exposures of a night to the verdict of the fleet, without a step in between."""
    shown = nights(shops=3, people=400)
    better = bought(shown.filter(group="treatment"))
    followed = credited(shown, better, "3d", at(30))
    counts = by_customer(followed, "lists")
    people = shown.group_by("model", "group").agg(pl.col("customer").n_unique().alias("n"))
    state = begun(shown.select("model").unique().with_columns(base=pl.lit(0.2)))

    assert counts.select("model", "group", "n").equals(
        people.sort("model", "group").cast({"n": counts["n"].dtype})
    )
    assert ratio_mismatch(counts)["q_value"].min() > 0.01
    assert looked(state, counts)["verdict"].to_list() == ["treatment"] * 3
    assert compared(counts)["verdict"].to_list() == ["treatment"] * 3


def test_a_customer_seen_in_two_groups_is_named_and_counts_in_neither():
    shown = nights()
    first = shown.row(0, named=True)
    strange = pl.DataFrame(
        [
            {
                **first,
                "at": at(9),
                "group": {"control": "treatment", "treatment": "control"}[first["group"]],
            }
        ]
    )
    whole = pl.concat([shown, strange])
    followed = credited(whole, bought(shown).clear(), "3d", at(30))
    counts, before = (
        by_customer(each, "lists")["n"].sum()
        for each in (followed, credited(shown, bought(shown).clear(), "3d", at(30)))
    )

    assert switched(whole).select("model", "customer").rows() == [
        (first["model"], first["customer"])
    ]
    assert counts == before - 1


def test_a_purchase_of_another_shop_customer_or_item_or_before_it_counts_nowhere():
    shown = pl.DataFrame(
        [{"model": "a", "version": "1", "customer": "x", "at": at(1), "items": ["i", "i", None]}]
    )
    others = [("b", "x", "i", 2), ("a", "y", "i", 2), ("a", "x", "j", 2), ("a", "x", "i", 0.9)]
    sold = pl.DataFrame(
        [(model, customer, item, at(day)) for model, customer, item, day in others],
        ["model", "customer", "item", "at"],
        orient="row",
    )
    right = pl.DataFrame({"model": "a", "customer": "x", "item": "i", "at": [at(1)]})

    assert credited(shown, sold)["bought"].to_list() == [0]
    assert credited(shown, right).select("bought", "rank", "revenue").rows() == [(1, 1, 0.0)]


def test_no_purchase_or_list_of_a_shop_bears_on_another():
    shown = nights()
    sold = bought(shown)
    whole = credited(shown, sold, "3d", at(7))

    for shop in ("shop0", "shop3"):
        own = credited(shown.filter(model=shop), sold.filter(model=shop), "3d", at(7))
        assert whole.filter(model=shop).equals(own)


def test_nothing_shown_and_nothing_bought_are_empty(tmp_path):
    shown = nights()

    assert recorded(str(tmp_path / "nowhere")).is_empty()
    assert credited(shown.clear(), bought(shown)).is_empty()
    assert credited(shown, bought(shown).clear())["bought"].sum() == 0


def test_exposures_that_cannot_be_are_refused_before_anything_is_written(tmp_path):
    shown = nights()

    with pytest.raises(BadInput, match="have no time `at`"):
        record(str(tmp_path), shown.with_columns(at=None))
    with pytest.raises(BadInput, match="no column 'items'"):
        record(str(tmp_path), shown.drop("items"))
    with pytest.raises(BadInput, match="two rows of model"):
        record(str(tmp_path), pl.concat([shown, shown]))
    assert list(tmp_path.iterdir()) == []
