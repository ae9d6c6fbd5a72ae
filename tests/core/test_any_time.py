"""Times are understood in every type and spelling, or a model says what its own are not."""

import inspect
import json
import math
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from pydantic import ValidationError

import argosy
from argosy.errors import BadInput, RowsRefused
from argosy.plugins import installed
from argosy_cli.main import run
from argosy_experiments.exposures.credit import credited

TRUTH = {"t": [0, 1] * 24, "p": [0, 1] * 24, "x": [float(number) for number in range(48)]}
HOURS = [datetime(2024, 1, 9) + timedelta(hours=12 * number) for number in range(48)]
"""From 9 January to 1 February."""


@pytest.fixture
def fleet(tmp_path):
    return argosy.open(str(tmp_path / "fleet"), create=True)


@pytest.fixture
def bound(fleet, tmp_path):
    """Bind a file of each model's own times; as `holdout`, and as both sides of a drift check."""

    def bind(times, suffix="parquet", roles=("holdout",), **binding):
        fleet.register({"model": list(times), "version": ["1"] * len(times)})
        rows = []
        for model, values in times.items():
            path = tmp_path / f"{model}.{suffix}"
            frame = pl.DataFrame(TRUTH).head(len(values)).with_columns(at=pl.Series(values))
            getattr(frame, f"write_{suffix}")(path)
            rows += [
                {"role": role, "model": model, "url": str(path), "truth": "t", "prediction": "p"}
                | {"timestamp": "at"}
                | binding
                for role in roles
            ]
        fleet.bind(rows)
        return fleet

    return bind


def windows(run, model="m"):
    found = run.results().filter(model=model).select("window", "n", "status")
    return found.sort("window").rows()


def reasons(run):
    return dict(run.failures().select("model", "reason").iter_rows())


@pytest.mark.parametrize("verb", ["evaluate", "check_drift"])
@pytest.mark.parametrize(
    "far", [datetime(9999, 12, 31, 23), datetime(1, 1, 1), datetime(1969, 12, 31)]
)
def test_f02_a_far_date_ends_no_run(bound, verb, far):
    """Many databases write `for ever` as the end of the year 9999."""
    day = [datetime(2024, 1, 1) + timedelta(hours=number) for number in range(48)]
    fleet = bound(
        {"odd": [*day[:-1], far], "sound": day}, roles=("holdout", "reference", "current")
    )
    run = getattr(fleet, verb)(window="1d")
    found = run.results().select("model", "window", "window_start", "window_end").unique()

    assert run.failures().is_empty()
    assert f"{far:%Y-%m-%d}".zfill(10) in found.filter(model="odd")["window"].to_list()
    assert found.filter(model="sound")["window"].sort().to_list() == ["2024-01-01", "2024-01-02"]
    assert len(found.rows()) == found.height  # which are Python's own times
    assert [1] == fleet.runs().collect().select(pl.len())["len"].to_list()


@pytest.mark.parametrize(
    "point",
    [
        "2999-01-01T12:00:00+01:00",
        "2999-01-01 12:00 +0100",
        datetime(2999, 1, 1, tzinfo=timezone(timedelta(hours=9))),
        datetime(2999, 1, 1),
        date(2999, 1, 1),
        1,
        "1",
    ],
    ids=str,
)
def test_f06_times_with_an_offset_are_points_of_the_past(fleet, tmp_path, point, capsys):
    fleet.register({"model": ["a"], "version": ["1"]})
    told = str(point) if not isinstance(point, date) else point.isoformat()
    run(["--fleet", str(tmp_path / "fleet"), "--json", "--as-of", told, "models"])

    assert 1 == fleet.as_of(point).models().collect().height
    assert ["a"] == [row["model"] for row in json.loads(capsys.readouterr().out)]


def test_f06_an_evaluation_is_asked_at_a_time_with_an_offset(bound):
    """What is later in Berlin is later in London, too."""
    fleet = bound({"m": HOURS})
    run = fleet.evaluate(metrics=["accuracy"], at="2024-01-10T01:00:00+01:00")

    assert [3] == run.results()["n"].to_list()  # 9 January at 0 and 12, and the 10th at 0


JOBS = {
    ("evaluate", "at"),
    ("drift", "at"),
    ("backtest", "until"),
    ("forecast", "origin"),
    ("forecast", "deadline"),
    ("reconcile", "origin"),
}
"""The parameters of jobs that take a point in time."""


def asked_of(kind, name):
    needed = {"hierarchy": "grid"} if kind == "reconcile" else {}
    request = installed().jobs[kind].load().request
    return lambda point: request.model_validate({**needed, name: point})


def credit(point):
    shown = {"model": "s", "version": "1", "customer": "a", "at": HOURS[0], "items": [["x"]]}
    sold = {"model": "s", "customer": "a", "item": ["x"], "at": HOURS[1]}
    return credited(pl.DataFrame(shown), pl.DataFrame(sold), until=point)


