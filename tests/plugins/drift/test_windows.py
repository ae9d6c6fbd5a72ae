"""Windows, segments, baselines, and the rules that alerts are held to."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, UnknownName
from argosy_drift.baselines import baseline, counterparts
from argosy_rows.periods import of_period, starts

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def logged(days, models=("a", "b"), each=60, moves=()):
    """Rows of every model and day; on `moves` (model, first day) the column x has moved by 2."""
    generator = np.random.default_rng(5)
    moved = dict(moves)
    return pl.concat(
        pl.DataFrame(
            {
                "client": [model] * each,
                "at": [START + timedelta(days=day, minutes=minute) for minute in range(each)],
                "x": generator.normal(2.0 * (day >= moved.get(model, days)), 1, each),
                "y": generator.normal(size=each),
                "region": ["eu", "us"] * (each // 2),
                "batch": [f"batch {day // 2}"] * each,
            }
        )
        for model in models
        for day in range(days)
    )


@pytest.fixture
def store(tmp_path):
    """Make a fleet of some rows, its reference being four weeks of the same kind."""

    def make(current, reference=None):
        reference = logged(28) if reference is None else reference
        reference.write_parquet(tmp_path / "reference.parquet")
        current.write_parquet(tmp_path / "current.parquet")
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        models = sorted(set(current["client"]))
        tiers = list(range(1, len(models) + 1))
        fleet.register(
            pl.DataFrame({"model": models, "version": ["1"] * len(models), "tier": tiers})
        )
        fleet.bind(
            [
                {
                    "role": role,
                    "url": str(tmp_path / f"{role}.parquet"),
                    "key": "client",
                    "timestamp": "at",
                    "segments": ["region", "batch"],
                }
                for role in ("reference", "current")
            ]
        )
        return fleet

    return make


def alerts(run, *columns):
    """Where x moved; y never did, and one column in twenty of a drifting model may alert."""
    found = run.results().filter(pl.col("column") != "y", status="drift").select(columns).unique()
    return found.sort(columns).rows()


def test_each_day_is_judged_by_itself(store):
    fleet = store(logged(10, moves=[("b", 7)]))
    run = fleet.check_drift(window="1d")

    assert run.results()["window"].n_unique() == 10
    assert alerts(run, "model", "column", "window") == [
        ("b", "x", "2026-03-09"),
        ("b", "x", "2026-03-10"),
        ("b", "x", "2026-03-11"),
    ]
    row = run.results().filter(window="2026-03-09").row(0, named=True)
    assert row["window_start"] == datetime(2026, 3, 9, tzinfo=UTC)
    assert row["window_end"] == datetime(2026, 3, 10, tzinfo=UTC)


def test_the_verdict_is_of_the_newest_window(store):
    current = logged(10, moves=[("b", 7)])
    gone = store(current.filter((pl.col("client") != "b") | (pl.col("at") < START + timedelta(6))))
    gone.check_drift(window="1d")

    assert gone.verdicts().select("model", "drifted", "window").rows() == [
        ("a", False, "2026-03-11"),
        ("b", False, "2026-03-07"),
    ]


def test_windows_of_rows_and_of_partitions(store):
    fleet = store(logged(4, moves=[("b", 2)]))
    by_count = fleet.check_drift(window="120 rows")
    by_batch = fleet.check_drift(window="by batch")

    assert alerts(by_count, "model", "column", "window") == [
        ("b", "x", "rows 000000121 to 000000240")
    ]
    assert alerts(by_batch, "model", "column", "window") == [("b", "x", "batch 1")]


def test_weeks_agree_with_rows_chosen_by_hand(store, tmp_path):
    """A window's statistic is that of its rows alone."""
    from scipy import stats

    fleet = store(logged(14))
    row = fleet.check_drift(window="1w").results()
    row = row.filter(model="a", column="y", detector="ks", window="2026-03-09").row(0, named=True)
    reference = pl.read_parquet(tmp_path / "reference.parquet").filter(client="a")["y"]
    week = logged(14).filter(pl.col("client") == "a", pl.col("at") >= START + timedelta(7))["y"]

    assert row["n_cur"] == 7 * 60
    assert row["statistic"] == pytest.approx(stats.ks_2samp(reference, week).statistic, abs=1e-12)


