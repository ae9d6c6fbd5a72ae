"""A/B tests may be peeked at: false verdicts stay rare, at every look and over the fleet."""

from __future__ import annotations

import itertools
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from argosy.errors import BadInput, UnknownName
from argosy_experiments.ab_tests.e_bh import discovered
from argosy_experiments.ab_tests.e_process import RATIOS, average, evidence
from argosy_experiments.ab_tests.means import compared, mixture
from argosy_experiments.ab_tests.rates import begun, looked

LEVEL = 0.05


def batches(rng, rates, looks, size):
    """Customers and successes of either group at every look, shape (looks, tests, 2)."""
    n = np.full((looks, *rates.shape), float(size))
    return n, rng.binomial(size, np.broadcast_to(rates, n.shape)).astype(float)


def followed(n, successes):
    """The e-process of every test at every look."""
    total = np.zeros(n.shape[1:])
    hits = np.zeros(n.shape[1:])
    log_e = np.zeros((n.shape[1], len(RATIOS)))
    path = []
    for size, won in zip(n, successes, strict=True):
        known = total.sum(1) > 0
        base = np.where(known, (hits.sum(1) + 0.5) / (total.sum(1) + 1), np.nan)
        log_e += evidence(size, won, base)
        total, hits = total + size, hits + won
        path.append(average(log_e))
    return np.array(path), total, hits


def z_test(n, successes):
    """The usual test of two proportions, on all that came so far."""
    n, hits = n.cumsum(0), successes.cumsum(0)
    pooled = hits.sum(2) / n.sum(2)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n).sum(2))
    return np.abs((hits / n)[..., 1] - (hits / n)[..., 0]) / np.where(error > 0, error, np.inf)


def counts(names, n, successes):
    return pl.concat(
        pl.DataFrame({"model": names, "group": group, "n": n[:, k], "successes": successes[:, k]})
        for k, group in enumerate(("control", "treatment"))
    )


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (1, 6)])
@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
def test_the_expectation_of_the_evidence_is_at_most_one(sizes, rate):
    """Added up over every outcome of a batch: exact, for unequal groups and a wrong base too."""
    outcomes = np.array(list(itertools.product(*(range(size + 1) for size in sizes))), float)
    chance = binom.pmf(outcomes, sizes, rate).prod(1)
    n = np.broadcast_to(np.array(sizes, float), outcomes.shape)

    for base in (0.02, 0.3, 0.7):
        found = evidence(n, outcomes, np.full(len(n), base))
        assert (chance[:, None] * np.exp(found)).sum(0).max() <= 1 + 1e-12


@pytest.mark.parametrize(("rate", "size"), [(0.05, 50), (0.3, 20), (0.005, 200)])
def test_whoever_peeks_at_every_look_is_rarely_fooled(rate, size):
    """2,000 tests without a difference, a hundred looks each; the usual test is fooled by far."""
    rng = np.random.default_rng(7)
    n, successes = batches(rng, np.full((2000, 2), rate), 100, size)
    path, _, _ = followed(n, successes)
    fooled = (path.max(0) >= np.log(1 / LEVEL)).mean()
    naive = (z_test(n, successes).max(0) > 1.96).mean()

    assert fooled <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / 2000)
    assert naive > 0.3


def test_a_difference_is_found_with_about_twice_the_customers_of_a_fixed_test():
    """The price of peeking; on average a test ends earlier, because it may end at any look."""
    rng = np.random.default_rng(3)
    rates = np.broadcast_to([0.05, 0.0615], (1000, 2))  # 80 % power at 6,270 per group, fixed
    n, successes = batches(rng, rates, 125, 100)
    path, _, _ = followed(n, successes)
    found = path >= np.log(1 / LEVEL)
    fixed = (z_test(n, successes)[62] > 1.96).mean()

    assert fixed == pytest.approx(0.8, abs=0.05)
    assert found[:63].any(0).mean() > 0.4
    assert found.any(0).mean() > 0.8
    assert np.where(found.any(0), found.argmax(0) + 1, 125).mean() < 75


