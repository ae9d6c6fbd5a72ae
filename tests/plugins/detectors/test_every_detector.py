"""Every detector answers odd columns, and stays quiet on clean ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import argosy_detectors
from argosy.testing.detectors import DetectorSuite
from argosy_detectors import (
    chi_squared,
    jensen_shannon,
    ks,
    l_infinity,
    nulls,
    out_of_range,
    psi,
    wasserstein,
)
from argosy_detectors.one_sided import UNSEEN, VANISHED
from argosy_detectors.shared import taus

from .samples import (
    INFINITY,
    categorical,
    missing,
    numeric,
    quick,
    rows_of,
    some_categorical,
    some_numeric,
)

NUMERIC = tuple(
    module.DETECTOR for module in (ks, psi, jensen_shannon, wasserstein, out_of_range, nulls)
)
CATEGORICAL = (
    *(module.DETECTOR for module in (psi, jensen_shannon, chi_squared, l_infinity)),
    UNSEEN,
    VANISHED,
    nulls.DETECTOR,
)
EVERY = [
    pytest.param(one, table, id=f"{one.name}, {kind}")
    for kind, ones, table in (
        ("numeric", NUMERIC, some_numeric()),
        ("categorical", CATEGORICAL, some_categorical()),
    )
    for one in ones
]


def test_the_detectors_and_their_floors():
    """Users type these names, and alerts depend on these floors."""
    offered = argosy_detectors.argosy_detectors()
    both = {"numeric", "categorical"}

    assert {
        "ks": (0.1, {"numeric"}),
        "psi": (0.1, both),
        "jensen_shannon": (0.1, both),
        "wasserstein": (0.1, {"numeric"}),
        "chi_squared": (0.1, {"categorical"}),
        "l_infinity": (0.1, {"categorical"}),
        "unseen": (0.01, {"categorical"}),
        "vanished": (0.05, {"categorical"}),
        "nulls": (0.05, both),
        "out_of_range": (0.01, {"numeric"}),
    } == {one.name: (one.floor, one.kinds) for one in offered if one.default}


def test_the_guide_has_a_heading_for_every_detector():
    """A detector nobody can read about does not exist."""
    guide = Path(argosy_detectors.__file__).with_name("README.md").read_text("utf-8")
    headings = [line for line in guide.splitlines() if line.startswith("## ")]

    offered = [one.name for one in argosy_detectors.argosy_detectors() if one.default]

    assert {f"## {name}" for name in offered} <= set(headings)


def test_importing_the_plugin_imports_no_heavy_library():
    """Every command of the program imports every plugin."""
    code = """
        import sys, argosy
        before = set(sys.modules)
        import argosy_detectors
        new = {name.split(".")[0] for name in set(sys.modules) - before}
        assert new == {"argosy_detectors"}, new
        list(argosy_detectors.argosy_detectors())
        assert not {"scipy", "numba"} & set(sys.modules)
    """
    ran = python(code)

    assert (0, "") == (ran.returncode, ran.stderr)


def test_no_detector_imports_scipy_stats():
    """It costs a second and 50 megabytes in every worker."""
    code = """
        import sys, argosy_detectors, numpy as np, pyarrow as pa
        x = np.arange(1000.0)
        table = pa.table({
            "reference": [x, x], "current": [x + 120.0, x + 900.0], "ref_counts": [[5, 9], [2, 8]],
            "cur_counts": [[7, 7], [80, 20]], "n_ref": [9, 9], "null_ref": [1, 2],
            "n_cur": [9, 9], "null_cur": [3, 4],
        })
        numeric = table.drop(["ref_counts", "cur_counts"])
        categorical = table.drop(["reference", "current"])
        for detector in argosy_detectors.argosy_detectors():
            if detector.default:
                for kind in detector.kinds:
                    detector.measure(numeric if kind == "numeric" else categorical)
        assert "scipy.stats" not in sys.modules
    """
    ran = python(code)

    assert (0, "") == (ran.returncode, ran.stderr)


def python(code):
    lines = "\n".join(line.removeprefix(" " * 8) for line in code.splitlines())
    return subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_an_empty_table_has_an_empty_answer(detector, table):
    """A chunk may hold no column of a kind, whatever types its lists then have."""
    untyped = pa.table({name: pa.nulls(0) for name in table.column_names})
    expected = [("statistic", "double"), ("effect", "double"), ("p_value", "double")]
    expected += [("p_method", "string"), ("reason", "string")]

    for empty in (table.slice(0, 0), table.schema.empty_table(), untyped):
        found = detector.measure(empty)
        assert expected == [(field.name, str(field.type)) for field in found.schema]
        assert 0 == found.num_rows


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_how_the_rows_are_stored_changes_nothing(detector, table):
    """Slices, chunks and large lists hold the same rows."""
    expected = rows_of(detector.measure(table))
    padded = pa.concat_tables([table.slice(3, 2), table, table.slice(1, 1)])
    sliced = padded.combine_chunks().slice(2, table.num_rows)
    chunked = pa.concat_tables([table.slice(0, 7), table.slice(7, 0), table.slice(7)])
    large = table.cast(
        pa.schema(
            field.with_type(pa.large_list(field.type.value_type))
            if pa.types.is_list(field.type)
            else field
            for field in table.schema
        )
    )

    assert expected == rows_of(detector.measure(sliced))
    assert expected == rows_of(detector.measure(chunked))
    assert expected == rows_of(detector.measure(large))


@pytest.mark.parametrize(("detector", "table"), EVERY)
@quick
@given(data=st.data())
def test_each_row_is_answered_as_if_it_were_alone(detector, table, data):
    """Neither the order nor the company of the rows matters."""
    expected = rows_of(detector.measure(table))
    picked = data.draw(st.lists(st.integers(0, table.num_rows - 1), max_size=12))
    found = rows_of(detector.measure(table.take(pa.array(picked, pa.int64()))))

    for row, answer in zip(picked, found, strict=True):
        # Vectorised logarithms differ in the last digit by their place in the vector.
        assert expected[row][3:] == answer[3:]
        assert expected[row][4] or expected[row][:3] == pytest.approx(answer[:3], rel=1e-9)


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_defined_answers_are_numbers_in_range(detector, table):
    """No column, however odd, gives NaN or a probability above one."""
    for row in detector.measure(table).to_pylist():
        if row["reason"] is None:
            assert 0 <= row["p_value"] <= 1
            assert 0 <= row["effect"] < INFINITY
            assert 0 <= row["statistic"] < INFINITY
            assert row["p_method"] is not None


@pytest.mark.parametrize(
    ("detector", "table"),
    [
        *((one, numeric(([], [1]), ([1], []), ([], []))) for one in NUMERIC[:-1]),
        *(
            (one, categorical(([0, 0], [1, 2]), ([3, 1], [0, 0]), ([], [])))
            for one in CATEGORICAL[:-1]
        ),
    ],
)
def test_an_empty_side_is_undefined_and_says_which(detector, table):
    """All values may be missing; that is a matter for `nulls`."""
    reasons = ["no reference values", "no current values", "no reference values"]

    assert [(None, None, None, None, reason) for reason in reasons] == rows_of(
        detector.measure(table)
    )


@pytest.mark.parametrize("detector", NUMERIC[:-1])
def test_a_null_list_counts_as_an_empty_one(detector):
    """A join that found no rows leaves null behind."""
    table = pa.table(
        {"reference": pa.array([None, [1.0, 2.0]], pa.list_(pa.float64())), "current": [[1.0]] * 2}
    )

    assert ["no reference values", None] == detector.measure(table)["reason"].to_pylist()


def clean(n, m, rows=4000):
    """Rows of a fleet in which nothing drifts, by kind."""
    rng = np.random.default_rng(20)
    before, after = rng.normal(size=(rows, n)), rng.normal(size=(rows, m))
    shares = 1 / np.arange(1, 13) / (1 / np.arange(1, 13)).sum()
    levels = rng.multinomial(n, shares, rows), rng.multinomial(m, shares, rows)
    gaps = rng.binomial(n, 0.2, rows), rng.binomial(m, 0.2, rows)
    values = pa.table({"reference": list(np.sort(before)), "current": list(np.sort(after))})
    counts = pa.table({"ref_counts": list(levels[0]), "cur_counts": list(levels[1])})
    return values, counts, missing(*([n, x, m, y] for x, y in zip(*gaps, strict=True)))


@pytest.mark.parametrize("sizes", [(120, 120), (300, 60)])
def test_false_alarms_are_as_rare_as_the_p_value_says(sizes):
    """Thousands of clean columns are tested at once: the tail must not be too heavy."""
    values, counts, holes = clean(*sizes)
    cases = [(one, values) for one in NUMERIC[:-1]] + [(one, counts) for one in CATEGORICAL[:-1]]
    cautious = {"l_infinity", "unseen", "vanished", "out_of_range"}  # at most, by their making
    for detector, table in [*cases, (nulls.DETECTOR, holes)]:
        p = detector.measure(table)["p_value"].to_numpy()

        assert (p < 0.05).mean() < 0.06, detector.name
        assert (p < 0.001).mean() <= 0.002, detector.name
        if detector.name not in cautious:
            assert (p < 0.05).mean() > 0.02, detector.name
            assert 0.45 < p.mean() < 0.65, detector.name


class TestKs(DetectorSuite):
    name = "ks"


class TestPsi(DetectorSuite):
    name = "psi"


class TestJensenShannon(DetectorSuite):
    name = "jensen_shannon"


class TestWasserstein(DetectorSuite):
    name = "wasserstein"


class TestOutOfRange(DetectorSuite):
    name = "out_of_range"


class TestChiSquared(DetectorSuite):
    name = "chi_squared"


class TestLInfinity(DetectorSuite):
    name = "l_infinity"


class TestUnseen(DetectorSuite):
    name = "unseen"

    def test_a_strong_drift_is_seen(self):
        """The suite's moves rows between the same categories; here they get a new one."""
        row = self.answer(categorical(([90, 90, 0], [60, 60, 60]))).row(0, named=True)

        assert row["effect"] >= self.detector.floor
        assert row["p_value"] < self.strong


