from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.datasets import MODEL
from argosy.data.left_out import collecting
from argosy.errors import BadInput
from argosy.registry.bindings import COLUMN_FIELDS
from argosy_forecast.grid import grids

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000
ZERO = int(START.timestamp() * 1e6)
BINDING = {
    **dict.fromkeys((*COLUMN_FIELDS, "zone", "timestamp_format", "available_at")),
    "url": "loads",
    "timestamp": "ts",
    "truth": "mw",
    "frequency": "1h",
}


def rows_of(hours, values, model="a", **more):
    times = [START + timedelta(hours=hour) for hour in hours]
    return pl.DataFrame({MODEL: model, "ts": times, "mw": values, **more})


def known(grid, hour, columns=None):
    stop = grid.times if columns is None else columns
    return grid.known(ZERO + hour * HOUR, 0, stop).values.tolist()


def test_a_value_is_known_from_its_time_on():
    (grid,) = grids(rows_of([0, 1, 3], [1.0, 2.0, 4.0]), BINDING)
    assert np.isnan(grid.latest(0, 4).values).tolist() == [[False, False, True, False]]
    assert known(grid, 1, 2) == [[1.0, 2.0]]
    assert np.isnan(known(grid, 1)).tolist() == [[False, False, True, True]]


def test_a_lag_delays_what_is_known():
    (grid,) = grids(rows_of([0, 1], [1.0, 2.0]), {**BINDING, "available_at": "2h"})
    assert np.isnan(known(grid, 2)).tolist() == [[False, True]]
    assert known(grid, 3) == [[1.0, 2.0]]


def test_a_correction_replaces_what_was_known_once_it_is_available():
    rows = rows_of([0, 0, 1], [1.0, 9.0, 2.0], sent=[START, START + timedelta(hours=5), START])
    (grid,) = grids(rows, {**BINDING, "available_at": "sent"})
    assert known(grid, 4) == [[1.0, 2.0]]
    assert known(grid, 5) == [[9.0, 2.0]]
    assert grid.latest(0, 2).values.tolist() == [[9.0, 2.0]]
    assert grid.latest(0, 2).known.tolist() == [[ZERO + 5 * HOUR, ZERO]]


def test_a_correction_may_say_that_nothing_is_known_after_all():
    rows = rows_of([0, 0, 1], [1.0, None, 2.0], sent=[START, START + timedelta(hours=5), START])
    (grid,) = grids(rows, {**BINDING, "available_at": "sent"})
    assert np.isnan(known(grid, 5)).tolist() == [[True, False]]


def test_a_row_that_was_never_sent_is_never_known():
    rows = rows_of([0, 1], [1.0, 2.0], sent=[START, None])
    (grid,) = grids(rows, {**BINDING, "available_at": "sent"})
    assert np.isnan(known(grid, 10**5)).tolist() == [[False, True]]


def test_times_before_and_behind_the_rows_are_empty():
    (grid,) = grids(rows_of([0, 1], [1.0, 2.0]), BINDING)
    found = grid.latest(-2, 4).values
    assert np.isnan(found).tolist() == [[True, True, False, False, True, True]]
    assert np.isnan(grid.latest(5, 7).values).all()


def test_rows_between_steps_are_left_out_and_counted():
    with collecting() as left_out:
        (grid,) = grids(rows_of([0, 1, 1.5, 2], [1.0, 2.0, 7.0, 3.0]), BINDING)
    assert grid.latest(0, 3).values.tolist() == [[1.0, 2.0, 3.0]]
    assert left_out.told()["off_grid"]["rows"] == 1


def test_series_on_other_steps_lie_on_a_grid_of_their_own():
    rows = pl.concat([rows_of([0, 1], [1.0, 2.0]), rows_of([0.5, 1.5], [3.0, 4.0], model="b")])
    found = {grid.names[0]: grid.latest(0, 2).values.tolist() for grid in grids(rows, BINDING)}
    assert found == {"a": [[1.0, 2.0]], "b": [[3.0, 4.0]]}


def test_a_day_of_the_clock_is_one_step_however_long_it_is():
    days = [datetime(2024, 3, day, tzinfo=UTC) - timedelta(hours=day <= 31) for day in (29, 30, 31)]
    days.append(datetime(2024, 3, 31, 22, tzinfo=UTC))  # midnight in Paris, 23 hours later
    rows = pl.DataFrame({MODEL: "a", "ts": days, "mw": [1.0, 2.0, 3.0, 4.0]})
    (grid,) = grids(rows, {**BINDING, "frequency": "1d", "zone": "Europe/Paris"})
    assert grid.clock == "UTC"  # the column names a zone of its own
    local = rows.with_columns(pl.col("ts").dt.convert_time_zone("Europe/Paris"))
    (grid,) = grids(local, {**BINDING, "frequency": "1d"})
    assert grid.times == 4
    assert grid.latest(0, 4).values.tolist() == [[1.0, 2.0, 3.0, 4.0]]


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        ({"frequency": None}, "names no frequency"),
        ({"truth": None}, "names no truth"),
        ({"frequency": "1mo"}, "has no one length"),
        ({"truth": "text"}, "a series holds numbers"),
        ({"truth": "absent"}, "there is no column 'absent'"),
    ],
)
def test_what_is_no_series_is_refused(binding, told):
    rows = rows_of([0, 1], [1.0, 2.0], text=["x", "y"])
    with pytest.raises(BadInput, match=told):
        grids(rows, {**BINDING, **binding})


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 20), st.floats(-5, 5)), min_size=1, max_size=40
    ),
    st.integers(0, 20),
)
def test_only_what_was_available_by_then_is_known(rows, origin):
    """The newest row of each time that was available, of those alike the last."""
    hours, sent, values = (list(column) for column in zip(*rows, strict=True))
    told = rows_of(hours, values, sent=[START + timedelta(hours=hour) for hour in sent])
    (grid,) = grids(told, {**BINDING, "available_at": "sent"})
    first = min(hours)
    expected = {}
    for hour, when, value in sorted(rows, key=lambda row: row[1]):
        if when <= origin:
            expected[hour - first] = value
    found = known(grid, origin)[0]
    assert {place: one for place, one in enumerate(found) if not np.isnan(one)} == expected
