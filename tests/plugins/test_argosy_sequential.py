"""The detectors through windows agree with River's, name the window, and meet the suite."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from argosy.testing.courses import course_table
from argosy.testing.detectors import DetectorSuite
from argosy_sequential import adwin, page_hinkley
from argosy_sequential.adwin import cuts
from argosy_sequential.page_hinkley import strays

RECORDED = json.loads(Path(__file__).with_name("sequential").joinpath("recorded.json").read_text())
STREAMS = RECORDED["answers"]
BOTH = [adwin, page_hinkley]


def course(means, rows=200, reference=2000, seed=1, kind="numeric", missing=()):
    """A reference of mean 0, and one window per mean; some windows miss a share of values."""
    generator = np.random.default_rng(seed)
    windows = [generator.normal(mean, 1, rows) for mean in means]
    for place, share in missing:
        windows[place][generator.random(rows) < share] = np.nan
    return course_table([(generator.normal(0, 1, reference), windows)], kind)


def shares(shares, rows=300, reference=2000, seed=1):
    """A column of which a share is the category 1, and the rest 2 or 3."""
    generator = np.random.default_rng(seed)

    def drawn(share, size):
        others = generator.integers(2, 4, size)
        return np.where(generator.random(size) < share, 1, others)

    windows = [drawn(share, rows) for share in shares]
    return course_table([(drawn(shares[0], reference), windows)], "categorical")


class TestAdwin(DetectorSuite):
    name = "adwin"
    sees = "missing"
    strong = 1e-4

    @pytest.mark.parametrize("stream", STREAMS)
    def test_the_p_value_is_the_smallest_delta_at_which_rivers_cuts(self, stream):
        """River stops at the first cut, and looks again after every value."""
        values = np.array(STREAMS[stream]["stream"])
        least = min(
            cuts(
                np.ones((1, end)), values[None, :end], values[None, :end].var(1), np.ones(1)
            ).p_value.item()
            for end in range(2, len(values) + 1)
        )

        assert least == pytest.approx(STREAMS[stream]["adwin"], rel=1e-9)


class TestPageHinkley(DetectorSuite):
    name = "page_hinkley"
    sees = "missing"
    strong = 1e-4

    @pytest.mark.parametrize("stream", STREAMS)
    def test_the_statistic_is_rivers(self, stream):
        values = np.array(STREAMS[stream]["stream"])[None]
        found = strays(np.ones(values.shape), values, np.ones(1), np.ones(1))

        rise, fall = STREAMS[stream]["page_hinkley"]
        assert abs(found.statistic.item()) == pytest.approx(max(rise, fall), rel=1e-9)
        assert (found.statistic.item() > 0) == (rise > fall)


@pytest.mark.parametrize("detector", BOTH)
class TestBoth:
    def test_the_window_with_which_a_change_began_is_named(self, detector):
        row = detector.measure(course([0.0] * 8 + [0.5] * 5)).to_pylist()[0]

        assert row["detail"] == "its mean changed with '2026-01-09'"
        assert row["effect"] == pytest.approx(0.5, abs=0.1)
        assert row["p_value"] < 1e-6

    def test_a_change_with_the_first_window_is_named(self, detector):
        row = detector.measure(course([0.5] * 6)).to_pylist()[0]

        assert row["detail"] == "its mean changed with '2026-01-01'"

    def test_a_slow_trend_is_found(self, detector):
        """No window differs from its neighbours by more than chance."""
        row = detector.measure(course(np.linspace(0, 0.8, 25))).to_pylist()[0]

        assert row["p_value"] < 1e-6

    def test_weekdays_are_no_change(self, detector):
        """Windows that vary more than their rows explain, always in the same way."""
        week = [0.0, 0.1, 0.0, -0.1, 0.1, 0.8, 0.9]
        table = course((week * 5)[:33], reference=10)
        row = detector.measure(table).to_pylist()[0]

        assert row["p_value"] > 0.05

    def test_a_growing_share_of_missing_values_is_found(self, detector):
        missing = [(place, 0.3) for place in range(6, 10)]
        row = detector.measure(course([0.0] * 10, missing=missing)).to_pylist()[0]

        assert row["detail"] == "its share of missing values changed with '2026-01-07'"
        assert row["effect"] == pytest.approx(0.6, abs=0.1)

    def test_a_category_that_becomes_rare_is_named(self, detector):
        row = detector.measure(shares([0.6] * 5 + [0.3] * 4)).to_pylist()[0]

        assert row["detail"] == "its share of '1' changed with '2026-01-06'"
        assert row["effect"] == pytest.approx(0.6, abs=0.1)

    def test_a_fall_is_as_clear_as_a_rise(self, detector):
        up, down = ([0.0] * 8 + [sign * 0.5] * 5 for sign in (1, -1))
        rows = [detector.measure(course(means, seed=7)).to_pylist()[0] for means in (up, down)]

        assert rows[0]["statistic"] > 0 > rows[1]["statistic"]
        assert {row["p_value"] < 1e-6 for row in rows} == {True}

    def test_a_rare_event_in_the_last_window_is_no_proof(self, detector):
        """Three rows of two thousand may well fall together."""
        table = course([0.0] * 10, rows=100, reference=1000, missing=[(9, 0.03)])
        assert 1 <= table["null_cur"][0].as_py() <= 5
        assert detector.measure(table)["p_value"][0].as_py() > 0.01

    def test_heavy_tails_raise_no_alarm(self, detector):
        generator = np.random.default_rng(11)
        table = course_table(
            [
                (generator.lognormal(0, 1.5, 500), list(generator.lognormal(0, 1.5, (12, 40))))
                for _ in range(400)
            ]
        )
        found = np.array(detector.measure(table)["p_value"])

        assert (found < 0.01).mean() <= 0.01

    def test_windows_without_rows_change_nothing(self, detector):
        generator = np.random.default_rng(12)
        some = list(generator.normal(0, 1, (4, 50))) + list(generator.normal(1, 1, (4, 50)))
        reference = generator.normal(0, 1, 300)
        table = course_table([(reference, some), (reference, [[], *some[:4], [], *some[4:], []])])
        rows = detector.measure(table).to_pylist()

        assert rows[0]["p_value"] == pytest.approx(rows[1]["p_value"], rel=1e-9)
        assert rows[0]["detail"] == "its mean changed with '2026-01-05'"
        assert rows[1]["detail"] == "its mean changed with '2026-01-07'"


def days(*places):
    return [f"'2026-01-{place:02}'" for place in places]


@pytest.mark.parametrize("module", BOTH)
@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([0.0] * 6 + [1.0] * 6, days(7)),
        ([0.0] * 5 + [1.0] * 5 + [0.0] * 5, days(6, 11)),
        ([0.0] * 4 + [1.0] * 4 + [2.0] * 4 + [0.0] * 4, days(5, 9, 13)),
        ([0.0] * 12, []),
    ],
    ids=["one", "there and back", "three", "none"],
)
def test_every_change_is_told(module, means, expected):
    detail = module.measure(course(means))["detail"][0].as_py()

    *others, last = expected or [None]
    told = f"its mean changed with {f'{chr(44)} '.join(others)}{' and ' if others else ''}{last}"
    assert detail == (told if expected else None)


@pytest.mark.parametrize("module", BOTH)
def test_changes_are_the_same_whatever_else_is_asked(module):
    tables = [course(means, seed=seed) for seed, means in enumerate(([0.0, 1, 1, 0, 0], [0.0] * 9))]
    together = module.measure(pa.concat_tables(tables))["detail"].to_pylist()

    assert together == [module.measure(table)["detail"][0].as_py() for table in tables]


@pytest.mark.parametrize("module", BOTH)
def test_one_change_is_seldom_called_two(module):
    many = sum(
        " and " in module.measure(course([0.0] * 6 + [0.5] * 6, seed=seed))["detail"][0].as_py()
        for seed in range(40)
    )

    assert many <= 4
