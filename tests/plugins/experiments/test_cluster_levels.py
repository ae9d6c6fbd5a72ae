"""What is promised of rows by themselves holds of those that hang together; effects are found."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from argosy_experiments.ab_tests.clustered import cluster_spread
from argosy_experiments.ab_tests.means import compared
from argosy_experiments.ab_tests.rates import begun, looked
from argosy_experiments.bandits import thompson
from argosy_experiments.bandits.worth import worth
from argosy_experiments.groups import ratio_mismatch
from argosy_experiments.offpolicy.estimates import estimates

from .clustered_worlds import by_cluster, by_group, customers, decisions, plays

pytestmark = pytest.mark.simulation

WORLDS = {
    "uneven": {"clusters": 60, "uneven": 0.8, "correlation": 0.1},
    "few": {"clusters": 24, "uneven": 0.0, "correlation": 0.2},
    "very uneven": {"clusters": 150, "uneven": 1.2, "correlation": 0.3},
    "customers in both groups": {"clusters": 60, "correlation": 0.2, "whole": False},
}
worlds = pytest.mark.parametrize("world", WORLDS.values(), ids=[*WORLDS])
MODELS = 40


def played(rows, clusters, looks=4):
    """Look again and again at what the clusters that came by then tell.

    Returns:
        The share of models ever called different by their rates and by their revenue, at a level
        of 5 % each, with clusters and as if there were none.
    """
    names = rows.select("model").unique().sort("model")
    states, ever = [begun(names), begun(names)], np.zeros((4, names.height), bool)
    before = 0
    for look in range(1, looks + 1):
        place, until = pl.col("home").cast(pl.Int64), clusters * look // looks
        known = rows.filter(place < until)
        news = by_group(known.filter(place >= before), "success")
        before = until
        spreads = [cluster_spread(by_cluster(known, name)) for name in ("success", "revenue")]
        states = [
            looked(state, news, spread=spread)
            for state, spread in zip(states, (None, spreads[0]), strict=True)
        ]
        sums = by_group(known, "revenue")
        worths = [compared(sums, horizon=2_000, spread=spread) for spread in (None, spreads[1])]
        ever[:2] |= [(state.sort("model")["p_value"] <= 0.05).to_numpy() for state in states]
        ever[2:] |= [(found["e_value"].fill_null(0) >= 20).to_numpy() for found in worths]
    alone, rates, naive, revenues = ever.mean(1)
    return {"rates": rates, "revenues": revenues}, {"rates": alone, "revenues": naive}


@worlds
def test_tests_that_are_peeked_at_keep_their_level(world, seeds):
    found = [played(customers(seed, MODELS, **world), world["clusters"]) for seed in seeds(1, 2)]

    for name in ("rates", "revenues"):
        assert np.mean([with_[name] for with_, _ in found]) <= 0.05
        if world.get("whole", True):  # or the test would show nothing
            assert np.mean([without[name] for _, without in found]) > 0.07


def test_tests_that_are_peeked_at_find_effects(seeds):
    rows = [customers(seed, MODELS, clusters=200, effect=0.15) for seed in seeds(1)]
    found = [played(each, 200)[0] for each in rows]

    assert np.mean([told["rates"] for told in found]) >= 0.9
    assert np.mean([told["revenues"] for told in found]) >= 0.9


@worlds
def test_sizes_of_groups_are_called_odd_no_more_often_than_promised(world, seeds):
    rows = [customers(seed, MODELS, **world) for seed in seeds(1, 2, 3, 4)]
    found = pl.concat(ratio_mismatch(by_cluster(each, "success")) for each in rows)

    assert (found["p_value"] < 0.05).mean() <= 0.1  # 160 models: 5 % and three of its errors
    assert (found["p_value"] < 0.001).mean() <= 0.01


def test_groups_that_lose_customers_are_called_odd(seeds):
    rows = [customers(seed, MODELS, clusters=400) for seed in seeds(1)]
    lost = pl.col("home").hash(seed=3) % 5 < 2
    left = [each.filter(~((pl.col("group") == "control") & lost)) for each in rows]
    found = pl.concat(ratio_mismatch(by_cluster(each, "success")) for each in left)

    assert (found["p_value"] < 0.05).mean() >= 0.8


@pytest.mark.parametrize("whole", [True, False], ids=["devices", "rows"])
@pytest.mark.parametrize(("clusters", "uneven"), [(12, 0.0), (30, 0.8), (100, 1.2)])
def test_off_policy_verdicts_on_clusters_are_no_more_often_false_than_promised(
    clusters, uneven, whole, seeds
):
    logs = [
        decisions(seed, MODELS, clusters, uneven=uneven, whole=whole) for seed in seeds(1, 2, 3)
    ]
    called = pl.col("verdict").is_in(["better", "worse"]).mean()
    found = pl.concat(estimates(log, cluster="device") for log in logs)
    naive = pl.concat(estimates(log) for log in logs)

    assert found.group_by("estimator").agg(called)["verdict"].max() <= 0.05
    assert (found["verdict"] != "unknown").mean() >= 0.8
    if whole:  # or the test would show nothing
        assert naive.group_by("estimator").agg(called)["verdict"].min() > 0.2


def test_off_policy_effects_on_clusters_are_found(seeds):
    logs = [decisions(seed, MODELS, 60, effect=0.4) for seed in seeds(1)]
    found = pl.concat(estimates(log, cluster="device") for log in logs).filter(estimator="snips")

    assert (found["verdict"] == "better").mean() >= 0.9


def sure(rows, counted):
    """The share of models whose bandit gives one of its arms nearly all of the traffic."""
    told = worth(rows) if counted else worth(rows).with_columns(worth="plays")
    state = thompson.learnt(
        thompson.begun(told.select("model", "arm")),
        told.select("model", "arm", "plays", "wins", scale=pl.col("worth") / pl.col("plays")),
    )
    top = thompson.propensities(state).group_by("model").agg(pl.col("propensity").max())
    return (top["propensity"] > 0.975).mean()


@pytest.mark.parametrize("clusters", [6, 40, 200])
def test_bandits_are_no_surer_of_arms_that_are_alike_than_they_may_be(clusters, seeds):
    """Of two arms alike, one has a posterior above 97.5 % in 5 % of models."""
    rows = [plays(seed, 150, clusters) for seed in seeds(1, 2)]

    assert np.mean([sure(each, True) for each in rows]) <= 0.09  # three errors of 300 models
    assert np.mean([sure(each, False) for each in rows]) > 0.2


def test_bandits_are_sure_of_an_arm_that_is_better(seeds):
    rows = [plays(seed, MODELS, 200, rates=(0.2, 0.4)) for seed in seeds(1)]

    assert np.mean([sure(each, True) for each in rows]) >= 0.9