def test_verdicts_over_the_fleet_are_rarely_false_and_never_taken_back():
    """A tenth of 500 models has a better treatment; the whole fleet is looked at 40 times."""
    shares = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        rates = np.full((500, 2), 0.1)
        rates[:50, 1] = 0.14
        names = [f"m{i:03}" for i in range(500)]
        state = begun(pl.DataFrame({"model": names, "base": 0.1}))
        n, successes = batches(rng, rates, 40, 100)
        said = {}
        for size, won in zip(n, successes, strict=True):
            state = looked(state, counts(names, size, won), level=LEVEL)
            now = dict(state.filter(pl.col("verdict") != "undecided")["model", "verdict"].rows())
            assert said.items() <= now.items()
            said = now
        right = sum(name < "m050" and verdict == "treatment" for name, verdict in said.items())
        shares.append(1 - right / max(len(said), 1))
        assert right > 40

    assert np.mean(shares) <= LEVEL


def test_a_state_that_was_saved_goes_on_as_if_it_had_not_been():
    rng = np.random.default_rng(5)
    names = [f"m{i}" for i in range(20)]
    n, successes = batches(rng, np.full((20, 2), 0.2), 6, 40)
    whole = resumed = begun(pl.DataFrame({"model": names}))
    for size, won in zip(n, successes, strict=True):
        whole = looked(whole, counts(names, size, won))
        kept = BytesIO()
        resumed.write_parquet(kept)
        kept.seek(0)
        resumed = looked(pl.read_parquet(kept).to_arrow(), counts(names, size, won).to_arrow())

    assert whole.equals(resumed)
    assert whole["looks"].to_list() == [6] * 20


def test_the_table_follows_the_process():
    """What `looked` keeps is what the process gives batch by batch."""
    rng = np.random.default_rng(11)
    names = [f"m{i}" for i in range(10)]
    n, successes = batches(rng, np.broadcast_to([0.2, 0.25], (10, 2)), 5, 60)
    path, total, hits = followed(n, successes)
    state = begun(pl.DataFrame({"model": names}))
    for size, won in zip(n, successes, strict=True):
        state = looked(state, counts(names, size, won), level=1e-9)

    assert state["e_value"].to_numpy() == pytest.approx(np.exp(path[-1]))
    assert state["p_value"].to_numpy() == pytest.approx(np.exp(-np.maximum(path.max(0), 0)))
    assert state["effect"].to_numpy() == pytest.approx((hits / total)[:, 1] - (hits / total)[:, 0])


def test_models_with_nothing_new_and_models_with_a_verdict_stay_as_they_are():
    state = begun(pl.DataFrame({"model": ["a", "b"], "base": [0.1, 0.1]}))
    clear = counts(["a"], np.array([[2000.0, 2000.0]]), np.array([[200.0, 400.0]]))
    first = looked(state, clear)
    second = looked(first, clear)

    assert first["verdict"].to_list() == ["treatment", "undecided"]
    assert first.row(1) == state.sort("model").with_columns(looks=pl.lit(0)).row(1)
    assert second.equals(first)


def test_a_worse_treatment_is_named_by_the_other_verdict():
    state = begun(pl.DataFrame({"model": ["a"], "base": [0.1]}))
    found = looked(state, counts(["a"], np.array([[2e3, 2e3]]), np.array([[400.0, 200.0]])))

    assert found["verdict"].item() == "control"
    assert found["upper"].item() < 0


def test_no_successes_no_customers_and_all_successes_are_no_evidence():
    state = begun(pl.DataFrame({"model": ["all", "no", "none"]}))
    n = np.array([[500.0, 500.0], [500.0, 500.0], [0.0, 0.0]])
    hits = np.array([[500.0, 500.0], [0.0, 0.0], [0.0, 0.0]])
    names = ["all", "no", "none"]
    for _ in range(3):
        state = looked(state, counts(names, n, hits))

    assert state["verdict"].to_list() == ["undecided"] * 3
    assert state["e_value"].max() <= 1
    assert state["lower"].null_count() == 3
    assert state["effect"].to_list() == [0.0, 0.0, None]