TAKERS = {f"{kind} {name}": asked_of(kind, name) for kind, name in sorted(JOBS)}
TAKERS["credited"] = credit
"""What takes a point in time, beside `as_of`, which takes the number of a change too."""


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("point", ["2026-11-01T12:00+01:00", HOURS[0], date(2026, 1, 1)], ids=type)
def test_every_parameter_that_takes_a_time_takes_it_in_every_form(taker, point):
    TAKERS[taker](point)


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("point", ["soon", "01/09/2024", 1704067200, math.nan, True, b"2026-01-01"])
def test_every_parameter_that_takes_a_time_refuses_what_is_none(taker, point):
    """Seconds, or milliseconds? Nobody guesses."""
    with pytest.raises((BadInput, ValidationError), match="as a time; write 2026-11-01T12"):
        TAKERS[taker](point)


def test_every_parameter_that_takes_a_time_is_known_here():
    """One that reads it otherwise would refuse what others take."""
    jobs = {
        (kind, name)
        for kind, job in installed().jobs.items()
        for name, field in job.load().request.model_fields.items()
        if "date" in str(field.annotation)
    }
    verbs = {
        (name, parameter)
        for name, verb in inspect.getmembers(argosy.Fleet, inspect.isfunction)
        for parameter, known in inspect.signature(verb).parameters.items()
        if "date" in str(known.annotation)
    }

    assert jobs == JOBS
    assert {("as_of", "point"), ("check_drift", "at"), ("evaluate", "at")} == verbs


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_f08_the_month_first_is_the_month(bound, suffix):
    fleet = bound({"m": [at.strftime("%m/%d/%Y %H:%M") for at in HOURS]}, suffix)
    run = fleet.evaluate(metrics=["accuracy"], window="1mo")

    assert [("2024-01-01", 46, "ok"), ("2024-02-01", 2, "ok")] == windows(run)


def test_f08_each_model_is_read_by_its_own_file(bound):
    """Six files are read in one pass, and each has its own way to write the same times."""
    forms = ["%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M", "%d-%m-%Y %H:%M"]
    times = {f"m{place}": [at.strftime(form) for at in HOURS] for place, form in enumerate(forms)}
    fleet = bound(times | {"open": ["01/02/2024 00:00"] * 48})
    run = fleet.evaluate(metrics=["accuracy"], window="1mo")

    assert ["open"] == list(reasons(run))
    assert "no value shows whether day or month comes first" in reasons(run)["open"]
    for model in times:
        assert [("2024-01-01", 46, "ok"), ("2024-02-01", 2, "ok")] == windows(run, model)


def test_f08_a_table_that_models_share_is_one_column(fleet, tmp_path):
    """The 31st of another model shows how the column is written, whichever of them is asked for."""
    frames = [
        pl.DataFrame(TRUTH).head(2).with_columns(model=pl.lit(name), at=pl.Series(times))
        for name, times in {"a": ["01/02/2024", "02/02/2024"], "b": ["31/01/2024"] * 2}.items()
    ]
    pl.concat(frames).write_parquet(tmp_path / "d.parquet")
    fleet.register({"model": ["a", "b"], "version": ["1", "1"]})
    binding = {"role": "holdout", "url": str(tmp_path / "d.parquet"), "key": "model"}
    fleet.bind([binding | {"truth": "t", "prediction": "p", "timestamp": "at"}])
    run = fleet.evaluate(fleet.where("model = 'a'"), metrics=["accuracy"], window="1d")

    assert [("2024-02-01", 1, "ok"), ("2024-02-02", 1, "ok")] == windows(run, "a")


@pytest.mark.parametrize("window", [None, "1mo"])
@pytest.mark.parametrize("verb", ["evaluate", "check_drift"])
def test_f08_times_that_nothing_decides_are_refused_where_they_are_needed(bound, verb, window):
    """Without windows they say which rows hang together."""
    fleet = bound(
        {"open": ["01/02/2024"] * 48, "m": HOURS}, roles=("holdout", "reference", "current")
    )
    if verb == "evaluate":
        run = fleet.evaluate(metrics=["accuracy"], window=window)
    else:
        run = fleet.check_drift(window=window)

    assert ["open"] == list(reasons(run))
    assert "bind it with timestamp_format '%d/%m/%Y' or '%m/%d/%Y'" in reasons(run)["open"]


def test_f08_the_format_of_the_binding_decides(bound):
    fleet = bound({"m": ["01/02/2024"] * 48}, timestamp_format="%m/%d/%Y")
    run = fleet.evaluate(metrics=["accuracy"], window="1d")

    assert [("2024-01-02", 48, "ok")] == windows(run)


