"""Columns of any name and declared type, side by side."""

import polars as pl
import pytest

from .awkward import (
    AFTER,
    BEFORE,
    CATEGORICAL,
    NAN,
    NO_CURRENT,
    NORMAL,
    NUMERIC,
    ROLES,
    TYPES,
    VALUES,
    WORDS,
    answers,
    are_equal,
    floats,
    opened,
    texts,
    told,
)

NAMES = [
    "a b",
    " ",
    "größe",
    "数量",
    "\U0001f600",
    "select",
    "ORDER BY",
    "a.b",
    "a/b",
    'it\'s "quoted"',
    "a,b;c",
    "{}",
    "\n",
    "None",
    "x" * 300,
    "model",
    "version",
    "column",
    "detector",
    "status",
    "category",
    "count",
    "kind",
    "values",
    "weights",
    "key",
    "place",
    "*",
    "^.*$",
]


@pytest.mark.parametrize("sides", [(BEFORE, AFTER), (texts("a", "b"), texts("b", "c"))])
def test_a_column_may_have_any_name(sides, tmp_path):
    """Spaces, scripts, words of SQL, and the names that the engine itself gives to columns."""
    keys = pl.Series("client key", ["odd"] * 60)
    run = opened(
        tmp_path,
        [
            (role, pl.DataFrame([keys, *(values.alias(name) for name in NAMES)]))
            for role, values in zip(ROLES, sides, strict=True)
        ],
    ).check_drift("model = 'odd'")
    detectors = NUMERIC if sides[0].dtype.is_numeric() else CATEGORICAL

    assert run.failures().is_empty()
    for name in NAMES:
        found = answers(run.results().filter(pl.col("column") == name))
        assert (name, {"ok": {"nulls"}, "drift": detectors - {"nulls"}}) == (name, found)


DECLARED = {
    "whole numbers as categories": (BEFORE % 3, "categorical", CATEGORICAL),
    "dates as categories": (TYPES["date"](BEFORE % 3), "categorical", CATEGORICAL),
    "booleans as numbers": (BEFORE > 30, "numeric", NUMERIC),
}


@pytest.mark.parametrize(("values", "kind", "detectors"), DECLARED.values(), ids=DECLARED)
def test_a_declared_type_decides_how_a_column_is_compared(values, kind, detectors, tmp_path):
    assert are_equal(told(tmp_path, values, values, declared=kind), detectors)


def test_awkward_columns_side_by_side_do_not_disturb_one_another(tmp_path):
    """Everything above in one table, read and measured in one pass."""
    columns = {
        **{name: made(BEFORE) for name, made in TYPES.items()},
        **{name: made("no", "yes") for name, made in WORDS.items()},
        **{name: before for name, (before, _, _) in VALUES.items()},
        "list": pl.Series([[1, 2]] * 60),
        "plain": NORMAL,
    }
    after = {
        **columns,
        **{name: values for name, (_, values, _) in VALUES.items()},
        "numbers": texts("1", "2"),
        "list": texts("a", "b"),
    }
    columns["numbers"] = BEFORE
    sides = [
        (role, pl.DataFrame(table).with_columns(pl.lit("odd").alias("client key")))
        for role, table in zip(ROLES, (columns, after), strict=True)
    ]
    run = opened(tmp_path, sides).check_drift("model = 'odd'")
    rows = run.results()

    assert set(columns) == set(rows["column"])
    assert {"list", "numbers"} == set(rows.filter(status="failed")["column"])
    for name, (_, _, expected) in VALUES.items():
        assert expected == answers(rows.filter(column=name))
    assert {"ok"} == set(rows.filter(pl.col("column").is_in([*TYPES, *WORDS]))["status"])


@pytest.mark.parametrize("dtypes", [(pl.Int64, pl.Float64), (pl.Decimal(5, 1), pl.Decimal(5, 3))])
def test_categories_are_told_apart_by_value_not_by_how_it_is_written(dtypes, tmp_path):
    """Whole numbers become floats where one is missing; 1 and 1.0 are one category."""
    before, after = (((BEFORE % 2).cast(dtype)) for dtype in dtypes)

    assert are_equal(told(tmp_path, before, after, declared="categorical"), CATEGORICAL)


def test_nan_is_missing_where_numbers_are_categories(tmp_path):
    rows = told(tmp_path, floats(1.0, 2.0), floats(NAN), declared="categorical")

    assert {"drift": {"nulls"}, NO_CURRENT: CATEGORICAL - {"nulls"}} == answers(rows)


def test_durations_may_be_categories(tmp_path):
    made = TYPES["duration"](BEFORE % 3)

    assert are_equal(told(tmp_path, made, made, declared="categorical"), CATEGORICAL)


def test_values_of_both_signs_near_the_largest_have_a_picture(tmp_path):
    """Their difference is no number."""
    rows = told(tmp_path, floats(-1.7e308, 1.7e308), floats(1.7e308))

    assert "drift" == rows.filter(detector="ks")["status"].item()


def test_names_that_are_ours_are_left_alone(tmp_path):
    """A column called like one of ours stops nothing, and is not compared."""
    rows = told(tmp_path, floats(1.0, 2.0), floats(1.0, 2.0), column="argosy_model")

    assert rows.is_empty()