def test_a_rolling_baseline_sees_the_step_and_then_gets_used_to_it(store):
    fleet = store(logged(10, moves=[("b", 5)]))
    run = fleet.check_drift(window="1d", against="rolling 3")
    days = [day for _, day in alerts(run, "model", "window")]

    assert days[0] == "2026-03-07"
    assert "2026-03-11" not in days
    assert set(run.results()["window"]) == {f"2026-03-{day:02}" for day in range(5, 12)}
    assert run.results().filter(pl.col("n_ref") != 180).is_empty()


def test_a_seasonal_baseline_compares_the_same_weekday(store):
    """Sundays differ from other days, which is no drift."""
    sunday = pl.when(pl.col("at").dt.weekday() == 7).then(5.0).otherwise(0.0)
    fleet = store(logged(14).with_columns(x=pl.col("x") + sunday))

    assert alerts(fleet.check_drift(window="1d"), "column", "window") == [
        ("x", "2026-03-08"),
        ("x", "2026-03-15"),
    ]
    seasonal = fleet.check_drift(window="1d", against="seasonal 1w", rules=[{"level": 0.01}])
    assert alerts(seasonal, "column", "window") == []
    assert set(seasonal.results()["window"]) == {f"2026-03-{day:02}" for day in range(9, 16)}


def test_a_segment_that_moved_is_named(store):
    """The half of the rows that moved hides in the whole less than in itself."""
    moved = pl.when((pl.col("client") == "b") & (pl.col("region") == "us")).then(0.8).otherwise(0)
    fleet = store(logged(10).with_columns(x=pl.col("x") + moved))
    run = fleet.check_drift(segments=["region", "CASE WHEN y > 99 THEN 'high' ELSE 'low' END"])

    found = alerts(run, "model", "column", "segment_key", "segment_value")
    assert ("b", "x", "region", "us") in found
    assert ("b", "x", "region", "eu") not in found
    assert {row[0] for row in found} == {"b"}
    assert "where region is us" in fleet.verdicts().filter("drifted")["reason"].item()


def test_segments_are_profiled_too(store, tmp_path):
    fleet = store(logged(4))
    first = fleet.check_drift(segments=["region"]).results()
    (tmp_path / "reference.parquet").unlink()
    again = fleet.check_drift(segments=["region"]).results()

    keys = ["model", "segment_key", "segment_value", "column", "detector"]
    told = [*keys, "statistic", "n_ref", "n_cur"]
    assert first.select(told).sort(keys).equals(again.select(told).sort(keys))


def test_few_rows_in_a_window_are_insufficient(store):
    fleet = store(logged(2, each=10))
    run = fleet.check_drift(window="1d")

    assert set(run.results()["status"]) == {"insufficient"}
    assert fleet.verdicts()["reason"].unique().to_list() == [
        "'x' could not be judged: only 1680 reference and 10 current rows; 20 are needed"
        " (and 1 more column)"
    ]


