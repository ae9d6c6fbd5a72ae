"""What changed began when the data says, not when somebody looked."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy

FIRST = datetime(2012, 12, 1, 6, tzinfo=UTC)


def rows(mean, first=FIRST, many=300, seed=1):
    at = [first + timedelta(hours=place) for place in range(many)]
    x = np.random.default_rng(seed).normal(mean, 1, many)
    return pl.DataFrame({"at": at, "x": x, "batch": ["b1"] * (many // 2) + ["b2"] * (many // 2)})


@pytest.fixture
def fleet(tmp_path):
    """Make a fleet of one model whose rows moved, with times or without."""

    def make(current, timestamp="at"):
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        fleet.register([{"model": "a", "version": "1"}])
        for role, frame in (("reference", rows(0, seed=2)), ("current", current)):
            url = tmp_path / f"{role}.parquet"
            frame.write_parquet(url)
            fleet.bind([{"role": role, "url": str(url), "timestamp": timestamp}])
        return fleet

    return make


def onset(fleet, **how):
    fleet.check_drift(**how)
    return fleet.incidents().collect().row(0, named=True)


def test_the_onset_of_a_plain_run_is_its_first_row(fleet):
    moved = fleet(rows(2).sample(fraction=1, shuffle=True, seed=3))
    found = onset(moved)

    assert (found["onset"], found["onset_at"]) == ("2012-12-01 06:00", FIRST)
    assert moved.triage().filter(cause="drift")["since"].to_list() == [FIRST]


def test_the_onset_of_a_window_of_time_is_its_start(fleet):
    found = onset(fleet(rows(2)), window="1w")

    assert (found["onset"], found["onset_at"]) == ("2012-12-03", datetime(2012, 12, 3, tzinfo=UTC))


@pytest.mark.parametrize(("window", "name"), [("by batch", "b1"), ("150 rows", "rows 000000001")])
def test_the_onset_of_any_other_window_is_its_first_row(fleet, window, name):
    found = onset(fleet(rows(2)), window=window)

    assert found["onset"].startswith(name)
    assert found["onset_at"] == FIRST


def test_an_input_is_missing_since_the_rows_that_lack_it(fleet):
    found = onset(fleet(rows(0).drop("x")))

    assert (found["kind"], found["onset_at"]) == ("missing input", FIRST)


def test_rows_without_a_time_are_of_the_time_of_the_run(fleet):
    before = datetime.now(UTC)
    found = onset(fleet(rows(2), timestamp=None))

    assert before <= found["onset_at"] <= datetime.now(UTC)


def test_local_times_are_read_by_the_clock_of_their_zone(fleet):
    aware = rows(2).with_columns(pl.col("at").dt.convert_time_zone("Asia/Tokyo"))

    assert onset(fleet(aware))["onset_at"] == FIRST
