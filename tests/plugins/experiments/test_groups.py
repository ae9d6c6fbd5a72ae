"""Test groups are fixed by name, balanced, and independent between experiments."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest, chi2_contingency, chisquare, kstest

from argosy.errors import BadInput
from argosy_experiments.groups import group, hashed, ratio_mismatch

MASK = 2**64 - 1


def one_by_one(texts, salt):
    """The hash, written out: FNV-1a from the state before, then MurmurHash3's finaliser."""
    state = 0xCBF29CE484222325
    for text in (salt, *texts):
        for letter in text.encode():
            state = (state ^ letter) * 0x100000001B3 & MASK
        state = (state ^ state >> 33) * 0xFF51AFD7ED558CCD & MASK
        state = (state ^ state >> 33) * 0xC4CEB9FE1A85EC53 & MASK
        state ^= state >> 33
    return state


def customers(many, models=1):
    return pl.DataFrame({"model": [f"shop{i}" for i in range(models)]}).join(
        pl.DataFrame({"customer": [f"c{i}" for i in range(many)]}), how="cross"
    )


def test_hashes_equal_the_definition_in_any_script_and_wherever_a_column_was_cut():
    texts = pl.Series(["", "ann", "Jürgen", "顧客", "a" * 300])
    other = pl.Series(["x", "", "y", "z", "顧"])
    expected = [one_by_one(pair, "salt") for pair in zip(texts, other, strict=True)]

    assert hashed([texts, other], "salt").tolist() == expected
    assert hashed([texts[2:], other[2:]], "salt").tolist() == expected[2:]
    split = pl.concat([texts[:2], texts[2:]], rechunk=False)
    assert hashed([split, other], "salt").tolist() == expected
    assert hashed([pl.Series([], dtype=pl.String)], "salt").tolist() == []


def test_groups_stay_what_they_were_when_this_was_written():
    """A changed hash would make every customer of every running experiment switch."""
    table = pl.DataFrame({"model": "shop", "customer": [f"c{i}" for i in range(8)]})

    assert table.select(group("golden")).to_series().to_list() == GOLDEN


def test_a_customers_group_depends_on_no_other_row():
    table = customers(2000, 3).with_columns(group("lists"))
    shuffled = table.drop("group").sample(fraction=0.3, shuffle=True, seed=1)
    again = shuffled.lazy().with_columns(group("lists")).collect()

    assert again.join(table, on=["model", "customer", "group"], how="anti").is_empty()


def test_groups_are_balanced_in_every_experiment():
    """The p-values of 300 experiments of three unequal groups are as uniform as they should be."""
    table = customers(3000)
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    p_values = []
    for number in range(300):
        counted = table.select(group(f"e{number}", shares)).to_series().value_counts()
        sizes = dict(counted.rows())
        p_values.append(chisquare([sizes[name] for name in shares], [1500, 900, 600]).pvalue)

    assert kstest(p_values, "uniform").pvalue > 0.001


def test_experiments_cut_across_each_other():
    """And so do the models of one: the same name at two shops is two customers."""
    table = customers(3000, 2)
    p_values = []
    for number in range(150):
        both = table.with_columns(
            one=group(f"e{number}") == "control", two=group(f"e{number + 1}") == "control"
        )
        crossed = both.group_by("one", "two").len().sort("one", "two")["len"].to_numpy()
        p_values.append(chi2_contingency(crossed.reshape(2, 2), correction=False).pvalue)
        halves = [both.filter(model=f"shop{k}")["one"].to_numpy() for k in (0, 1)]
        agree = int((halves[0] == halves[1]).sum())
        p_values.append(binomtest(agree, 3000).pvalue)

    assert kstest(p_values, "uniform").pvalue > 0.001


def test_nobody_leaves_a_group_when_the_last_one_grows():
    small = customers(5000).with_columns(group("ramp", {"control": 0.5, "treatment": 0.01}))
    large = customers(5000).with_columns(group("ramp", {"control": 0.5, "treatment": 0.5}))
    kept = small.filter(pl.col("group").is_not_null())

    assert kept.join(large, on=["model", "customer", "group"], how="anti").is_empty()
    assert small["group"].null_count() == pytest.approx(2450, abs=150)
    assert large["group"].null_count() == 0


@pytest.mark.parametrize("shares", [{}, {"a": 0.0}, {"a": 0.7, "b": 0.7}, {"a": float("nan")}])
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(BadInput, match="experiment 'e'"):
        group("e", shares)


def test_a_customer_without_a_name_is_refused():
    """All of them would be in one group."""
    table = pl.DataFrame({"model": "shop", "customer": ["ann", None]})

    with pytest.raises((BadInput, pl.exceptions.ComputeError), match="1 rows have no customer"):
        table.select(group("e"))


def test_a_mismatch_of_groups_equals_the_chi_squared_test_and_is_adjusted_over_the_fleet():
    rng = np.random.default_rng(6)
    left = rng.binomial(1000, 0.5, 200)
    left[0] = 620
    counts = pl.concat(
        pl.DataFrame({"model": [f"m{i:03}" for i in range(200)], "group": name, "n": n})
        for name, n in (("control", left), ("treatment", 1000 - left))
    )
    found = ratio_mismatch(counts)
    expected = chisquare(np.stack([left, 1000 - left])).pvalue

    assert found["p_value"].to_numpy() == pytest.approx(expected)
    assert found.filter(pl.col("q_value") < 0.05)["model"].to_list() == ["m000"]


def test_a_model_without_customers_has_no_mismatch_and_a_missing_group_has():
    counts = pl.DataFrame({"model": ["a", "b"], "group": ["control", "control"], "n": [0, 40]})
    found = ratio_mismatch(counts)

    assert found["p_value"][0] is None
    assert found["p_value"][1] == pytest.approx(chisquare([40, 0]).pvalue)


GOLDEN = [
    "treatment",
    "control",
    "control",
    "control",
    "treatment",
    "treatment",
    "treatment",
    "treatment",
]
