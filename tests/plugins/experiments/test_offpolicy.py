"""Off-policy estimates agree with closed forms, with the definitions, and know their limits."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from argosy.errors import BadInput
from argosy_experiments.offpolicy.estimates import Floor, estimates
from argosy_experiments.offpolicy.expected_rewards import foretold

REWARDS = np.array([[0.1, 0.3, 0.5], [0.4, 0.2, 0.6]])
"""Expected reward by context and action."""
LOGGING = np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3]])
TARGET = np.array([[0.1, 0.2, 0.7], [0.5, 0.1, 0.4]])
TRUTH = float((TARGET * REWARDS).sum(1).mean())
LOGGED = float((LOGGING * REWARDS).sum(1).mean())
ACTIONS = np.array(["a", "b", "c"])


def simulated(models, rows, seed=1, rewards=REWARDS):
    """Log `models` times the same world: the mean over models must be the closed form."""
    rng = np.random.default_rng(seed)
    n = models * rows
    context = rng.integers(0, 2, n)
    action = (rng.random(n)[:, None] > LOGGING[context].cumsum(1)).sum(1).clip(0, 2)
    return pl.DataFrame(
        {
            "model": np.repeat([f"m{i}" for i in range(models)], rows),
            "context": context.astype(str),
            "action": ACTIONS[action],
            "reward": (rng.random(n) < rewards[context, action]).astype(float),
            "propensity": LOGGING[context, action],
            "target": TARGET[context, action],
            "expected": rewards[context, action],
            "expected_target": (TARGET * rewards).sum(1)[context],
        }
    )


def policy(models):
    contexts, actions = np.indices((2, 3)).reshape(2, -1)
    return pl.DataFrame({"model": [f"m{i}" for i in range(models)]}).join(
        pl.DataFrame(
            {
                "context": contexts.astype(str),
                "action": ACTIONS[actions],
                "probability": TARGET.ravel(),
                "propensity": LOGGING.ravel(),
            }
        ),
        how="cross",
    )


def means(found):
    """Of each estimator the mean over all models and the error of that mean."""
    summed = found.group_by("estimator").agg(
        pl.col("value").mean(), error=pl.col("value").std() / pl.len().sqrt()
    )
    return {name: (value, error) for name, value, error in summed.rows()}


def test_all_estimators_are_right_on_average_and_their_intervals_hold():
    found = estimates(simulated(1000, 400))

    for value, error in means(found).values():
        assert abs(value - TRUTH) < 4 * error + 2e-4  # snips is biased by order 1/n
    covered = found.group_by("estimator").agg(
        pl.lit(TRUTH).is_between("lower", "upper").mean().alias("share")
    )
    assert covered["share"].min() > 0.93
    assert covered["share"].max() < 0.97


def test_standard_errors_are_the_spread_over_models():
    found = estimates(simulated(1000, 400)).group_by("estimator")
    spread = found.agg(pl.col("value").std(), pl.col("error").mean())

    assert spread["error"].to_numpy() == pytest.approx(spread["value"].to_numpy(), rel=0.08)


def test_the_doubly_robust_estimator_is_right_with_wrong_rewards():
    wrong = simulated(1000, 200).with_columns(expected=pl.lit(0.9), expected_target=pl.lit(0.9))
    value, error = means(estimates(wrong))["dr"]

    assert abs(value - TRUTH) < 4 * error


def test_the_doubly_robust_estimator_is_right_with_wrong_propensities():
    """And the others are not, or the test would show nothing."""
    wrong = simulated(1000, 200).with_columns(propensity=pl.lit(1 / 3))
    found = means(estimates(wrong))

    assert abs(found["dr"][0] - TRUTH) < 4 * found["dr"][1]
    assert abs(found["ips"][0] - TRUTH) > 10 * found["ips"][1]
    assert abs(found["snips"][0] - TRUTH) > 10 * found["snips"][1]


def test_rewards_foretold_from_the_log_keep_it_unbiased_and_less_variable():
    log = simulated(1000, 200).drop("target", "expected", "expected_target")
    found = means(estimates(foretold(log, policy(1000))))

    assert abs(found["dr"][0] - TRUTH) < 4 * found["dr"][1]
    assert found["dr"][1] < found["ips"][1]


def test_estimates_equal_the_definitions():
    """Those of the Open Bandit Pipeline: the mean of the estimated reward of every round."""
    log = simulated(3, 50)
    found = estimates(log, clip=1.5)

    for model in ("m0", "m1", "m2"):
        own = log.filter(model=model)
        r, b, t, q, v = (
            own[name].to_numpy()
            for name in ("reward", "propensity", "target", "expected", "expected_target")
        )
        iw = np.minimum(t / b, 1.5)
        rounds = {"ips": r * iw, "snips": r * iw / iw.mean(), "dr": v + iw * (r - q)}
        for name, each in rounds.items():
            row = found.row(
                by_predicate=(pl.col("model") == model) & (pl.col("estimator") == name), named=True
            )
            assert row["value"] == pytest.approx(each.mean(), rel=1e-12)
            assert row["ess"] == pytest.approx(iw.sum() ** 2 / (iw**2).sum(), rel=1e-12)
            if name != "snips":
                assert row["error"] == pytest.approx(each.std(ddof=1) / len(each) ** 0.5)
                spread = (each - r).std(ddof=1) / len(each) ** 0.5
                assert row["effect_error"] == pytest.approx(spread)
            assert row["clipped"] == pytest.approx((t / b > 1.5).mean())


def test_foretold_rewards_equal_a_row_by_row_computation():
    log = simulated(2, 40).drop("target", "expected", "expected_target")
    found = foretold(log, policy(2), shrink=5.0)

    for place in (0, 7, 41, 79):
        row = found.row(place, named=True)
        others = log.with_row_index().filter(pl.col("index") != place, model=row["model"])
        mean = others["reward"].mean()

        def of(action, others=others, mean=mean, row=row):
            seen = others.filter(action=action, context=row["context"])
            return (seen["reward"].sum() + 5 * mean) / (seen.height + 5)

        chosen = dict(zip(ACTIONS, TARGET[int(row["context"])], strict=True))
        assert row["expected"] == pytest.approx(of(row["action"]))
        assert row["target"] == chosen[row["action"]]
        assert row["expected_target"] == pytest.approx(sum(p * of(a) for a, p in chosen.items()))
        assert row["uncovered"] == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.randoms(use_true_random=False)
)
def test_no_row_of_a_model_bears_on_another(models, random):
    """But for the correction over the fleet, and the verdicts that follow from it."""
    log = simulated(1, 60).head(len(models)).with_columns(model=pl.Series(models))
    chosen = policy(1).drop("model").join(pl.DataFrame({"model": [*"abcd"]}), how="cross")
    one = random.choice(models)
    added = ("target", "expected", "expected_target")
    whole = estimates(foretold(log.drop(added), chosen)).filter(model=one)
    alone = estimates(foretold(log.drop(added).filter(model=one), chosen))

    assert_frame_equal(
        whole.drop("q_value", "verdict"), alone.drop("q_value", "verdict"), rel_tol=1e-12
    )


def test_the_log_keeps_its_order():
    log = (
        simulated(20, 30)
        .drop("target", "expected", "expected_target")
        .sample(fraction=1, shuffle=True, seed=3)
    )

    assert foretold(log, policy(20)).select(log.columns).equals(log)


def test_verdicts_name_the_better_policy_and_false_ones_are_rare():
    better = estimates(simulated(200, 2000))
    same = estimates(simulated(400, 500, rewards=np.full((2, 3), 0.3)))

    assert TRUTH > LOGGED
    assert set(better["verdict"]) == {"better"}
    assert better["logged"].mean() == pytest.approx(LOGGED, abs=0.01)
    wrong = same.group_by("estimator").agg((pl.col("verdict") != "no difference").sum())
    assert wrong["verdict"].max() <= 2  # of 400; at p < 0.05 it would be 20


def test_below_a_floor_numbers_are_told_and_nothing_is_concluded():
    log = simulated(2, 300)
    thin = estimates(log, floor=Floor(ess=1000))
    quiet = estimates(log, floor=Floor(rewarded=200))
    unseen = estimates(log.with_columns(uncovered=pl.lit(0.2)))

    assert set(thin["verdict"]) == set(quiet["verdict"]) == {"unknown"}
    assert thin["value"].null_count() == thin["q_value"].len() - thin["q_value"].null_count() == 0
    assert thin["reason"].str.contains(r"the effective sample size is [\d.]+ of 300 rows").all()
    assert quiet["reason"].str.contains("rewarded rows, below 200").all()
    assert set(unseen["reason"]) == {
        "20.0 % of what the target policy would choose was never shown"
    }


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("propensity", 0.0, "propensity"),
        ("propensity", float("nan"), "propensity"),
        ("propensity", None, "propensity"),
        ("propensity", 1.5, "propensity"),
        ("target", -0.1, "target policy"),
        ("reward", float("inf"), "reward"),
        ("reward", None, "reward"),
    ],
)
def test_a_model_with_an_impossible_row_is_a_row_with_its_reason(column, value, reason):
    """And the others are what they are without it."""
    log = simulated(3, 300)
    first = (pl.int_range(pl.len()) == 0) & (pl.col("model") == "m0")
    spoilt = log.with_columns(pl.when(first).then(value).otherwise(column).alias(column))
    found = estimates(spoilt)

    bad = found.filter(model="m0")
    assert bad["verdict"].to_list() == ["unknown"] * 3
    assert bad["reason"].str.contains(reason).all()
    assert bad["value"].null_count() == 3
    rest = estimates(log.filter(pl.col("model") != "m0"))
    assert found.filter(pl.col("model") != "m0").equals(rest)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_foretold_reward_that_is_missing_concerns_the_estimator_that_leans_on_it(value):
    log = simulated(2, 2000)
    first = pl.int_range(pl.len()) == 0
    found = estimates(log.with_columns(expected=pl.when(first).then(value).otherwise("expected")))

    assert found["verdict"].to_list() == ["better", "better", "unknown", *["better"] * 3]
    assert found["reason"][2] == "a foretold reward is missing or not finite"


def test_edges_have_reasons_and_no_false_numbers():
    row = {"reward": [1.0], "propensity": [0.5]}
    never = estimates(
        pl.DataFrame({"model": ["m"] * 30, "reward": 1.0, "propensity": 0.5, "target": 0.0})
    )
    one = estimates(pl.DataFrame({"model": ["m"], **row, "target": [0.5]}), floor=Floor(0, 0))
    none = estimates(
        pl.DataFrame(
            schema={
                "model": pl.String,
                "reward": pl.Float64,
                "propensity": pl.Float64,
                "target": pl.Float64,
            }
        )
    )
    alike = estimates(
        pl.DataFrame({"model": ["m"] * 200, "reward": 1.0, "propensity": 0.5, "target": 0.5})
    )

    assert never["ess"].to_list() == [0.0, 0.0]
    assert never.filter(estimator="snips")["value"].to_list() == [None]
    assert set(never["verdict"]) == {"unknown"}
    assert set(one["reason"]) == {"one row has no error"}
    assert none.is_empty()
    assert alike.select("value", "effect", "verdict").unique().rows() == [(1, 0, "no difference")]


def test_a_missing_column_a_cut_at_zero_and_a_policy_that_is_none_are_refused():
    log = simulated(1, 10)

    with pytest.raises(BadInput, match="no column 'target'"):
        estimates(log.drop("target"))
    with pytest.raises(BadInput, match="cut at 0"):
        estimates(log, clip=0)
    with pytest.raises(BadInput, match="'m0' in context '0' has probabilities that add up to 0.9"):
        foretold(log, policy(1).with_columns(probability=pl.col("probability") * 0.9))
    with pytest.raises(BadInput, match="says nothing of context '1'"):
        foretold(log, policy(1).filter(context="0"))
    with pytest.raises(BadInput, match="two rows of model 'm0', context '0', action 'a'"):
        foretold(log, pl.concat([policy(1), policy(1)]))


@pytest.fixture(scope="module")
def women(data):
    path = data / "reco_open_bandit_women.parquet"
    if not path.is_file():
        pytest.skip(f"no {path.name} in {data}; set ARGOSY_DATA to its folder")
    return pl.read_parquet(path).select(
        "policy",
        model=pl.lit("women"),
        context=pl.col("position").cast(pl.String),
        action=pl.col("item_id").cast(pl.String),
        reward=pl.col("click").cast(pl.Float64),
        propensity="propensity",
    )


def uniform(log):
    """The random policy, as the target: every item at every position alike."""
    items = pl.DataFrame({"action": [str(item) for item in range(46)]})
    return (
        log.select("model", "context")
        .unique()
        .join(items, how="cross")
        .with_columns(probability=pl.lit(1 / 46), propensity=pl.lit(None, pl.Float64))
    )


def test_the_open_bandit_log_says_nothing_of_the_random_policy(women):
    """46 clicks under each policy, and weights that leave 2.1 of 10,000 rows."""
    log = women.filter(policy="bts")
    found = estimates(foretold(log, uniform(log)))

    assert dict(women.group_by("policy").agg(pl.col("reward").sum()).rows()) == {
        "bts": 46,
        "random": 46,
    }
    assert found["ess"].round(1).to_list() == [2.1] * 3
    assert found["verdict"].to_list() == ["unknown"] * 3
    assert (
        found["reason"].to_list()
        == ["the effective sample size is 2.1 of 10000 rows, below 100"] * 3
    )


def test_cutting_the_weights_does_not_make_that_log_sufficient(women):
    """It looks like 1,792 rows then, and a quarter of the random policy is missing from them."""
    log = women.filter(policy="bts")
    found = estimates(foretold(log, uniform(log)), clip=10)

    assert found["ess"].min() > 1000
    assert found["verdict"].to_list() == ["unknown"] * 3
    assert set(found["reason"]) == {
        "cutting the weights leaves out 24.1 % of what the target policy would choose"
    }


def test_the_random_log_foretells_what_the_other_policys_items_earn(women):
    """Within its interval lies what the authors report of the full logs, 0.64 %."""
    bts = women.filter(policy="bts")
    liked = (
        bts.group_by("model", "context", "action")
        .len()
        .with_columns(probability=pl.col("len") / pl.col("len").sum().over("model", "context"))
    )
    found = estimates(foretold(women.filter(policy="random"), liked.drop("len")))

    assert found["ess"].to_numpy() == pytest.approx([3492.0] * 3, abs=1)
    assert found["mean_weight"].to_numpy() == pytest.approx([1.0] * 3, abs=0.02)
    assert found.select(pl.lit(0.0064).is_between("lower", "upper")).to_series().all()
    assert found["verdict"].to_list() == ["unknown"] * 3
    assert set(found["reason"]) == {"worth 16.1 rewards, judged from 30"}


def test_re_weighting_the_random_log_to_itself_returns_its_clicks(women):
    """A policy judged by its own log earns what was logged, with nothing lost."""
    log = women.filter(policy="random").with_columns(target="propensity")
    found = estimates(log)

    assert found["ess"].to_numpy() == pytest.approx([10_000] * 2)
    assert found["value"].to_numpy() == pytest.approx([0.0046] * 2)
    assert found["verdict"].to_list() == ["no difference"] * 2