@pytest.mark.parametrize(
    ("values", "form", "window"),
    [
        (["20240109"] * 48, None, "2024-01-09"),
        (["2024-01-09 00:00 +0100"] * 48, None, "2024-01-08"),
        ([20240109] * 48, "%Y%m%d", "2024-01-09"),
        ([1704758400] * 48, "epoch:s", "2024-01-09"),
        (["1704758400000"] * 48, "epoch:ms", "2024-01-09"),
    ],
)
def test_f16_times_that_are_understood(bound, values, form, window):
    run = bound({"m": values}, timestamp_format=form).evaluate(metrics=["accuracy"], window="1d")

    assert [(window, 48, "ok")] == windows(run)


def test_f16_what_is_no_time_is_named_with_its_first_value(bound):
    fleet = bound({"m": HOURS, "odd": ["soon", *["1704067200"] * 47]})
    run = fleet.evaluate(metrics=["accuracy"], window="1d")

    assert ["odd"] == list(reasons(run))
    assert "no time of column 'at' is understood (first value 'soon')" in reasons(run)["odd"]


def test_f16_a_row_whose_time_is_not_understood_is_counted(bound):
    fleet = bound({"m": [*(at.isoformat() for at in HOURS[:47]), "soon"]})
    run = fleet.evaluate(metrics=["accuracy"], window="1y")

    assert "1 row of 1 model has no time" in run.summary["left_out"]["untimed"]["told"]


@pytest.mark.parametrize("window", ["0d", "0mo", "1w2d", "5000y", "99999999999999999999d"])
def test_f16_windows_that_cut_nothing_are_refused(bound, window):
    with pytest.raises(BadInput, match="cannot cut windows by"):
        bound({"m": HOURS}).evaluate(metrics=["accuracy"], window=window)


@pytest.mark.parametrize(
    ("read", "noticed"),
    [
        (pl.Datetime("ms"), None),
        (pl.Datetime("us"), "times in January or February 1970 only"),
        (pl.Datetime("ns"), "times in January or February 1970 only"),
    ],
)
def test_a_unit_that_is_too_small_is_noticed(bound, read, noticed):
    """Milliseconds that are read as microseconds end in January 1970, all of them."""
    counted = pl.Series(HOURS).dt.epoch("ms").cast(read)
    run = bound({"m": counted}).evaluate(metrics=["accuracy"], window="1w")
    early = run.summary["left_out"].get("early", {"told": None})["told"]

    assert (early is None) == (noticed is None)
    assert noticed is None or noticed in early
    assert 48 == run.results()["n"].sum()


@pytest.mark.parametrize(("count", "read"), [("ns", "us"), ("us", "ms"), ("ns", "ms")])
def test_a_unit_that_is_too_large_is_noticed(bound, count, read):
    """They would be of the year 55,000, or none that the engine knows."""
    counted = pl.Series(HOURS).dt.epoch(count).cast(pl.Datetime(read))
    run = bound({"m": counted}).evaluate(metrics=["accuracy"], window="1w")

    assert "outside of the years 1 to 9999" in reasons(run)["m"]


def test_days_are_those_of_the_zone_of_the_column(bound):
    """xagent#1256: midnight is where the column says, not in London."""
    berlin = pl.Series([datetime(2024, 7, 1), datetime(2024, 7, 1, 23)] * 24)
    fleet = bound({"m": berlin.dt.replace_time_zone("Europe/Berlin")})
    run = fleet.evaluate(metrics=["accuracy"], window="1d")

    assert [("2024-07-01", 48, "ok")] == windows(run)
    start = datetime(2024, 6, 30, 22, tzinfo=UTC)
    assert [start] == run.results()["window_start"].to_list()


@pytest.mark.parametrize(
    ("binding", "fault"),
    [
        ({"timestamp_format": "%d/%m"}, "does not say year, month and day"),
        ({"timestamp_format": "%d/%m/%Y", "timestamp": None}, "timestamp_format but no timestamp"),
        ({"label_delay": "99999999999d"}, "is no period such as 30d or 6h"),
    ],
)
def test_a_binding_says_how_times_are_read_or_is_refused(bound, binding, fault):
    with pytest.raises(RowsRefused, match=fault):
        bound({"m": HOURS}, **binding)


@pytest.mark.parametrize("period", ["99999999999d", "5000y", "0d", "soon"])
def test_a_period_that_facts_cannot_be_kept_for_is_refused(fleet, period):
    with pytest.raises(BadInput, match="cannot keep facts for"):
        fleet.maintain(keep_facts=period)


@pytest.mark.parametrize("number", [math.nan, 1e12])
def test_a_number_that_is_no_time_to_keep_is_refused(fleet, number):
    fleet.register({"model": ["a"], "version": ["1"]})
    with pytest.raises(BadInput, match="cannot keep deleted models for"):
        fleet.delete({"model": ["a"]}, keep_days=number)
    with pytest.raises(BadInput, match="cannot keep files for"):
        fleet.maintain(keep_hours=number)
