"""Awkward data: every column has a defined answer, and none costs another column or model its own.

Two models, `odd` and `other`, share one table that has the column under test, `x`, beside an
ordinary one, `plain`. Two more, `calm` and `moved`, share another table; `moved` has drifted.
"""

from decimal import Decimal
from functools import partial

import numpy as np
import polars as pl
import pytest
from scipy import stats

import argosy

NUMERIC = {"ks", "psi", "jensen_shannon", "wasserstein", "out_of_range", "nulls"}
CATEGORICAL = {"chi_squared", "psi", "jensen_shannon", "l_infinity", "unseen", "vanished", "nulls"}
FLAT = "the reference does not vary, so nothing measures the distance"
FAR = "infinite values are infinitely far apart"
INFINITY, NAN = float("inf"), float("nan")
ROLES = ("reference", "current")


def tables(column, before, after):
    """Make the table of `odd` and `other` for each role; without values it has no such column."""
    generator = np.random.default_rng(5)
    for role, values in zip(ROLES, (before, after), strict=True):
        rows = 60 if values is None else len(values)
        ordinary = pl.Series("plain", generator.normal(size=rows))
        own = [ordinary] if values is None else [ordinary, values.alias(column)]
        one = pl.DataFrame(own)
        yield (
            role,
            pl.concat(
                one.with_columns(pl.lit(name).alias("client key")) for name in ("odd", "other")
            ),
        )


def opened(folder, sides, features=None):
    """Open a fleet of the four models; `sides` gives the awkward table of each role."""
    names = ["odd", "other", "calm", "moved"]
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register(
        [
            {"model": name, "version": "1", **({"features": features} if place < 2 else {})}
            for place, name in enumerate(names)
        ]
    )
    generator = np.random.default_rng(6)
    bindings = []
    for role, table in sides:
        shift = 3.0 if role == "current" else 0.0
        sound = pl.DataFrame(
            {
                "client key": ["calm"] * 60 + ["moved"] * 60,
                "plain": generator.normal(size=120) + np.repeat([0.0, shift], 60),
            }
        )
        for models, rows, file in ((names[:2], table, "odd"), (names[2:], sound, "sound")):
            url = str(folder / f"{file} {role}.parquet")
            rows.write_parquet(url)
            binding = {"role": role, "url": url, "key": "client key"}
            bindings += [{**binding, "model": name} for name in models]
    fleet.bind(bindings)
    return fleet


def told(folder, before, after, column="x", declared=None):
    """Check drift; return the rows of the awkward column, having looked at everything else."""
    kinds = {"plain": "numeric", column: declared}
    features = [{"name": name, "role": "feature", "type": kind} for name, kind in kinds.items()]
    fleet = opened(folder, tables(column, before, after), declared and features)
    run = fleet.check_drift()
    rows = run.results()

    assert run.failures().is_empty()
    assert set(NUMERIC) == set(rows.filter(model="odd", column="plain")["detector"])
    assert "drift" not in rows.filter(pl.col("model") != "moved", column="plain")["status"]
    verdicts = dict(fleet.verdicts().select("model", "drifted").rows())
    assert (False, True) == (verdicts["calm"], verdicts["moved"])
    rows = rows.filter(pl.col("column") == column).select(pl.exclude("version"))
    same = ["detector", "status", "reason", "statistic", "p_value"]
    odd, other = (rows.filter(model=name).select(same).sort(same) for name in ("odd", "other"))
    assert odd.equals(other)
    drifted = "drift" in odd["status"]
    assert (drifted, drifted) == (verdicts["odd"], verdicts["other"])
    return rows.filter(model="odd")


def answers(rows):
    """Return what was answered, a status or the reason for another than `ok`, and by whom."""
    found = rows.select("detector", answer=pl.coalesce("reason", "status"))
    return {
        answer: set(part["detector"])
        for (answer,), part in found.partition_by("answer", as_dict=True).items()
    }


def are_equal(rows, detectors):
    """Whether every one of the detectors found no difference at all."""
    none = rows.filter(pl.col("effect").abs() < 1e-9, pl.col("p_value") == 1.0, status="ok")
    return detectors == set(none["detector"]) == set(rows["detector"])


