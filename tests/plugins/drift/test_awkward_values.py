"""Columns of awkward values: each has its answer, and none costs another its own."""

import numpy as np
import polars as pl
import pytest

from .awkward import (
    AFTER,
    BEFORE,
    CATEGORICAL,
    NO_REFERENCE,
    NORMAL,
    NUMERIC,
    ROLES,
    UNTYPED,
    VALUES,
    answers,
    are_equal,
    opened,
    tables,
    told,
)


@pytest.mark.parametrize(("before", "after", "expected"), VALUES.values(), ids=VALUES)
def test_awkward_values_have_their_answer(before, after, expected, tmp_path):
    rows = told(tmp_path, before, after)

    assert expected == answers(rows)
    if expected in ({"ok": NUMERIC}, {"ok": CATEGORICAL}):
        assert are_equal(rows, expected["ok"])


def test_a_column_of_nulls_without_a_type_answers_by_its_missing_share(tmp_path):
    """Nobody can tell whether it will hold numbers or text, so the detectors of either may say."""
    rows = told(tmp_path, UNTYPED, NORMAL)

    assert {"drift", NO_REFERENCE} == set(answers(rows))
    assert {"nulls"} == answers(rows)["drift"]


@pytest.mark.parametrize("side", ROLES)
def test_one_row_is_insufficient_never_a_verdict(side, tmp_path):
    lengths = {role: 1 if role == side else 60 for role in ROLES}
    rows = told(tmp_path, *(NORMAL.head(length) for length in lengths.values()))
    reason = "only {reference} reference and {current} current rows; 20 are needed"

    assert {reason.format(**lengths): NUMERIC} == answers(rows)
    assert {"insufficient"} == set(rows["status"])


@pytest.mark.parametrize("side", ROLES)
def test_an_empty_table_fails_its_models_only(side, tmp_path):
    sides = [
        (role, table.clear() if role == side else table)
        for role, table in tables("x", BEFORE, BEFORE)
    ]
    fleet = opened(tmp_path, sides)
    run = fleet.check_drift()

    assert ["odd", "other"] == run.failures()["model"].sort().to_list()
    assert run.failures()["reason"].str.contains(f"there is no {side} row of the model at").all()
    assert [("calm", False), ("moved", True), ("odd", None), ("other", None)] == (
        fleet.verdicts().select("model", "drifted").sort("model").rows()
    )


def test_repeated_rows_count_but_do_not_change_an_effect(tmp_path):
    """Ties are ordinary: ten copies of a sample have its distribution, and more weight."""
    once = told(tmp_path / "once", BEFORE[:30], AFTER[:30])
    often = told(tmp_path / "often", *(pl.concat([side[:30]] * 10) for side in (BEFORE, AFTER)))
    kept = pl.col("detector").is_in(["ks", "wasserstein", "jensen_shannon", "out_of_range"])

    assert {300} == set(often["n_ref"]) == set(often["n_cur"])
    effects = [
        dict(rows.filter(kept).select("detector", "effect").rows()) for rows in (once, often)
    ]
    assert effects[0] == pytest.approx(effects[1], abs=1e-12)


MANY = 100_000


def test_a_hundred_thousand_categories_equal_themselves(tmp_path):
    column = pl.Series([f"category {number}" for number in range(MANY)])
    rows = told(tmp_path, column, column[::-1])

    assert are_equal(rows, CATEGORICAL)
    assert {MANY} == set(rows["n_ref"])


def test_identifiers_are_new_on_every_day_and_no_drift(tmp_path):
    """All of them are unseen, which is what chance does to an identifier."""
    draws = np.random.default_rng(9).integers(0, 2**62, (2, MANY))
    rows = told(tmp_path, *(pl.Series(draw).cast(pl.String) for draw in draws))
    unseen = rows.filter(detector="unseen").row(0, named=True)

    assert 1.0 == unseen["effect"]
    assert 1.0 == pytest.approx(unseen["p_value"])
    assert {"ok": CATEGORICAL} == answers(rows)
