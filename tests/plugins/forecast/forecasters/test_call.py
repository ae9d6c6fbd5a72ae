"""Tables that do not fit together are refused, naming the series."""

import datetime as dt

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import BadInput
from argosy_forecast.forecasters.call import read

from .drawn_load import HOUR, asked, load, rows, series_table


@pytest.fixture
def values():
    return load(3, 4)


def changed(table, **columns):
    return pl.DataFrame(table).with_columns(**columns).to_arrow()


def test_arrays_are_those_of_the_tables(values):
    values[1, 5] = np.nan
    heat = np.arange(values.size, dtype=float).reshape(values.shape)
    later = np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]])
    call = read(
        series_table(3, holidays=["US", None, "DE"]),
        rows(values, heat=heat),
        asked(3, values.shape[1], [2, 3], heat=later),
    )

    assert ("node 0", "node 1", "node 2") == call.names
    assert ("US", "", "DE") == call.countries
    assert (HOUR, 24, 0) == (call.step, call.day, call.delay)
    assert [2, 3] == call.leads.tolist()
    assert np.array_equal(values, call.values, equal_nan=True)
    assert np.array_equal(heat, call.past["heat"])
    assert np.array_equal(later, call.ahead["heat"], equal_nan=True)


def test_the_delay_is_what_no_series_knows(values):
    values[:, -3:] = np.nan
    values[0, -9:] = np.nan

    assert 3 == read(series_table(3), rows(values)).delay


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.slice(1), "history has 287 rows, which are no whole number for 3 series"),
        (
            lambda t: pa.concat_tables([t.slice(96), t.slice(0, 96)]),
            "series after series, as the table of series does; 'node 1' stands elsewhere",
        ),
        (
            lambda t: changed(t, series=pl.col("series").str.replace("node 2", "stranger")),
            "'stranger' stands elsewhere",
        ),
        (
            lambda t: changed(
                t,
                time=pl.when(pl.col("series") == "node 1")
                .then(pl.col("time").dt.offset_by("1h"))
                .otherwise("time"),
            ),
            "history of 'node 1' has other times than that of 'node 0'",
        ),
        (
            lambda t: (
                pl.DataFrame(t)
                .filter(pl.col("time") != dt.datetime(2023, 1, 2, 5, tzinfo=dt.UTC))
                .to_arrow()
            ),
            "the times of history must be one step apart; 2023-01-02T06:00:00",
        ),
    ],
)
def test_a_history_that_does_not_fit_is_refused(values, change, message):
    with pytest.raises(BadInput) as caught:
        read(series_table(3), change(rows(values)))

    assert message in str(caught.value)


def test_times_that_lie_in_the_past_are_not_asked_of(values):
    with pytest.raises(BadInput, match="must lie whole steps after the last time of the history"):
        read(series_table(3), rows(values), asked(3, values.shape[1], [0, 1]))


def test_one_time_is_no_history(values):
    with pytest.raises(BadInput, match="needs two times or more"):
        read(series_table(3), rows(values[:, :1]))