class TestVanished(DetectorSuite):
    name = "vanished"

    def test_a_strong_drift_is_seen(self):
        """The suite's moves rows between the same categories; here one loses all."""
        row = self.answer(categorical(([60, 60, 60], [90, 90, 0]))).row(0, named=True)

        assert row["effect"] >= self.detector.floor
        assert row["p_value"] < self.strong


class TestNulls(DetectorSuite):
    name = "nulls"
    sees = "missing"


# Rows that depend on each other


def with_tau(table, tau):
    """Say that so many rows count as one, of values and of where these are missing."""
    told = pa.array([tau] * table.num_rows, pa.float64())
    return table.append_column("tau", told).append_column("tau_nulls", told)


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_rows_that_count_for_themselves_change_no_bit(detector, table):
    told = detector.measure(table)

    for tau in (1.0, None):
        assert detector.measure(with_tau(table, tau)).equals(told)


@pytest.mark.parametrize(("detector", "table"), EVERY)
@quick
@given(tau=st.floats(1.05, 50))
def test_rows_that_count_less_have_sound_answers_and_the_same_effect(detector, table, tau):
    told, alone = detector.measure(with_tau(table, tau)), detector.measure(table)
    p_values = [p for p in told["p_value"].to_pylist() if p is not None]

    assert told["effect"].equals(alone["effect"])
    assert told["reason"].equals(alone["reason"])
    assert all(0 <= p <= 1 for p in p_values)


