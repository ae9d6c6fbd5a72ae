"""Columns of any type: compared as plain values are, or failed alone with the reason."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from .awkward import (
    AFTER,
    BEFORE,
    CATEGORICAL,
    LEVELS,
    NUMERIC,
    TYPES,
    WORDS,
    answers,
    are_equal,
    texts,
    told,
)


@pytest.mark.parametrize("made", TYPES.values(), ids=TYPES)
def test_a_number_or_time_of_any_type_is_compared_as_the_plain_numbers_are(made, tmp_path):
    """No statistic depends on the unit, so none may depend on how values are stored."""
    rows = told(tmp_path, made(BEFORE), made(AFTER))
    ks = stats.ks_2samp(BEFORE, AFTER).statistic
    distance = stats.wasserstein_distance(BEFORE, AFTER) / np.std(BEFORE.to_numpy())

    assert {"ok": {"nulls"}, "drift": NUMERIC - {"nulls"}} == answers(rows)
    effects = dict(rows.select("detector", "effect").rows())
    assert ks == pytest.approx(effects["ks"], abs=1e-12)
    assert distance == pytest.approx(effects["wasserstein"], rel=1e-6)


@pytest.mark.parametrize("made", TYPES.values(), ids=TYPES)
def test_a_number_or_time_of_any_type_equals_itself(made, tmp_path):
    assert are_equal(told(tmp_path, made(BEFORE), made(BEFORE)[::-1]), NUMERIC)


@pytest.mark.parametrize("made", WORDS.values(), ids=WORDS)
def test_categories_of_any_type_are_counted(made, tmp_path):
    rows = told(tmp_path, made("no", "yes"), made("no", "no", "no", "yes"))
    expected = stats.chi2_contingency([[30, 30], [45, 15]], correction=False)
    row = rows.filter(detector="chi_squared").row(0, named=True)

    assert set(rows["detector"]) == CATEGORICAL
    assert expected.statistic == pytest.approx(row["statistic"], rel=1e-12)
    assert expected.pvalue == pytest.approx(row["p_value"], rel=1e-9)


@pytest.mark.parametrize("made", WORDS.values(), ids=WORDS)
def test_categories_of_any_type_equal_themselves(made, tmp_path):
    assert are_equal(told(tmp_path, made("no", "yes"), made("yes", "no")), CATEGORICAL)


RETYPED = {
    "int64 to int8": (BEFORE, BEFORE.cast(pl.Int8)),
    "integers to floats": (BEFORE, BEFORE.cast(pl.Float64)),
    "float32 to float64": (BEFORE.cast(pl.Float32), BEFORE.cast(pl.Float64)),
    "integers to decimals": (BEFORE, BEFORE.cast(pl.Decimal(10, 3))),
    "decimals to finer ones": (BEFORE.cast(pl.Decimal(9, 1)), BEFORE.cast(pl.Decimal(20, 5))),
    "ones and zeros to booleans": (pl.Series([1, 0] * 30), pl.Series([True, False] * 30)),
    "one time zone to another": (
        TYPES["datetime of a zone"](BEFORE),
        TYPES["datetime of a zone"](BEFORE).dt.convert_time_zone("Asia/Tokyo"),
    ),
    "text to categorical": (texts(*LEVELS), WORDS["categorical"](*LEVELS)),
    "categorical to text": (WORDS["categorical"](*LEVELS), texts(*LEVELS)),
    "an enum to one in another order": (
        WORDS["enum"](*LEVELS),
        texts(*LEVELS).cast(pl.Enum(LEVELS[::-1])),
    ),
    "numbers as text to numbers": (BEFORE.cast(pl.String), BEFORE),
    "milliseconds to microseconds": (
        TYPES["datetime"](BEFORE).cast(pl.Datetime("ms")),
        TYPES["datetime"](BEFORE),
    ),
    "a duration to a finer one": (
        TYPES["duration"](BEFORE).cast(pl.Duration("ms")),
        TYPES["duration"](BEFORE),
    ),
    "dates to midnights": (TYPES["date"](BEFORE), TYPES["date"](BEFORE).cast(pl.Datetime("us"))),
}


@pytest.mark.parametrize("sides", RETYPED.values(), ids=RETYPED)
def test_a_type_that_holds_the_same_values_is_no_drift(sides, tmp_path):
    detectors = NUMERIC if sides[0].dtype.is_numeric() or sides[0].dtype.is_temporal() else None

    assert are_equal(told(tmp_path, *sides), detectors or CATEGORICAL)


CURRENT = "the current column 'x' is {} where numbers are expected"
UNFIT = {
    "numbers that come as text": (BEFORE, BEFORE.cast(pl.String), CURRENT.format("String")),
    "some numbers that come as text": (BEFORE, texts("1", "2", "n/a"), CURRENT.format("String")),
    "dates that come as text": (
        TYPES["date"](BEFORE),
        TYPES["date"](BEFORE).cast(pl.String),
        "the current column 'x' is String where times are expected",
    ),
    "numbers that come as categories": (
        BEFORE,
        BEFORE.cast(pl.String).cast(pl.Categorical),
        CURRENT.format("Categorical"),
    ),
    "numbers that come in lists": (
        BEFORE,
        pl.Series([[1, 2]] * 60),
        "the current column 'x' is List(Int64), which cannot be compared",
    ),
    "lists that become numbers": (
        pl.Series([[1, 2]] * 60),
        BEFORE,
        "the reference column 'x' is List(Int64), which cannot be compared",
    ),
    "text that comes in a struct": (
        texts("a", "b"),
        pl.Series([{"a": 1}] * 60),
        "the current column 'x' is Struct({'a': Int64}), which cannot be compared",
    ),
    "an array": (
        pl.Series([[1, 2]] * 60, dtype=pl.Array(pl.Int64, 2)),
        BEFORE,
        "the reference column 'x' is Array(Int64, shape=(2,)), which cannot be compared",
    ),
    "a column that is missing": (BEFORE, None, "the current data has no column 'x'"),
    "dates that become numbers": (
        TYPES["date"](BEFORE),
        BEFORE,
        "the current column 'x' is Int64 where times are expected",
    ),
    "numbers that become dates": (
        BEFORE,
        TYPES["date"](BEFORE),
        CURRENT.format("Date"),
    ),
}


@pytest.mark.parametrize(("before", "after", "reason"), UNFIT.values(), ids=UNFIT)
def test_a_column_that_cannot_be_compared_fails_alone_with_its_reason(
    before, after, reason, tmp_path
):
    rows = told(tmp_path, before, after)

    assert [("failed", reason)] == rows.select("status", "reason").rows()


def test_lists_on_both_sides_fail_with_the_reference_first(tmp_path):
    rows = told(tmp_path, pl.Series([[1]] * 60), pl.Series([[1]] * 60))

    assert {"failed"} == set(rows["status"])
    assert "the reference column 'x' is List(Int64)" in rows["reason"][0]


def test_a_column_that_the_reference_lacks_is_no_feature(tmp_path):
    """A model was not taught on it, so nothing says what it should look like."""
    assert not (told(tmp_path, None, BEFORE)["status"] == "drift").any()


def test_a_declared_column_that_both_sides_lack_is_told(tmp_path):
    rows = told(tmp_path, None, None, declared="numeric")

    assert "the reference data has no column 'x'" == rows["reason"][0]
    assert {"failed"} == set(rows["status"])
