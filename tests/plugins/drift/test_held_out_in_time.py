"""A detector without p-values is asked about parts of time where rows depend on each other."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from argosy.plugins import installed

from .test_dependent_rows import by_day, fleet_of, outcome, regression, sticky

DISTANCE = "nannyml:wasserstein"
CATEGORIES = "nannyml:l_infinity"
SAID = ["model", "column", "detector", "status", "statistic", "p_value", "p_method", "n_effective"]
REFERENCE, WINDOW = 4_000, 1_000


def said(run):
    return run.results().select(SAID).sort(SAID[:3])


def clustered(folder, values, reference, each):
    """Open a fleet of which so many rows make a customer, whose rows lie in no order."""
    fleet = fleet_of(folder, values, reference)
    bindings = []
    for role in ("reference", "current"):
        url = folder / f"{role}.parquet"
        number = pl.int_range(pl.len()).over("model") // each
        rows = pl.read_parquet(url).with_columns(customer=number)
        rows.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(url)
        bindings.append({"role": role, "url": str(url), "key": "model", "cluster": "customer"})
    fleet.bind(bindings)
    return fleet


@pytest.fixture
def unaware(monkeypatch):
    """The same detector, which says nothing of dependence."""
    offered = installed().detectors
    silent = replace(offered[DISTANCE], name="theirs", dependence="none")
    monkeypatch.setitem(offered, "theirs", silent)
    return "theirs"


def test_what_moved_is_found_and_what_did_not_is_clear(tmp_path, unaware):
    values = regression(np.random.default_rng(1), (12, 2, REFERENCE + WINDOW), 0.9)
    values[:3, 0, REFERENCE:] += 1.5
    fleet = fleet_of(tmp_path, values, REFERENCE, timestamp="ts")
    run = fleet.check_drift(detectors=[DISTANCE, unaware], rules=[{"level": 0.01}])
    rows, theirs = (
        run.results().filter(pl.col("detector") == name) for name in (DISTANCE, unaware)
    )

    assert ({"m0000", "m0001", "m0002"}, 1.0) == outcome(run, fleet, 2)
    assert {"held out in time"} == set(rows["p_method"])
    assert {"insufficient"} == set(theirs["status"])
    assert theirs["reason"].str.contains("takes each for independent").all()


def test_of_rows_without_an_order_the_declaration_changes_nothing(tmp_path, unaware):
    """To the bit; nor does it where the rows of an order are as good as independent."""
    values = np.random.default_rng(2).normal(size=(8, 2, 1_000))
    for place, binding in enumerate(({}, {"timestamp": "ts"})):
        folder = tmp_path / str(place)
        folder.mkdir()
        fleet = fleet_of(folder, values, 600, **binding)
        found = {}
        for name in (DISTANCE, unaware):
            rows = said(fleet.check_drift(detectors=[name])).drop("detector")
            found[name] = rows.filter(p_method="held out", status="ok")

        assert found[DISTANCE].height >= (10 if binding else 16)
        assert found[DISTANCE].equals(found[unaware])


def test_a_profile_without_the_order_is_made_anew_and_then_kept(tmp_path):
    values = regression(np.random.default_rng(3), (4, 2, REFERENCE + WINDOW), 0.8)
    fleet = fleet_of(tmp_path, values, REFERENCE, timestamp="ts")
    usual = said(fleet.check_drift(detectors=["ks"]))
    first = said(fleet.check_drift(detectors=[DISTANCE]))
    (tmp_path / "reference.parquet").unlink()
    again = said(fleet.check_drift(detectors=[DISTANCE]))

    assert {"ok"} == set(first["status"])
    assert first.equals(again)
    assert usual.equals(said(fleet.check_drift(detectors=["ks"])))


def test_rows_in_any_order_of_the_file_and_windows_are_cut_alike(tmp_path):
    values = regression(np.random.default_rng(4), (3, 2, REFERENCE + 960), 0.8)
    fleet = fleet_of(tmp_path, values, REFERENCE, 480, timestamp="ts")
    asked = {"detectors": [DISTANCE], "window": "1d", "at": "2030-01-01"}
    first = fleet.check_drift(**asked)
    url = tmp_path / "reference.parquet"
    pl.read_parquet(url).sample(fraction=1.0, shuffle=True, seed=5).write_parquet(url)
    again = fleet.check_drift(**asked, fresh_reference=True)

    assert first.results()["window"].n_unique() >= 2
    assert {"held out in time"} == set(first.results()["p_method"].drop_nulls())
    assert said(first).equals(said(again))


def test_clusters_stay_whole_and_where_they_overlap_in_time_nothing_is_judged(tmp_path):
    values = by_day(np.random.default_rng(5), (6, 2, REFERENCE + WINDOW), 20, 0.3)
    values[0, 0, REFERENCE:] += 1.5
    whole = tmp_path / "whole"
    whole.mkdir()
    fleet = clustered(whole, values, REFERENCE, 20)
    run = fleet.check_drift(detectors=[DISTANCE])

    assert ({"m0000"}, 1.0) == outcome(run, fleet, 2)
    assert {"held out in time"} == set(run.results()["p_method"])

    overlapping = tmp_path / "overlapping"
    overlapping.mkdir()
    fleet = fleet_of(overlapping, regression(np.random.default_rng(6), (2, 2, 5_000), 0.8), 4_000)
    bindings = []
    for role in ("reference", "current"):
        url = overlapping / f"{role}.parquet"
        number = pl.int_range(pl.len()).over("model")
        rows = pl.read_parquet(url).with_columns(ts=number, customer=number % 50)
        rows.write_parquet(url)
        bound = {"role": role, "url": str(url), "key": "model"}
        bindings.append({**bound, "timestamp": "ts", "cluster": "customer"})
    fleet.bind(bindings)
    rows = fleet.check_drift(detectors=[DISTANCE]).results()

    assert {"insufficient"} == set(rows["status"])
    assert rows["reason"].str.contains("the reference has no order, or is too short").all()


def test_categories_that_stay_are_clear_and_a_change_is_found(tmp_path):
    values = sticky(np.random.default_rng(7), (6, 2, REFERENCE + WINDOW))
    moved = values[0, 0, REFERENCE:]
    moved[np.random.default_rng(8).random(WINDOW) < 0.6] = 0
    fleet = fleet_of(tmp_path, values, REFERENCE, timestamp="ts")
    run = fleet.check_drift(detectors=[CATEGORIES])

    assert ({"m0000"}, 1.0) == outcome(run, fleet, 2)
    assert {"held out in time"} == set(run.results()["p_method"])


def test_of_a_long_reference_evenly_spaced_values_are_cut(tmp_path):
    values = regression(np.random.default_rng(9), (3, 1, 31_000), 0.8)
    values[0, 0, 30_000:] += 1.5
    fleet = fleet_of(tmp_path, values, 30_000, timestamp="ts")
    run = fleet.check_drift(detectors=[DISTANCE])

    assert ({"m0000"}, 1.0) == outcome(run, fleet, 1)
    assert {"held out in time"} == set(run.results()["p_method"])


# The whole table

CLEAN = {
    "regression 0.9": lambda g, s: regression(g, s, 0.9),
    "days of 24 rows": lambda g, s: by_day(g, s, 24, 0.3),
    "customers of 20 rows": lambda g, s: by_day(g, s, 20, 0.3),
}


POWER = {1_000: 0.0, 4_000: 0.5, 9_000: 0.7}
"""Rows of the reference, and the share of shifts that is found at least."""


@pytest.mark.simulation
@pytest.mark.parametrize("reference", POWER)
@pytest.mark.parametrize("name", CLEAN)
def test_clean_fleets_are_silent_and_judged_and_a_shift_is_found(
    name, reference, tmp_path, seeds, capsys
):
    """One standard deviation in one of two columns of a tenth of the models.

    No part is longer than a ninth of the reference, so that beside one as short as the window
    little is found.
    """
    false = found = clean = moved = 0
    shares, small = [], []
    for seed in seeds(1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = CLEAN[name](np.random.default_rng(seed), (200, 2, reference + WINDOW))
        values[:20, 0, reference:] += 1.0
        if name.startswith("customers"):
            fleet = clustered(folder, values, reference, 20)
        else:
            fleet = fleet_of(folder, values, reference, timestamp="ts")
        run = fleet.check_drift(detectors=[DISTANCE])
        drifted, judged = outcome(run, fleet, 2)
        hits = len({f"m{number:04}" for number in range(20)} & drifted)
        found, moved, false = found + hits, moved + 20, false + len(drifted) - hits
        clean += 180
        shares.append(judged)
        rows = run.results().filter(pl.col("model") >= "m0020", pl.col("status") != "insufficient")
        small += (rows["p_value"] < 0.05).to_list()
    with capsys.disabled():
        print(
            f"\n{name}, {reference} rows: {found} of {moved} found, {false} of {clean} flagged,"
            f" p < 0.05 of {np.mean(small):.1%}"
        )

    assert np.mean(shares) >= 0.95
    assert false <= stats.binom.ppf(0.999, clean, 0.01)
    assert np.mean(small) <= 0.05
    assert moved - found <= stats.binom.ppf(0.999, moved, 1 - POWER[reference])