@pytest.mark.parametrize("detector", [*NUMERIC[:5], *CATEGORICAL[:6]], ids=lambda one: one.name)
def test_ten_rows_that_count_as_one_say_what_one_does(detector):
    """But for what the two sides have by chance of being ten times as many."""
    generator = np.random.default_rng(5)
    if detector in NUMERIC[:5]:
        before, after = (np.sort(generator.normal(size=400) * scale) for scale in (1.0, 1.4))
        few = {"reference": [before], "current": [after]}
        many = {name: [np.repeat(side, 10)] for name, (side,) in few.items()}
    else:
        few = {"ref_counts": [[200, 150, 50, 8, 0]], "cur_counts": [[180, 190, 30, 0, 9]]}
        many = {name: [[10 * count for count in side]] for name, (side,) in few.items()}

    one, ten = pa.table(few), with_tau(pa.table(many), 10.0)
    expected, found = (detector.measure(table)["p_value"][0].as_py() for table in (one, ten))

    assert np.log10(expected) == pytest.approx(np.log10(found), abs=0.45)
    assert detector.measure(pa.table(many))["p_value"][0].as_py() < found
    assert detector.dependence in ("scale", "rate")


def test_values_that_were_thinned_count_for_those_that_they_stand_for():
    """Of a million rows of which a hundred count as one, ten thousand stand for themselves."""
    lists = {"reference": [[0.0] * 50], "current": [[0.0] * 50]}
    counts = {"n_ref": [5_000], "n_cur": [5_010], "null_ref": [0], "null_cur": [10]}

    assert [4.0] == taus(with_tau(pa.table(lists | counts), 400.0)).tolist()
    assert [1.0] == taus(with_tau(pa.table(lists | counts), 40.0)).tolist()
    assert [400.0] == taus(with_tau(pa.table(lists), 400.0)).tolist()