def test_rows_without_a_time_belong_to_no_window(store):
    current = logged(2).with_columns(
        at=pl.when(pl.col("y") > 0.5).then(None).otherwise(pl.col("at"))
    )
    run = store(current).check_drift(window="1d")

    assert run.results()["window"].null_count() == 0
    assert run.results()["window"].n_unique() == 2


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"window": "fortnight"}, "give a period such as"),
        ({"window": "1d", "against": "yesterday"}, "rolling 4"),
        ({"against": "rolling 3"}, "say which, such as '1d'"),
        ({"window": "100 rows", "against": "seasonal 1w"}, "windows of time"),
        ({"window": "1d", "against": "rolling 0"}, "cannot compare with"),
        ({"segments": ["SELECT FROM"]}, "is no SQL expression"),
        ({"rules": [{"level": 2}]}, "level cannot be 2"),
        ({"rules": [{"agree": [3, 2]}]}, "k not above m"),
        ({"rules": [{"floor": {}}]}, "a rule has where, level, floors, min_rows, agree"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(store, asked, told):
    fleet = store(logged(2))
    before = fleet.seq
    with pytest.raises(BadInput, match=told):
        fleet.check_drift(**asked)

    assert fleet.seq == before


def test_a_rule_for_an_unknown_detector_lists_those_installed(store):
    with pytest.raises(UnknownName, match="did you mean 'ks'"):
        store(logged(2)).check_drift(rules=[{"floors": {"kss": 0.1}}])


def test_a_window_by_time_needs_a_timestamp(fleet):
    with pytest.raises(BadInput, match="'current' names a timestamp"):
        fleet.check_drift(window="1d")


def test_rules_hold_for_the_models_that_they_select(store):
    """Model a is of tier 1, b of tier 2; both moved by 2 standard deviations."""
    fleet = store(logged(4, moves=[("a", 0), ("b", 0)]))
    assert alerts(fleet.check_drift(), "model") == [("a",), ("b",)]

    floors = dict.fromkeys(("wasserstein", "ks", "psi", "jensen_shannon", "out_of_range"), 99)
    run = fleet.check_drift(rules=[{"where": "tier = 2", "floors": floors}])
    assert alerts(run, "model") == [("a",)]
    assert set(run.results().filter(model="b", detector="ks")["threshold"]) == {99.0}

    run = fleet.check_drift(rules=[{"min_rows": 1000}, {"where": "tier = 2", "min_rows": 20}])
    assert alerts(run, "model") == [("b",)]
    assert fleet.check_drift(rules=[{"level": 1e-300}]).summary["drifted"] == 0


def test_rules_come_from_the_options(store, monkeypatch):
    monkeypatch.setenv("ARGOSY_CORE__DRIFT", '[{"where": "tier = 2", "min_rows": 100000}]')
    run = store(logged(4, moves=[("a", 0), ("b", 0)])).check_drift()

    assert alerts(run, "model") == [("a",)]


def test_two_of_three_windows_must_agree(store):
    """The first window of a drift is watched, the second alerts."""
    fleet = store(logged(10, moves=[("b", 7)]))
    run = fleet.check_drift(window="1d", rules=[{"agree": [2, 3]}])
    watched = run.results().filter(status="watch", column="x")

    assert set(watched["window"]) == {"2026-03-09"}
    assert {day for (day,) in alerts(run, "window")} == {"2026-03-10", "2026-03-11"}


def test_windows_of_earlier_runs_agree_too(store):
    fleet = store(logged(4, moves=[("b", 0)]))
    rules = [{"agree": [2, 2]}]

    assert fleet.check_drift(rules=rules).summary["drifted"] == 0
    assert fleet.verdicts().filter(model="b")["reason"].item() == (
        "no drift yet: too few of the last windows agree"
    )
    assert fleet.check_drift(rules=rules).summary["drifted"] == 1


def test_seasons_and_windows_before_go_by_the_clock_and_by_instants():
    """On Sunday the clock was put forward in Paris; the hour 02:00 came twice in October."""
    hours = pl.datetime_range(
        datetime(2024, 3, 29), datetime(2024, 4, 5), "1h", time_zone="UTC", eager=True
    )
    spring = cut_in_paris(hours, "1d")
    autumn = cut_in_paris(
        pl.datetime_range(
            datetime(2024, 10, 26, 23), datetime(2024, 10, 27, 2), "1h", time_zone="UTC", eager=True
        ),
        "1h",
    )
    week = counterparts(spring, baseline("seasonal 4d", "1d")).sort("window")
    before = counterparts(autumn, baseline("rolling 1", "1h")).sort("window_start")

    assert week.select("window", "of").rows() == [
        ("2024-04-02", "2024-03-29"),
        ("2024-04-03", "2024-03-30"),
        ("2024-04-04", "2024-03-31"),
        ("2024-04-05", "2024-04-01"),
    ]
    assert before.select("window", "of").rows() == [
        ("2024-10-27 02:00", "2024-10-27 01:00"),
        ("2024-10-27 02:00 +01:00", "2024-10-27 02:00"),
        ("2024-10-27 03:00", "2024-10-27 02:00 +01:00"),
    ]


def cut_in_paris(times, window):
    rows = pl.DataFrame({"t": times.dt.cast_time_unit("us")}).with_columns(model=pl.lit("a"))
    rows = rows.with_columns(start=starts(pl.col("t"), window, "Europe/Paris"))
    labels = of_period(pl.col("start"), window, "Europe/Paris")
    return rows.select("model", segment=pl.lit(None, pl.String), **labels)