def texts(*values):
    return pl.Series(list(values) * (60 // len(values)), dtype=pl.String)


def floats(*values):
    return pl.Series(list(values) * (60 // len(values)), dtype=pl.Float64)


# Two samples of whole numbers from 0 to 99, as the values of every type

BEFORE = pl.Series(np.random.default_rng(1).integers(0, 60, 60))
AFTER = pl.Series(np.random.default_rng(2).integers(40, 100, 60))


def times(values, factor=1, plus=0, dtype=pl.Int64):
    return pl.Series([value * factor + plus for value in values], dtype=dtype)


TYPES = {
    "int8": partial(times, dtype=pl.Int8),
    "int32 up to its limits, which wraps when summed": partial(
        times, factor=43_383_508, plus=-(2**31), dtype=pl.Int32
    ),
    "int64 beyond what a float holds": partial(times, factor=2**56, plus=2**60 + 1, dtype=pl.Int64),
    "int128 beyond those of int64": partial(times, factor=2**80, dtype=pl.Int128),
    "uint64 from 2**63": partial(times, factor=2**56, plus=2**63, dtype=pl.UInt64),
    "float32": partial(times, dtype=pl.Float32),
    "floats of 300 digits": partial(times, factor=1e300, dtype=pl.Float64),
    "floats of 300 decimals": partial(times, factor=1e-300, dtype=pl.Float64),
    "decimal": lambda values: pl.Series([Decimal(value) / 100 for value in values]),
    "decimal of 38 digits": partial(times, factor=10**30, dtype=pl.Decimal(38, 0)),
    "date": lambda values: times(values, dtype=pl.Int32).cast(pl.Date),
    "datetime": lambda values: times(values, 10**9).cast(pl.Datetime("us")),
    "datetime of nanoseconds": lambda values: times(values, 10**16).cast(pl.Datetime("ns")),
    "datetime of a zone": lambda values: (
        times(values, 10**9).cast(pl.Datetime("ms")).dt.replace_time_zone("Europe/Berlin")
    ),
    "duration": lambda values: times(values, 10**9).cast(pl.Duration("us")),
    "time of day": lambda values: times(values, 10**9).cast(pl.Time),
}


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


LEVELS = ["no", "perhaps", "yes"]
WORDS = {
    "text": texts,
    "text in any script": lambda *values: texts(*values).replace({"no": "n\u00e3o 不 \U0001f600"}),
    "empty text": lambda *values: texts(*values).replace({"no": ""}),
    "text with a null character": lambda *values: texts(*values).replace({"no": "\0"}),
    "categorical": lambda *values: texts(*values).cast(pl.Categorical),
    "enum": lambda *values: texts(*values).cast(pl.Enum(LEVELS)),
    "bytes that are text": lambda *values: texts(*values).cast(pl.Binary),
    "bytes that are no text": lambda *values: (
        texts(*values).cast(pl.Binary).replace(b"no", b"\xff\xfe")
    ),
    "boolean": lambda *values: texts(*values) == "no",
}


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


NORMAL = pl.Series(np.random.default_rng(3).normal(size=60))
NOTHING = floats(None)
UNTYPED = pl.Series([None] * 60, dtype=pl.Null)
NO_REFERENCE, NO_CURRENT = "no reference values", "no current values"
VALUES = {
    "a constant": (floats(4.0), floats(4.0), {"ok": NUMERIC}),
    "zeros of either sign": (floats(0.0), floats(-0.0), {"ok": NUMERIC}),
    "a constant that takes another value": (
        floats(4.0),
        floats(5.0),
        {
            "drift": {"ks", "out_of_range"},
            "ok": {"psi", "jensen_shannon", "nulls"},
            FLAT: {"wasserstein"},
        },
    ),
    "a constant that varies now": (
        floats(0.0),
        NORMAL,
        {
            "drift": {"ks", "out_of_range"},
            "ok": {"psi", "jensen_shannon", "nulls"},
            FLAT: {"wasserstein"},
        },
    ),
    "values that are constant now": (
        NORMAL,
        floats(0.0),
        {
            "drift": {"ks", "psi", "jensen_shannon", "wasserstein"},
            "ok": {"out_of_range", "nulls"},
        },
    ),
    "nulls on both sides": (NOTHING, NOTHING, {"ok": {"nulls"}, NO_REFERENCE: NUMERIC - {"nulls"}}),
    "values that are null now": (
        NORMAL,
        NOTHING,
        {"drift": {"nulls"}, NO_CURRENT: NUMERIC - {"nulls"}},
    ),
    "values that are null now, without a type": (
        NORMAL,
        UNTYPED,
        {"drift": {"nulls"}, NO_CURRENT: NUMERIC - {"nulls"}},
    ),
    "text that is null now, without a type": (
        texts("a", "b"),
        UNTYPED,
        {"drift": {"nulls"}, NO_CURRENT: CATEGORICAL - {"nulls"}},
    ),
    "nulls that are values now": (
        NOTHING,
        NORMAL,
        {"drift": {"nulls"}, NO_REFERENCE: NUMERIC - {"nulls"}},
    ),
    "values that are NaN now": (
        NORMAL,
        floats(NAN),
        {"drift": {"nulls"}, NO_CURRENT: NUMERIC - {"nulls"}},
    ),
    "NaN that are values now": (
        floats(NAN),
        NORMAL,
        {"drift": {"nulls"}, NO_REFERENCE: NUMERIC - {"nulls"}},
    ),
    "null where NaN was": (
        floats(NAN, 1.0, 2.0),
        floats(None, 1.0, 2.0),
        {"ok": NUMERIC},
    ),
    "infinities on both sides": (
        floats(-INFINITY, 0.0, INFINITY),
        floats(-INFINITY, 0.0, INFINITY),
        {"ok": NUMERIC},
    ),
    "nothing but infinity": (floats(INFINITY), floats(INFINITY), {"ok": NUMERIC}),
    "infinities that are new": (
        floats(1.0, 2.0, 3.0, 4.0),
        floats(-INFINITY, INFINITY),
        {
            "drift": {"ks", "psi", "jensen_shannon", "out_of_range"},
            "ok": {"nulls"},
            FAR: {"wasserstein"},
        },
    ),
    "infinities that are gone": (
        floats(-INFINITY, INFINITY),
        floats(2.0, 3.0),
        {
            "drift": {"ks", "psi", "jensen_shannon"},
            "ok": {"nulls", "out_of_range"},
            FAR: {"wasserstein"},
        },
    ),
    "one infinity for another": (
        floats(-INFINITY),
        floats(INFINITY),
        {
            "drift": {"ks", "out_of_range"},
            "ok": {"psi", "jensen_shannon", "nulls"},
            FAR: {"wasserstein"},
        },
    ),
    "one category": (texts("a"), texts("a"), {"ok": CATEGORICAL}),
    "one category for another": (
        texts("a"),
        texts("b"),
        {"drift": CATEGORICAL - {"nulls"}, "ok": {"nulls"}},
    ),
    "a boolean that is always true now": (
        pl.Series([True, False] * 30),
        pl.Series([True] * 60),
        {"drift": CATEGORICAL - {"nulls", "unseen"}, "ok": {"nulls", "unseen"}},
    ),
}


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
