"""What an off-policy log is worth, and that nothing is concluded from one that is worth little."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.verdicts import Floor

ACTIONS = 34


def world(seed, models, rows, reward, alpha=0.3, wish=0.0):
    """Log a policy drawn for each model; the target takes all actions alike, or nearly as it does.

    Args:
        seed: of the draws.
        models: how many.
        rows: of each.
        reward: of a generator and the actions taken; it never depends on the policies.
        alpha: of the Dirichlet distribution that the logging policies are drawn from.
        wish: the power of the logging policy that the target is; 0 is uniform.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        logging = np.maximum(rng.dirichlet(np.full(ACTIONS, alpha)), 2e-4)
        logging /= logging.sum()
        target = logging**wish / (logging**wish).sum()
        taken = rng.choice(ACTIONS, rows, p=logging)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number:03}",
                    "reward": reward(rng, taken),
                    "propensity": logging[taken],
                    "target": target[taken],
                }
            )
        )
    return pl.concat(parts)


def won(rate):
    return lambda rng, taken: (rng.random(len(taken)) < rate).astype(float)


def called(found):
    """The share of the models that are called better or worse, by the worst estimator."""
    told = found.group_by("estimator").agg(pl.col("verdict").is_in(["better", "worse"]).mean())
    return told["verdict"].max()


def test_r4_rare_rewards_under_a_skewed_policy_are_never_called_worse():
    """Most of the target's choices and most rewards never met: 83 of 200 models were "worse"."""
    found = estimates(world(4, 60, 10_000, won(0.005)))
    lax = estimates(world(4, 60, 10_000, won(0.005)), floor=Floor(worth=0, even=0))

    assert called(lax) > 0.2
    assert set(found["verdict"]) == {"unknown"}
    assert found["reason"].str.contains(r"^worth [\d.]+ rewards, judged from 30$").all()


def test_the_worth_of_rewards_of_0_and_1_is_the_effective_sample_size_times_their_mean():
    found = estimates(world(1, 3, 2_000, won(0.1)))
    weight = pl.col("target") / pl.col("propensity")
    own = (
        world(1, 3, 2_000, won(0.1))
        .group_by("model")
        .agg(ess=weight.sum() ** 2 / (weight**2).sum(), rate=pl.col("reward").mean())
    )
    due = dict(own.select("model", pl.col("ess") * pl.col("rate")).rows())

    for model, worth in found.select("model", "worth").rows():
        assert worth == pytest.approx(due[model], rel=1e-12)


@pytest.mark.parametrize("scale", [1e-6, -1.0, 1e6])
def test_neither_the_unit_nor_the_sign_of_rewards_changes_what_a_log_is_worth(scale):
    log = world(2, 4, 3_000, won(0.2), alpha=3.0)
    told = estimates(log)
    other = estimates(log.with_columns(pl.col("reward") * scale))

    for name in ("worth", "even_rows"):
        assert other[name].to_numpy() == pytest.approx(told[name].to_numpy(), rel=1e-9)


def test_a_constant_that_is_added_to_rewards_does_not_make_a_log_sufficient():
    """It raises the worth to the effective sample size, and the log is as lopsided as before."""
    rare = world(4, 20, 10_000, won(0.005))
    told, shifted = (
        estimates(log) for log in (rare, rare.with_columns(reward=1 - pl.col("reward")))
    )

    assert told["worth"].max() < 30 < shifted["worth"].min()
    assert shifted["even_rows"].to_numpy() == pytest.approx(told["even_rows"].to_numpy(), rel=1e-9)
    assert set(shifted["verdict"]) == {"unknown"}
    assert shifted["reason"].str.contains(r"as lopsided as [\d.]+ even rows, judged from 15").all()


def test_rewards_around_zero_are_worth_nothing_until_the_floor_is_lowered():
    log = world(5, 10, 3_000, lambda rng, taken: rng.normal(size=len(taken)), alpha=10.0)
    told, lax = estimates(log), estimates(log, floor=Floor(worth=0))

    assert set(told["verdict"]) == {"unknown"}
    assert set(lax["verdict"]) == {"no difference"}


def test_even_weights_and_rewards_are_as_lopsided_as_their_own_number_of_rows():
    log = pl.DataFrame({"model": "m", "reward": [0.0, 1.0] * 200, "propensity": 0.5, "target": 0.5})

    assert estimates(log)["even_rows"].to_list() == pytest.approx([400.0, 400.0])


def test_a_log_that_is_worth_enough_is_judged_and_an_effect_is_found():
    """A floor that never lets anybody judge would hold every level."""
    clean = estimates(world(6, 30, 6_000, won(0.05), alpha=10.0))
    rng = np.random.default_rng(6)
    good = rng.random(30 * 6_000) < 0.5
    log = pl.DataFrame(
        {
            "model": np.repeat([f"m{number}" for number in range(30)], 6_000),
            "reward": (rng.random(len(good)) < np.where(good, 0.09, 0.03)).astype(float),
            "propensity": 0.5,
            "target": np.where(good, 0.9, 0.1),
        }
    )

    assert (clean["verdict"] != "unknown").mean() > 0.95
    assert set(estimates(log)["verdict"]) == {"better"}


SETTINGS = {
    "rare": ({"reward": won(0.005)}, False),
    "rare, nearly the same policy": ({"reward": won(0.005), "wish": 0.8}, True),
    "rare failures": ({"reward": lambda rng, taken: 1 - won(0.005)(rng, taken)}, False),
    "frequent, heavy weights": ({"reward": won(0.05), "alpha": 1.0}, False),
    "frequent": ({"reward": won(0.05), "alpha": 10.0}, True),
    "even": ({"reward": won(0.5), "alpha": 3.0}, True),
    "costs": ({"reward": lambda rng, taken: -won(0.1)(rng, taken), "alpha": 3.0}, True),
    "shifted": ({"reward": lambda rng, taken: 9 + rng.random(len(taken)), "alpha": 3.0}, True),
    "gains and losses": (
        {"reward": lambda rng, taken: rng.normal(0.5, 1, len(taken)), "alpha": 3.0},
        True,
    ),
    "revenue": (
        {"reward": lambda rng, taken: won(0.05)(rng, taken) * rng.lognormal(0, 1, len(taken))},
        False,
    ),
}
"""Worlds in which all actions earn alike, and whether nearly every log of them is to be judged."""


@pytest.mark.simulation
@pytest.mark.parametrize("name", SETTINGS)
def test_models_without_a_difference_are_called_one_no_more_often_than_promised(name, seeds):
    setting, enough = SETTINGS[name]
    found = pl.concat(estimates(world(seed, 40, 10_000, **setting)) for seed in seeds(1, 2, 3))

    assert called(found) <= 0.05
    if enough:
        assert (found["verdict"] != "unknown").mean() >= 0.9
