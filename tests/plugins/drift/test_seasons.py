"""A window is judged by what windows of its season were in earlier years, from both roles."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from scipy import stats

import argosy
from argosy.errors import BadInput
from argosy.plugins import installed
from argosy_drift.job import resolve
from argosy_drift.request import Drift

YEARS = (2021, 2022, 2023, 2024)
EACH = 60


def months(generator, models, years=(*YEARS, 2025), moved=(), shift=6.0, columns=("x",)):
    """Rows of every month: its own mean, a deviation of sd 1 in every year, and noise of sd 3.

    In `moved` models March 2025 lies `shift` deviations away.
    """
    starts = [datetime(year, month, 1, tzinfo=UTC) for year in years for month in range(1, 13)]
    starts = [start for start in starts if start < datetime(2025, 4, 1, tzinfo=UTC)]
    cells, size = len(starts), len(models) * len(starts)
    place = np.array([start.month - 1 for start in starts])
    found = {}
    for column in columns:
        usual = generator.normal(0, 10, (len(models), 12))[:, place]
        mean = usual + generator.normal(size=(len(models), cells))
        mean[np.isin(models, list(moved)), -1] += shift
        noise = generator.normal(0, 3, (size, EACH))
        found[column] = (mean.reshape(-1, 1) + noise).ravel()
    step = pl.duration(minutes=pl.int_range(pl.len()) % EACH * (28 * 1440 // EACH))
    return pl.DataFrame(
        {
            "client": np.repeat(models, cells * EACH),
            "at": pl.Series(starts, dtype=pl.Datetime("us", "UTC"))
            .to_frame()
            .select(pl.all().repeat_by(EACH).explode())
            .to_series()
            .to_list()
            * len(models),
            **found,
        }
    ).with_columns(pl.col("at") + step)


@pytest.fixture
def store(tmp_path):
    """Make a fleet of some rows in either role."""

    def make(current, reference=None, place="fleet", **fields):
        fleet = argosy.open(str(tmp_path / place), create=True)
        models = current["client"].unique().sort().to_list()
        fleet.register([{"model": model, "version": "1"} for model in models])
        bindings = []
        for role, rows in (("current", current), ("reference", reference)):
            if rows is None:
                continue
            url = tmp_path / f"{place}-{role}.parquet"
            rows.write_parquet(url)
            bindings.append(
                {"role": role, "url": str(url), "key": "client", "timestamp": "at", **fields}
            )
        fleet.bind(bindings)
        return fleet

    return make


def parted(rows, year):
    """Return the rows since a year, and those before it."""
    return rows.filter(pl.col("at").dt.year() >= year), rows.filter(pl.col("at").dt.year() < year)


def judge(fleet, window="1mo", against="seasonal 12mo", **how):
    return fleet.check_drift(window=window, against=against, **how)


def of(run, window, column="x"):
    return run.results().filter(window=window, column=column).row(0, named=True)


def test_the_sentence_says_what_the_baseline_was(store):
    rows = months(np.random.default_rng(1), ["a"], moved=["a"], shift=12)
    fleet = store(*parted(rows, 2025))
    run = judge(fleet)
    row = of(run, "2025-03-01")

    assert (row["status"], row["detector"]) == ("drift", "seasons")
    assert row["detail"] == "its mean against March of 2021, 2022, 2023 and 2024"
    assert row["n_ref"] == 4 * EACH
    assert "against March of 2021, 2022, 2023 and 2024" in fleet.verdicts()["reason"][0]
    assert set(run.results()["status"]) == {"drift", "ok"}


def test_the_numbers_are_those_of_the_definition(store):
    rows = months(np.random.default_rng(2), ["a"])
    row = of(judge(store(*parted(rows, 2024))), "2025-03-01")
    means = rows.group_by(pl.col("at").dt.truncate("1mo")).agg(pl.col("x").mean()).sort("at")
    cells = means.filter(pl.col("at") < datetime(2025, 3, 1, tzinfo=UTC))
    seasons = cells.group_by(month=pl.col("at").dt.month()).agg(
        own=pl.col("x").var(ddof=1), degrees=pl.len() - 1, mean=pl.col("x").mean()
    )
    march = seasons.filter(month=3).row(0, named=True)
    pooled = (seasons["own"] * seasons["degrees"]).sum() / seasons["degrees"].sum()
    spread = np.sqrt((6 * pooled + 3 * march["own"]) / 9)
    t = (means["x"][-1] - march["mean"]) / spread / np.sqrt(1 + 1 / 4)

    assert row["effect"] == pytest.approx(abs(means["x"][-1] - march["mean"]) / spread, rel=1e-9)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), 9), rel=1e-9)


@pytest.mark.parametrize("cut", [2022, 2023, 2024, 2025])
def test_it_does_not_matter_in_which_role_earlier_windows_are(store, cut):
    rows = months(np.random.default_rng(3), ["a", "b"])
    whole = judge(store(rows, place="whole")).results().filter(window="2025-03-01")
    parts = judge(store(*parted(rows, cut), place="parts")).results().filter(window="2025-03-01")

    asked = ["model", "column", "effect", "p_value", "detail", "n_ref"]
    assert parts.select(asked).sort("model").equals(whole.select(asked).sort("model"))


def test_a_window_that_is_in_both_roles_counts_once(store):
    rows = months(np.random.default_rng(4), ["a"])
    both = of(judge(store(rows, parted(rows, 2025)[1])), "2025-03-01")

    assert both["detail"] == "its mean against March of 2021, 2022, 2023 and 2024"
    assert both["n_ref"] == 4 * EACH


def test_under_three_earlier_years_nobody_knows(store):
    rows = months(np.random.default_rng(5), ["a"], years=(2023, 2024, 2025), moved=["a"], shift=99)
    fleet = store(rows)
    row = of(judge(fleet), "2025-03-01")

    assert (row["status"], row["p_value"]) == ("insufficient", None)
    assert row["reason"] == (
        "its season has 2 whole earlier windows (March of 2023 and 2024); 3 are needed"
    )
    verdict = fleet.verdicts().row(0, named=True)
    assert (verdict["verdict"], verdict["drifted"]) == ("unknown", None)


def test_a_partial_month_is_neither_judged_nor_compared_with(store):
    """The file begins in the middle of March 2021, and ends in the middle of March 2025."""
    rows = months(np.random.default_rng(6), ["a"])
    cut = rows.filter(
        pl.col("at").is_between(
            datetime(2021, 3, 15, tzinfo=UTC), datetime(2025, 3, 15, tzinfo=UTC)
        )
    )
    run = judge(store(cut))

    assert "the window is not whole" in of(run, "2025-03-01")["reason"]
    known = of(run, "2024-03-01")
    assert "(March of 2022 and 2023)" in known["reason"]


def test_a_category_and_missing_values_have_seasons_too(store):
    generator = np.random.default_rng(7)
    rows = months(generator, ["a"])
    last = pl.col("at") >= datetime(2025, 3, 1, tzinfo=UTC)
    drawn = pl.Series(generator.random(rows.height))
    rows = rows.with_columns(
        kind=pl.when(drawn < pl.when(last).then(0.95).otherwise(0.5))
        .then(pl.lit("u"))
        .otherwise(pl.lit("v")),
        gone=pl.when(drawn > pl.when(last).then(0.1).otherwise(0.9)).then(None).otherwise("x"),
    )
    run = judge(store(rows))

    assert of(run, "2025-03-01", "kind")["detail"].startswith("its share of '")
    assert of(run, "2025-03-01", "kind")["status"] == "drift"
    gone = of(run, "2025-03-01", "gone")
    assert (gone["status"], gone["detail"][:27]) == ("drift", "its share of missing values")
    assert of(run, "2025-03-01", "x")["status"] == "ok"


def test_weekdays_are_seasons_of_a_week(store):
    generator = np.random.default_rng(8)
    days = pl.datetime_range(
        datetime(2026, 3, 2), datetime(2026, 4, 12, 23), "1h", time_zone="UTC", eager=True
    )
    sunday = (days.dt.weekday() == 7).cast(pl.Float64) * 5
    rows = pl.DataFrame({"client": "a", "at": days, "x": sunday + generator.normal(size=len(days))})
    run = judge(store(rows), "1d", "seasonal 1w", rules=[{"level": 0.001}])
    judged = run.results().filter(pl.col("p_value").is_not_null())

    assert judged["window"].min() == "2026-03-23"
    assert of(run, "2026-04-05")["detail"] == (
        "its mean against the windows 2026-03-08, 2026-03-15, 2026-03-22 and 2026-03-29"
    )
    assert judged.filter(status="drift").is_empty()


def test_it_is_asked_only_where_there_are_seasons(store):
    fleet = store(months(np.random.default_rng(9), ["a"], years=(2025,)))
    with pytest.raises(BadInput, match=r"'seasons' judges windows .*against='seasonal 12mo'"):
        fleet.check_drift(window="1mo", against="rolling 2", detectors=["seasons"])


@pytest.mark.parametrize("asked", [(), ("theirs",)])
def test_what_is_installed_besides_brings_no_test_of_rows_back(asked, monkeypatch):
    """Where nobody names a detector; one that is asked for by default looks beside `seasons`."""
    monkeypatch.setenv("ARGOSY_PLUGINS__DEFAULTS", ",".join(f"+detectors.{one}" for one in asked))
    offered = installed().detectors
    monkeypatch.setitem(offered, "theirs", replace(offered["ks"], name="theirs"))
    usual = installed().usual("detectors")
    request = Drift(detectors=usual, window="1mo", against="seasonal 12mo")

    assert resolve(request).detectors == ("seasons", *asked)


def flagged(fleet):
    """Return the models of which March 2025 drifted."""
    found = judge(fleet).results().filter(window="2025-03-01", status="drift")
    return set(found["model"])


def played(store, seeds, many, moved):
    """Return the shares of clean fleets' models that alert, and of moved models that do."""
    names = [f"m{place:03}" for place in range(many)]
    false = found = 0
    for seed in seeds:
        generator = np.random.default_rng(seed)
        changed = set(names[:moved])
        told = flagged(
            store(months(generator, names, moved=changed), place=f"{many}-{moved}-{seed}")
        )
        false += len(told - changed)
        found += len(told & changed)
    clean = (many - moved) * len(seeds)
    return false / max(clean, 1), found / max(moved * len(seeds), 1)


def test_a_clean_fleet_is_silent_and_a_clear_shift_is_found(store):
    assert played(store, [1], 60, 0)[0] <= 0.02
    false, power = played(store, [2], 60, 6)
    assert false <= 0.06
    assert power >= 0.5


@pytest.mark.simulation
def test_four_years_of_months(store, seeds, capsys):
    """One model by itself, and fleets of 200; a shift of 6 year-to-year standard deviations."""
    alone = [
        10 * seed + place for seed in seeds(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) for place in range(10)
    ]
    fleets = seeds(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    shares = {
        "one model, clean": played(store, alone, 1, 0)[0],
        "one model, shifted": played(store, alone, 1, 1)[1],
        "200 models, clean": played(store, fleets, 200, 0)[0],
        "200 models, 20 shifted": played(store, fleets, 200, 20)[1],
    }
    with capsys.disabled():
        print()
        for name, share in shares.items():
            print(f"{name}: {share:.3f}")
    assert shares["one model, clean"] <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / len(alone))
    assert shares["200 models, clean"] <= 0.01
    assert shares["one model, shifted"] >= 0.8
