"""The bandit finds the best arm, follows a swap, and can be tried on a log."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput, UnknownName
from argosy_experiments.bandits.replay import replayed
from argosy_experiments.bandits.thompson import begun, chosen, learnt, propensities

ARMS = ("a", "b", "c")


def played(state, rates, rounds, size, rng, memory=None):
    """Play rounds of `size` requests per model; return the state and the share of each arm."""
    models = state["model"].unique().sort()
    requests = pl.DataFrame({"model": models}).join(
        pl.DataFrame({"slot": range(size)}), how="cross"
    )
    shares = []
    for _ in range(rounds):
        arms = chosen(state, requests, seed=int(rng.integers(2**31)))
        counted = arms.group_by("model", "arm").len("plays").sort("model", "arm")
        rate = counted["arm"].replace_strict(rates, return_dtype=pl.Float64).to_numpy()
        wins = rng.binomial(counted["plays"].to_numpy(), rate)
        state = learnt(state, counted.with_columns(wins=pl.Series(wins)), memory)
        total = counted.group_by("arm").agg(pl.col("plays").sum())
        shares.append(dict(total.with_columns(pl.col("plays") / requests.height).rows()))
    return state, shares


def rounds_until_half(shares):
    """How many rounds pass before arm `a` has half of the traffic."""
    return next(place for place, share in enumerate(shares) if share.get("a", 0) > 0.5)


def fresh(models=300):
    return begun(
        pl.DataFrame({"model": [f"m{i:03}" for i in range(models)]}).join(
            pl.DataFrame({"arm": ARMS}), how="cross"
        )
    )


def test_feature_10_bandit_finds_the_best_arm_and_adapts_after_a_swap():
    """And one that never forgets takes far longer, or the memory would be for nothing."""
    rng = np.random.default_rng(10)
    before, after = {"a": 0.1, "b": 0.2, "c": 0.4}, {"a": 0.4, "b": 0.2, "c": 0.1}
    fading, early = played(fresh(), before, 60, 20, rng, memory=300)
    fading, late = played(fading, after, 60, 20, rng, memory=300)
    stubborn, _ = played(fresh(), before, 60, 20, rng)
    stubborn, stuck = played(stubborn, after, 60, 20, rng)

    assert np.mean([share["c"] for share in early[-10:]]) > 0.8
    assert late[0]["a"] < 0.1
    assert np.mean([share["a"] for share in late[-10:]]) > 0.8
    assert rounds_until_half(late) < 15
    assert rounds_until_half(stuck) > 30
    assert fading["plays"].sum() == 300 * 20 * 120


def test_without_a_memory_nearly_all_traffic_ends_on_the_best_arm():
    rng = np.random.default_rng(1)
    _, shares = played(fresh(), {"a": 0.1, "b": 0.2, "c": 0.4}, 100, 20, rng)

    assert shares[0]["c"] == pytest.approx(1 / 3, abs=0.03)
    assert shares[-1]["c"] > 0.97


def test_arms_are_chosen_as_often_as_their_propensity_says():
    """The draws against the integral, over models with two to four arms."""
    rng = np.random.default_rng(2)
    arms = pl.DataFrame(
        [(f"m{k}", f"a{i}") for k in range(2, 5) for i in range(k)], ["model", "arm"], orient="row"
    )
    state = begun(arms)
    plays = rng.integers(0, 60, state.height)
    state = learnt(
        state,
        state.select("model", "arm").with_columns(
            plays=pl.Series(plays), wins=pl.Series(rng.binomial(plays, 0.4))
        ),
    )
    n = 20_000
    requests = pl.DataFrame({"model": np.repeat([f"m{k}" for k in range(2, 5)], n)})
    counted = chosen(state, requests, seed=3).group_by("model", "arm").len()
    both = propensities(state).join(counted, on=["model", "arm"], how="left").fill_null(0)
    sums = both.group_by("model").agg(pl.col("propensity").sum())["propensity"].to_numpy()

    assert (both["len"] / n).to_numpy() == pytest.approx(both["propensity"].to_numpy(), abs=0.015)
    assert sums == pytest.approx(1)


def test_two_arms_have_the_closed_form_of_the_propensity():
    """P(Beta(1 + 3, 1 + 1) > Beta(1 + 1, 1 + 2)), by the sum of Miller (2014)."""
    from scipy.special import betaln

    state = begun(pl.DataFrame({"model": "m", "arm": ["a", "b"]}))
    feedback = pl.DataFrame({"model": "m", "arm": ["a", "b"], "plays": [3, 4], "wins": [1, 3]})
    a, b, c, d = 2, 3, 4, 2
    exact = sum(
        np.exp(betaln(a + i, b + d) - np.log(d + i) - betaln(1 + i, d) - betaln(a, b))
        for i in range(c)
    )

    found = propensities(learnt(state, feedback))["propensity"].to_list()
    assert found[1] == pytest.approx(exact, abs=2e-3)


def test_forgetting_equals_the_discount_play_by_play_across_calls():
    state = begun(pl.DataFrame({"model": ["m", "n"], "arm": ["a", "a"]}))
    for wins in (1, 0, 1):
        once = pl.DataFrame({"model": ["m"], "arm": ["a"], "plays": [1], "wins": [wins]})
        state = learnt(state, once, memory=4)

    assert state.row(0)[2:] == pytest.approx((0.75**2 + 1, 0.75, 3))
    assert state.row(1) == ("n", "a", 0.0, 0.0, 0)


def test_a_saved_state_and_requests_in_another_order_change_nothing_per_row():
    rng = np.random.default_rng(4)
    state, _ = played(fresh(5), dict.fromkeys(ARMS, 0.3), 5, 10, rng)
    kept = BytesIO()
    state.write_ipc(kept)
    kept.seek(0)
    requests = pl.DataFrame({"model": ["m003", "m001", "m001"], "customer": ["x", "y", "z"]})
    first = chosen(state, requests, seed=9)

    assert first.equals(chosen(pl.read_ipc(kept).reverse().to_arrow(), requests, seed=9))
    assert first.columns == ["model", "customer", "arm"]
    assert chosen(state, requests.clear(), seed=9).is_empty()


def test_impossible_feedback_is_refused_by_name():
    state = fresh(2)
    row = pl.DataFrame({"model": ["m000"], "arm": ["a"], "plays": [3.0], "wins": [1.0]})

    for name, value in (
        ("wins", 4.0),
        ("wins", -1.0),
        ("plays", 2.5),
        ("wins", float("nan")),
        ("plays", float("inf")),
        ("wins", None),
    ):
        with pytest.raises(BadInput, match="arm 'a' of model 'm000'"):
            learnt(state, row.with_columns(pl.lit(value, pl.Float64).alias(name)))
    with pytest.raises(UnknownName, match="'z'"):
        learnt(state, row.with_columns(arm=pl.lit("z")))
    with pytest.raises(UnknownName, match="'m9'"):
        chosen(state, pl.DataFrame({"model": ["m9"]}), seed=1)
    with pytest.raises(BadInput, match="memory of 0"):
        learnt(state, row, memory=0)


def logged(models, rows, rates, seed):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, len(rates), models * rows)
    return pl.DataFrame(
        {
            "model": np.repeat([f"m{i:03}" for i in range(models)], rows),
            "arm": np.array(["a", "b", "c", "d"])[arm],
            "win": (rng.random(len(arm)) < np.array(rates)[arm]).astype(float),
            "propensity": 1 / len(rates),
        }
    )


def test_a_replay_earns_what_the_bandit_earns_when_it_plays_itself():
    """Unbiased: the mean over 200 models of a live run of as many plays."""
    rates = dict(zip(ARMS, (0.1, 0.2, 0.4), strict=True))
    found, state = replayed(logged(200, 900, [*rates.values()], seed=5), seed=1)
    rng = np.random.default_rng(6)
    _, live = played(fresh(200), rates, 300, 1, rng)
    earned = np.mean([sum(share.get(arm, 0) * rates[arm] for arm in ARMS) for share in live])

    assert found["matched"].mean() == pytest.approx(300, abs=5)
    assert found["rate"].mean() == pytest.approx(earned, abs=0.012)
    assert found["late_rate"].mean() > found["rate"].mean() > found["logged"].mean()
    assert state["plays"].sum() == found["matched"].sum()
    assert state["wins"].sum() == found["wins"].sum()


def test_a_replay_of_one_model_does_not_depend_on_the_others():
    log = logged(6, 300, [0.2, 0.5], seed=8)
    whole, state = replayed(
        log.sample(fraction=1, shuffle=True, seed=1).sort("model", maintain_order=True), 3
    )
    mixed = log.sample(fraction=1, shuffle=True, seed=1)
    alone, own = replayed(mixed.filter(model="m004"), 3)

    assert whole.filter(model="m004").equals(alone)
    assert state.filter(model="m004").equals(own)


def test_a_fading_replay_forgets():
    log = logged(3, 2000, [0.2, 0.5], seed=9)
    _, state = replayed(log, 1, memory=50)
    held = state.group_by("model").agg((pl.col("wins") + pl.col("losses")).sum())["wins"]

    assert held.max() <= 50 + 1e-9


def test_a_log_that_preferred_an_arm_is_refused():
    log = logged(2, 50, [0.2, 0.5], seed=9)

    with pytest.raises(BadInput, match="'m000' chose an arm with a probability of 0.7"):
        replayed(log.with_columns(propensity=pl.lit(0.7)), 1)
    with pytest.raises(BadInput, match="a win of model 'm000' is 2"):
        replayed(log.with_columns(win=pl.lit(2)), 1)


def test_the_random_open_bandit_log_leaves_one_row_in_46(data):
    """About 217 rows and one click: it shows that nothing can be said."""
    path = data / "reco_open_bandit_women.parquet"
    if not path.is_file():
        pytest.skip(f"no {path.name} in {data}; set ARGOSY_DATA to its folder")
    log = pl.read_parquet(path).filter(policy="random").sort("ts", maintain_order=True)
    found, state = replayed(
        log.select(
            "propensity",
            model=pl.lit("women"),
            arm=pl.col("item_id").cast(pl.String),
            win="click",
        ),
        seed=1,
    )

    assert found["arms"].item() == state.height == 46
    assert found["matched"].item() == pytest.approx(10_000 / 46, abs=45)
    assert found["logged"].item() == 0.0046
    assert found["wins"].item() <= 6
