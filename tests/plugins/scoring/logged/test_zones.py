"""Windows are of the clock of the column's zone, and labels of the time that is asked about."""

from datetime import UTC, datetime

import polars as pl
import pytest

from .runs import only

HOW = {"truth": "was", "prediction": "said", "timestamp": "at"}


def hours(first, many, zone):
    """Rows an hour apart, from local midnight on, in a column of a zone."""
    start = pl.Series([first]).dt.replace_time_zone(zone).dt.convert_time_zone("UTC")
    at = pl.select(pl.lit(start).first() + pl.duration(hours=pl.int_range(many))).to_series()
    return pl.DataFrame({"at": at.dt.convert_time_zone(zone)}).with_columns(was=1, said=1)


def windows(run):
    rows = run.results().filter(metric="accuracy").sort("window_start")
    return list(rows.select("window", "n").iter_rows()), rows


def naive(rows):
    return rows.with_columns(pl.col("at").dt.replace_time_zone(None))


def test_r8_two_local_days_are_two_windows(logged):
    rows = hours(datetime(2024, 6, 1), 48, "Europe/Paris")
    aware, kept = windows(logged(rows, metrics=["accuracy"], window="1d", **HOW))
    how = {**HOW, "zone": "Europe/Paris"}
    named, also = windows(logged(naive(rows), metrics=["accuracy"], window="1d", **how))

    assert aware == named == [("2024-06-01", 24), ("2024-06-02", 24)]
    assert kept["window_start"][0] == datetime(2024, 5, 31, 22, tzinfo=UTC)
    assert also["window_end"][1] == datetime(2024, 6, 2, 22, tzinfo=UTC)
    assert kept["whole"].to_list() == also["whole"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("day", "many"), [(datetime(2024, 3, 31), 23), (datetime(2024, 10, 27), 25)]
)
def test_a_day_of_23_or_25_hours_is_a_day(logged, day, many):
    rows = hours(day, many + 24, "Europe/Paris")
    found, kept = windows(logged(rows, metrics=["accuracy"], window="1d", **HOW))

    assert [n for _, n in found] == [many, 24]
    assert kept["whole"].to_list() == [True, True]


def test_a_long_day_without_its_last_hour_is_not_whole(logged):
    rows = hours(datetime(2024, 10, 25), 24 + 24 + 21, "Europe/Paris")
    _, kept = windows(logged(rows, metrics=["accuracy"], window="1d", **HOW))

    assert kept["whole"].to_list() == [True, True, False]


def test_hours_that_the_clock_showed_twice_or_skipped_are_counted(logged, capsys):
    day = [datetime(2024, 10, 27, hour, 30) for hour in range(24)]
    skipped = [datetime(2024, 3, 31, 2, 30)]
    rows = pl.DataFrame({"at": day + skipped}).with_columns(was=1, said=1)
    run = logged(rows, metrics=["accuracy"], window="1d", **HOW, zone="Europe/Paris")
    told = run.summary["left_out"]["unclear"]

    assert windows(run)[0] == [("2024-03-31", 1), ("2024-10-27", 24)]
    assert (told["rows"], told["models"]) == (2, 1)
    assert told["told"].startswith("2 rows of 1 model are of an hour that the clock showed twice")


def test_r9_rows_and_labels_later_than_the_time_asked_about_do_not_count(logged):
    """400 rows, half of whose labels are known in March 2025; they are in the same table."""
    known = [datetime(2024, 3, 1), datetime(2025, 3, 1)] * 200
    rows = pl.DataFrame({"id": range(400), "at": [datetime(2024, 1, 1)] * 400, "known": known})
    rows = rows.with_columns(was=1, said=1)
    log = {"prediction": "said", "id": "id", "timestamp": "at", "label_delay": "30d"}
    of_labels = {"truth": "was", "id": "id", "timestamp": "known"}
    run = logged(rows, labels=(rows, of_labels), metrics=["accuracy"], at="2024-06-01", **log)

    assert only(run)["n"] == 200


def test_a_row_later_than_the_time_asked_about_takes_no_other_place(logged):
    rows = {
        "id": [1, 1, 2],
        "at": [datetime(2024, 1, 1), datetime(2025, 1, 1), datetime(2025, 1, 1)],
        "was": [1, 0, 1],
        "said": [1, 1, 1],
    }
    then = only(logged(rows, metrics=["accuracy"], at="2024-06-01", id="id", **HOW))
    now = only(logged(rows, metrics=["accuracy"], id="id", **HOW))

    assert (then["n"], then["value"], then["immature"]) == (1, 1.0, 2)
    assert (now["n"], now["value"], now["duplicates"]) == (2, 0.5, 1)


def test_labels_are_known_by_the_clock_of_their_zone(logged):
    rows = {"id": [1], "said": [1]}
    labels = {"id": [1], "was": [1], "known": [datetime(2024, 6, 1, 1)]}
    of_labels = {"truth": "was", "id": "id", "timestamp": "known", "zone": "Europe/Paris"}
    how = {"prediction": "said", "id": "id", "metrics": ["accuracy"]}
    run = logged(rows, labels=(labels, of_labels), at="2024-06-01 00:00", **how)

    assert only(run)["n"] == 1


def test_models_of_different_zones_have_windows_of_their_own_clock(empty, tmp_path):
    places = {"paris": "Europe/Paris", "lima": "America/Lima"}
    empty.register([{"model": model, "version": "1"} for model in places])
    for model, zone in places.items():
        url = tmp_path / f"{model}.parquet"
        naive(hours(datetime(2024, 6, 1), 48, zone)).write_parquet(url)
        how = {**HOW, "zone": zone, "model": model, "role": "holdout", "url": str(url)}
        empty.bind([how])
    run = empty.evaluate(metrics=["accuracy"], window="1d")
    rows = run.results().filter(metric="accuracy").sort("model", "window")

    assert rows["window"].to_list() == ["2024-06-01", "2024-06-02"] * 2
    assert rows["n"].to_list() == [24] * 4
    assert rows["window_start"].dt.hour().to_list() == [5, 5, 22, 22]
    assert rows["whole"].all()
