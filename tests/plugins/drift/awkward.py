"""Awkward columns, opened as a fleet and checked, and what was told of them.

Two models, `odd` and `other`, share one table that has the column under test, `x`, beside an
ordinary one, `plain`. Two more, `calm` and `moved`, share another table; `moved` has drifted.
"""

from decimal import Decimal
from functools import partial

import numpy as np
import polars as pl

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
    judged = not set(rows["status"]).isdisjoint({"ok", "drift"}) or rows.is_empty()
    drifted = "drift" in odd["status"] if judged else None
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
