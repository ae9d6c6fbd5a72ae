"""Rows that hang together: whatever is concluded rests on the sums over whole clusters."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from argosy.errors import BadInput
from argosy_experiments.ab_tests.clustered import cluster_spread
from argosy_experiments.ab_tests.means import mixture
from argosy_experiments.ab_tests.rates import begun, looked
from argosy_experiments.bandits import thompson
from argosy_experiments.bandits.worth import worth
from argosy_experiments.exposures.customers import outcomes_of
from argosy_experiments.groups import ratio_mismatch
from argosy_experiments.offpolicy.estimates import estimates

from .clustered_worlds import by_cluster, by_group, customers, decisions, plays
from .fleets import bind, fleet_with

EXACT = {"rel": 1e-9}


# Off-policy


def test_off_policy_errors_are_those_of_cluster_sums_with_students_t():
    log = decisions(1, models=2, clusters=25)
    found = estimates(log, cluster="device")

    for (model,), own in log.group_by("model"):
        weight = (own["target"] / own["propensity"]).to_numpy()
        reward, device = own["reward"].to_numpy(), own["device"].to_numpy()
        ips = weight * reward
        snips = weight * (reward - ips.sum() / weight.sum()) / weight.mean()
        many = len(np.unique(device))
        for name, influence, value in (
            ("ips", ips, ips.mean()),
            ("snips", snips, ips.sum() / weight.sum()),
        ):
            row = found.row(
                by_predicate=(pl.col("model") == model) & (pl.col("estimator") == name), named=True
            )
            off = influence - reward
            errors = [
                np.sqrt(many / (many - 1) * (np.bincount(device, each - each.mean()) ** 2).sum())
                / len(each)
                for each in (influence, off)
            ]
            z = (value - reward.mean()) / errors[1]
            width = stats.t.ppf(0.975, many - 1) * errors[0]
            assert row["clusters"] == many
            assert row["error"] == pytest.approx(errors[0], **EXACT)
            assert row["effect_error"] == pytest.approx(errors[1], **EXACT)
            assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(z), many - 1), **EXACT)
            assert row["upper"] == pytest.approx(value + width, **EXACT)


def test_clusters_of_one_row_each_have_the_errors_of_rows():
    log = decisions(2, models=1, clusters=30).with_columns(own=pl.int_range(pl.len()))
    rows, alone = estimates(log), estimates(log, cluster="own")

    for name in ("value", "error", "effect_error"):
        assert alone[name].to_numpy() == pytest.approx(rows[name].to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("many", "largest", "reason"),
    [
        (9, 1, "9 clusters, judged from 10"),
        (40, 400, r"40 clusters worth [\d.]+ even ones, judged from 5"),
    ],
)
def test_few_clusters_and_very_uneven_ones_conclude_nothing(many, largest, reason):
    log = decisions(3, models=1, clusters=many, mean=100)
    first = log.filter(device=0)
    log = pl.concat([log, *[first] * (largest - 1)]) if largest > 1 else log
    found = estimates(log, cluster="device")

    assert set(found["verdict"]) == {"unknown"}
    assert found["reason"].str.contains(f"^{reason}$").all()
    assert found["value"].null_count() == 0


def test_a_row_without_a_cluster_fails_its_model_and_a_column_that_is_none_is_refused():
    log = decisions(4, models=2, clusters=20)
    first = (pl.int_range(pl.len()) == 0).over("model") & (pl.col("model") == "m0")
    torn = log.with_columns(device=pl.when(~first).then("device"))
    found = estimates(torn, cluster="device")

    assert set(found.filter(model="m0")["reason"]) == {"a row has no cluster"}
    assert found.filter(model="m1")["reason"].null_count() == 2
    with pytest.raises(BadInput, match="no column 'phone' to be their cluster; they have: model"):
        estimates(log, cluster="phone")


@pytest.mark.parametrize("how", ["binding", "request"])
def test_the_job_takes_the_cluster_of_the_binding_or_of_the_request(tmp_path, how):
    log = decisions(5, models=2, clusters=25)
    fleet = fleet_with(tmp_path, "other", log, 2)
    path = tmp_path / "log.parquet"
    log.write_parquet(path)
    named = {"cluster": "device"} if how == "binding" else {}
    fleet.bind([{"role": "log", "url": str(path), "key": "model", **named}])
    asked = {"cluster": "device"} if how == "request" else {}
    told = fleet.run("offpolicy", **asked).results().sort("model", "estimator")
    due = estimates(log, cluster="device").sort("model", "estimator")

    assert told["clusters"].to_list() == [25] * 4
    assert told["effect_error"].to_list() == pytest.approx(due["effect_error"].to_list())
    assert told["verdict"].to_list() == due["verdict"].to_list()


# Sizes of groups


def test_of_even_clusters_dealt_whole_the_sizes_are_tested_as_clusters_are_counted():
    group = ["treatment"] * 30 + ["control"] * 14
    counts = pl.DataFrame(
        {"model": "m", "group": group, "cluster": [f"c{i}" for i in range(44)], "n": 25}
    )
    found = ratio_mismatch(counts)

    assert found["p_value"].item() == pytest.approx(stats.chisquare([30, 14]).pvalue, **EXACT)


def test_of_three_groups_the_sizes_are_tested_by_their_covariance():
    rng = np.random.default_rng(3)
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    sizes = rng.multinomial(20, [*shares.values()], 50)
    counts = pl.DataFrame(
        {
            "model": "m",
            "cluster": np.repeat([f"c{i}" for i in range(50)], 3),
            "group": ["a", "b", "c"] * 50,
            "n": sizes.ravel(),
        }
    )
    off = (sizes - sizes.sum(1)[:, None] * np.array([0.5, 0.3, 0.2]))[:, :2]
    statistic = off.sum(0) @ np.linalg.solve(off.T @ off, off.sum(0))

    assert ratio_mismatch(counts, shares)["p_value"].item() == pytest.approx(
        stats.chi2.sf(statistic, 2), **EXACT
    )


def test_sizes_of_fewer_than_ten_clusters_are_not_tested():
    counts = pl.DataFrame(
        {"model": "m", "group": "control", "cluster": [f"c{i}" for i in range(9)], "n": 90}
    )

    assert ratio_mismatch(counts).select("p_value", "q_value").row(0) == (None, None)


# A/B tests


def test_the_error_of_an_effect_is_the_cluster_robust_one_of_a_regression():
    """Without the factor (N - 1) / (N - K) that some add; clusters lie in both groups here."""
    rows = customers(1, models=1, clusters=20, whole=False)
    spread = cluster_spread(by_cluster(rows, "success"))
    design = np.stack([np.ones(rows.height), (rows["group"] == "treatment").to_numpy()], 1)
    success = rows["success"].cast(pl.Float64).to_numpy()
    inverse = np.linalg.inv(design.T @ design)
    off = success - design @ (inverse @ design.T @ success)
    cluster = rows["home"].cast(pl.Int64).to_numpy()
    scores = np.stack([np.bincount(cluster, column * off) for column in design.T], 1)
    variance = inverse @ (scores.T @ scores) @ inverse * 20 / 19

    assert spread["clusters"].item() == 20
    assert spread["effect_error"].item() == pytest.approx(np.sqrt(variance[1, 1]), **EXACT)


def test_even_clusters_dealt_whole_are_worth_their_number():
    sums = pl.DataFrame(
        {
            "model": "m",
            "group": ["control"] * 8 + ["treatment"] * 8,
            "cluster": [f"c{i}" for i in range(16)],
            "n": 30.0,
            "total": np.arange(16.0),
        }
    )

    assert cluster_spread(sums)["even_clusters"].item() == pytest.approx(16, **EXACT)


def test_an_interval_is_as_wide_as_the_normal_one_at_the_t_that_is_as_unlikely():
    effect, variance, n = np.ones(2), np.full(2, 0.04), np.full(2, 5_000.0)
    log_e, margin = mixture(effect, variance, n, 0.05, 5_000, np.array([11.0, np.nan]))
    normal = stats.norm.isf(stats.t.sf(5, 11))
    wide = stats.t.isf(stats.norm.sf(margin[1] / 0.2), 11) * 0.2
    same = mixture(np.full(1, normal * 0.2), variance[:1], n[:1], 0.05, 5_000)

    assert margin[0] == pytest.approx(wide, **EXACT)
    assert log_e[0] == pytest.approx(same[0][0], **EXACT)


def test_without_clusters_every_bit_is_what_it_was():
    rows = customers(2, models=3, clusters=20)
    counts, none = by_group(rows, "success"), cluster_spread(by_cluster(rows, "success")).clear()
    state = begun(pl.DataFrame({"model": ["m0", "m1", "m2"], "base": 0.2}))

    assert looked(state, counts, spread=none).equals(looked(state, counts))


@pytest.mark.parametrize("kind", ["ab_test", "ab_revenue"])
def test_looks_take_clusters_from_the_data_and_say_where_they_are_too_few(tmp_path, kind):
    rows = pl.concat(
        [
            customers(3, models=1, clusters=60),
            customers(4, models=1, clusters=9).with_columns(model=pl.lit("m1")),
        ]
    )
    fleet = fleet_with(tmp_path, "outcomes", rows, 2)
    found = fleet.run(kind, experiment="lists", cluster="home").results().sort("model")
    value = "success" if kind == "ab_test" else "revenue"
    due = cluster_spread(by_cluster(rows, value))

    assert found["clusters"].to_list() == [60, 9]
    assert found["effect_error"].to_list() == pytest.approx(due["effect_error"].to_list())
    assert found["reason"].to_list() == [None, "9 clusters, judged from 10"]
    assert found["ratio_p_value"].is_null().to_list() == [False, True]
    assert set(found["verdict"]) == {"undecided"}


def test_a_verdict_on_clusters_stands_and_its_evidence_is_kept(tmp_path):
    rows = customers(5, models=1, clusters=200, effect=0.4)
    early = rows.filter(pl.col("home").cast(pl.Int64) < 150)
    fleet = fleet_with(tmp_path, "outcomes", early, 1)
    first = fleet.run("ab_test", experiment="lists", cluster="home").results()
    bind(fleet, "outcomes", rows, tmp_path / "bound")
    second = fleet.run("ab_test", experiment="lists", cluster="home").results()

    assert first["verdict"].item() == second["verdict"].item() == "treatment"
    assert second["e_value"].item() == pytest.approx(first["e_value"].item())
    assert second["decided"].item() == 1


def test_customers_in_several_clusters_or_in_none_fail_their_model(tmp_path):
    rows = customers(6, models=2, clusters=20)
    again = rows.filter(model="m0").head(1).with_columns(home=pl.lit("else"))
    bare = pl.when((pl.int_range(pl.len()) == 0) & (pl.col("model") == "m1")).then(None)
    torn = pl.concat(
        [rows.sort("model", descending=True).with_columns(home=bare.otherwise("home")), again]
    )
    fleet = fleet_with(tmp_path, "outcomes", torn, 2)
    why = dict(fleet.run("ab_test", cluster="home").failures().select("model", "reason").rows())

    assert why["m0"] == "a customer is in several clusters of 'home'; name one that holds it"
    assert why["m1"] == "a customer has no cluster"


def test_outcomes_carry_the_cluster_of_exposures_and_refuse_one_that_tears_a_customer():
    followed = pl.DataFrame(
        {
            "model": "shop",
            "experiment": "e",
            "group": "control",
            "customer": ["ann", "ann", "bob"],
            "cluster": ["north", "north", "south"],
            "bought": [1, 0, 0],
            "revenue": [2.0, 0.0, 0.0],
            "mature": True,
        }
    )
    torn = followed.with_columns(cluster=pl.Series(["north", "south", "south"]))

    assert outcomes_of(followed, "e")["cluster"].to_list() == ["north", "south"]
    with pytest.raises(BadInput, match="customer 'ann' of model 'shop' is not in one cluster"):
        outcomes_of(torn, "e")


# Bandits


def test_plays_of_clusters_that_do_not_hang_together_are_worth_nearly_themselves():
    rows = plays(1, models=1, clusters=400, correlation=0.0)
    found = worth(rows)

    assert (found["worth"] / found["plays"]).min() > 0.85
    assert found["plays"].to_list() == (
        rows.group_by("arm").agg(pl.col("plays").sum()).sort("arm")["plays"].to_list()
    )


def test_plays_of_few_clusters_are_worth_a_play_per_cluster():
    rows = pl.DataFrame(
        {"model": "m", "arm": "a", "cluster": [*"abcd"], "plays": 50.0, "wins": [5.0, 9, 2, 4]}
    )

    assert worth(rows)["worth"].item() == pytest.approx(4)


def test_feedback_is_learnt_at_its_scale_and_a_scale_that_is_none_is_refused():
    state = thompson.begun(pl.DataFrame({"model": "m", "arm": ["a"]}))
    news = pl.DataFrame({"model": ["m"], "arm": ["a"], "plays": [100], "wins": [40]})
    found = thompson.learnt(state, news.with_columns(scale=0.1))

    assert found.select("wins", "losses", "plays").row(0) == pytest.approx((4, 6, 100))
    with pytest.raises(BadInput, match="a play of arm 'a' of model 'm' cannot be worth 0.0 plays"):
        thompson.learnt(state, news.with_columns(scale=0.0))


def test_the_bandit_knows_at_each_run_what_clusters_are_worth_by_then(tmp_path):
    rows = plays(2, models=2, clusters=60, correlation=0.3)
    first = rows.filter(pl.col("cluster").cast(pl.Int64) < 30)
    fleet = fleet_with(tmp_path, "arms", first, 2)
    fleet.run("bandit", cluster="cluster")
    bind(fleet, "arms", rows, tmp_path / "bound")
    told = fleet.run("bandit", cluster="cluster").results().sort("model", "arm")
    due = worth(rows).sort("model", "arm")
    share = due["worth"] / due["plays"]

    assert told["worth"].to_list() == pytest.approx(due["worth"].to_list())
    assert told["remembered_wins"].to_list() == pytest.approx((due["wins"] * share).to_list())
    assert told["plays"].to_list() == due["plays"].to_list()