def test_impossible_counts_are_refused_by_name():
    state = begun(pl.DataFrame({"model": ["shop"]}))
    table = pl.DataFrame({"model": "shop", "group": ["control"], "n": [10.0], "successes": [3.0]})

    for bad in (
        {"successes": 11.0},
        {"successes": -1.0},
        {"n": 10.5},
        {"n": float("nan")},
        {"n": float("inf")},
        {"successes": None},
    ):
        values = [pl.lit(value, pl.Float64).alias(name) for name, value in bad.items()]
        with pytest.raises(BadInput, match="'shop'"):
            looked(state, table.with_columns(values))
    with pytest.raises(BadInput, match="a group 'both'"):
        looked(state, table.with_columns(group=pl.lit("both")))
    with pytest.raises(UnknownName, match="'shap'; did you mean 'shop'"):
        looked(state, table.with_columns(model=pl.lit("shap")))
    with pytest.raises(BadInput, match="two rows of model 'shop', group 'control'"):
        looked(state, pl.concat([table, table]))
    with pytest.raises(BadInput, match="the base of model 'a'"):
        begun(pl.DataFrame({"model": ["a"], "base": [1.5]}))


def test_discoveries_equal_the_definition_one_by_one():
    rng = np.random.default_rng(0)
    for _ in range(50):
        log_e = rng.normal(2, 3, 30)
        e, m = np.exp(log_e), 30
        largest = max((k for k in range(1, m + 1) if np.sort(e)[-k] >= m / (LEVEL * k)), default=0)
        expected = e >= np.sort(e)[-largest] if largest else np.zeros(m, bool)

        assert discovered(log_e, LEVEL).tolist() == expected.tolist()
    assert discovered(np.array([]), LEVEL).tolist() == []
    assert discovered(np.array([np.nan, 100.0]), LEVEL).tolist() == [False, True]


def test_a_sequence_of_intervals_rarely_ever_leaves_the_effect_out():
    """Skewed revenue, most of it nothing, looked at every 100 customers from 500 on."""
    rng = np.random.default_rng(2)
    tests, looks, size = 1000, 60, 100
    shape = (looks, tests, 2, size)
    spent = rng.lognormal(1, 0.7, shape) * (rng.random(shape) < 0.3)
    total, squares = spent.sum(3).cumsum(0), (spent**2).sum(3).cumsum(0)
    n = np.arange(1, looks + 1)[:, None, None] * float(size)
    mean = total / n
    variance = ((squares - n * mean**2) / (n - 1) / n).sum(2)
    effect = mean[..., 1] - mean[..., 0]
    log_e, margin = mixture(effect, variance, 2 * n[..., 0], LEVEL, 5000)
    left = (np.abs(effect) > margin)[4:].any(0).mean()

    assert left <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / tests)
    assert (np.abs(effect) > 1.96 * np.sqrt(variance))[4:].any(0).mean() > 0.2
    # The sequence leaves 0 out exactly where the e-value reaches 1 / level.
    assert ((np.abs(effect) > margin) == (log_e > np.log(1 / LEVEL))).all()


def test_revenue_is_compared_over_the_fleet_with_reasons():
    rng = np.random.default_rng(4)
    rows = []
    for name, gain, n in (("more", 1.0, 4000), ("same", 0.0, 4000), ("few", 5.0, 20)):
        for group, shift in (("control", 0.0), ("treatment", gain)):
            spent = rng.exponential(5 + shift, n)
            rows.append((name, group, n, spent.sum(), (spent**2).sum()))
    rows += [("flat", group, 100, 100.0, 100.0) for group in ("control", "treatment")]
    rows += [("odd", group, 100, float("nan"), 100.0) for group in ("control", "treatment")]
    rows += [("one", "control", 100, 10.0, 100.0)]
    sums = pl.DataFrame(rows, ["model", "group", "n", "total", "squares"], orient="row")
    found = {row["model"]: row for row in compared(sums).to_dicts()}

    assert {name: row["verdict"] for name, row in found.items()} == {
        "more": "treatment",
        **dict.fromkeys(("few", "flat", "odd", "one", "same"), "undecided"),
    }
    assert found["more"]["lower"] > 0 > found["same"]["lower"]
    assert found["few"]["reason"] == found["one"]["reason"] == "fewer than 50 customers in a group"
    assert found["flat"]["reason"] == "all numbers are alike"
    assert found["odd"]["reason"] == "a sum is not finite"
    assert found["odd"]["e_value"] is None
