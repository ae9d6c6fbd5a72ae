"""Rows that depend on each other are no drift: they are worth fewer, and a check says how many."""

import datetime as dt
from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.signal import lfilter

import argosy
from argosy.store import blobs
from argosy.tables import PROFILES_FOLDER
from argosy_drift.profiles import COLUMNS, ROWS, kept_of
from argosy_drift.row_samples import ROWS as SAMPLE

START = dt.datetime(2024, 1, 1)
JOINT = ["domain_classifier", "mmd"]


# Processes, shape (models, columns, rows)


def regression(generator, shape, phi):
    noise = generator.normal(size=shape) * np.sqrt(1 - phi**2)
    noise[..., 0] = generator.normal(size=shape[:-1])
    return lfilter([1.0], [1.0, -phi], noise, axis=-1)


def noisy(generator, shape):
    return regression(generator, shape, 0.95) + generator.normal(size=shape)


def by_day(generator, shape, rows, share):
    """Rows of a day have so large a share of their variance in common."""
    days = generator.normal(size=(*shape[:-1], -(-shape[-1] // rows)))
    common = np.repeat(days, rows, axis=-1)[..., : shape[-1]]
    return np.sqrt(share) * common + np.sqrt(1 - share) * generator.normal(size=shape)


def varying(generator, shape):
    return generator.normal(size=shape) * np.exp(0.5 * regression(generator, shape, 0.95))


def walk(generator, shape):
    return np.cumsum(generator.normal(size=shape), axis=-1)


def sticky(generator, shape):
    """Four categories, of which a row keeps the one before it in four cases of five."""
    fresh = generator.random(shape) < 0.2
    fresh[..., 0] = True
    drawn = generator.integers(0, 4, shape)
    last = np.maximum.accumulate(np.where(fresh, np.arange(shape[-1]), 0), axis=-1)
    return np.take_along_axis(drawn, last, axis=-1)


def holed(generator, shape):
    """A tenth of the values is missing, twelve at a time."""
    begins = generator.random(shape) < 0.1 / 12
    missing = lfilter(np.ones(12), [1.0], begins, axis=-1) > 0
    return np.where(missing, np.nan, generator.normal(size=shape))


CLEAN = {
    "independent": (lambda g, s: g.normal(size=s), 24),
    "regression 0.5": (lambda g, s: regression(g, s, 0.5), 24),
    "regression 0.9": (lambda g, s: regression(g, s, 0.9), 24),
    "regression 0.95 and noise": (noisy, 24),
    "days of 50 rows": (lambda g, s: by_day(g, s, 50, 0.05), 50),
    "days of 24 rows": (lambda g, s: by_day(g, s, 24, 0.3), 24),
    "varying scale": (varying, 24),
    "sticky categories": (sticky, 24),
    "missing in runs": (holed, 24),
}
"""A process, and how many rows a day has."""


def fleet_of(folder, values, reference, a_day=24, **binding):
    """Open a fleet of models whose first rows, so many of them, are the reference.

    Args:
        values: shape (models, columns, rows).
    """
    models, columns, rows = values.shape
    names = [f"m{number:04}" for number in range(models)]
    step = dt.timedelta(days=1) / a_day
    times = pl.Series([START + row * step for row in range(rows)])
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register({"model": names, "version": ["1"] * models})
    text = values.dtype.kind == "i"
    bindings = []
    for role, some in (("reference", slice(0, reference)), ("current", slice(reference, rows))):
        own = values[..., some]
        table = {f"x{place}": own[:, place].ravel() for place in range(columns)}
        frame = pl.DataFrame({"model": np.repeat(names, own.shape[-1]), **table}).with_columns(
            pl.col("^x.*$").cast(pl.String) if text else pl.col("^x.*$").fill_nan(None)
        )
        url = folder / f"{role}.parquet"
        if "timestamp" in binding:
            frame = frame.with_columns(pl.concat([times[some]] * models).alias("ts"))
        frame.write_parquet(url)
        bindings.append({"role": role, "url": str(url), "key": "model", **binding})
    fleet.bind(bindings)
    return fleet


def outcome(run, fleet, columns):
    """Return the models that drifted, and the share of columns that were judged."""
    verdicts = fleet.table("verdicts").filter(run_id=run.id).collect()
    unjudged = verdicts["unjudged"].list.len().sum()
    drifted = set(verdicts.filter(verdict="drifted")["model"])
    return drifted, 1 - unjudged / (verdicts.height * columns)


@pytest.fixture
def at_most(request):
    """How many of so many trials succeed at most: the share, or with other seeds by chance more."""
    if request.config.getoption("seed") is None:
        return lambda trials, share: share * trials
    return lambda trials, share: stats.binom.ppf(0.999, trials, share)


def clean(folder, name, models, columns, seed):
    process, a_day = CLEAN[name]
    generator = np.random.default_rng(seed)
    values = process(generator, (models, columns, 2_000))
    fleet = fleet_of(folder, values, 1_000, a_day, timestamp="ts")
    return outcome(fleet.check_drift(), fleet, columns)


# What is said of a few


def test_r2_two_thousand_regressions_do_not_drift(tmp_path):
    """R2, in small: 0.9 times the value before and noise, half of it reference, half current.

    Three models of four drifted.
    """
    values = regression(np.random.default_rng(2), (100, 1, 2_000), 0.9)
    for place, binding in enumerate(({}, {"timestamp": "ts"})):
        folder = tmp_path / str(place)
        folder.mkdir()
        fleet = fleet_of(folder, values, 1_000, **binding)
        run = fleet.check_drift()
        drifted, judged = outcome(run, fleet, 1)
        worth = run.results()["n_effective"]

        assert (len(drifted) > 50) == (not binding)
        assert judged >= 0.95
        if binding:
            assert len(drifted) <= 2
            assert 30 < worth.median() < 80
        else:
            assert worth.null_count() == len(worth)


def test_a_shift_of_dependent_rows_is_found(tmp_path):
    values = regression(np.random.default_rng(3), (60, 2, 2_000), 0.7)
    values[:3, 0, 1_000:] += 1.0
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")

    assert {"m0000", "m0001", "m0002"} == outcome(fleet.check_drift(), fleet, 2)[0]


def test_short_windows_against_those_before_are_judged_jointly(tmp_path):
    """Their rows stand end to end, and blocks are as long as the dependence of all asks for."""
    values = regression(np.random.default_rng(17), (4, 2, 8 * 240), 0.7)
    values[0, :, -240:] += 2.0
    fleet = fleet_of(tmp_path, values, 240, 240, timestamp="ts")
    run = fleet.check_drift(window="1d", against="rolling 4", detectors=["mmd"], at="2024-01-20")
    rows = run.results()

    assert [("m0000", rows["window"].max())] == rows.filter(status="drift")[
        "model", "window"
    ].rows()
    assert {"ok", "drift"} == set(rows["status"])


def test_what_is_worth_too_few_rows_is_unknown_and_says_so(tmp_path):
    """Neither does it count that no value of such a column is missing."""
    generator = np.random.default_rng(4)
    values = np.concatenate(
        [walk(generator, (3, 1, 2_000)), generator.normal(size=(3, 1, 2_000))], axis=1
    )
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    run = fleet.check_drift()
    rows = run.results().filter(column="x0")
    verdicts = fleet.verdicts()

    assert {"unknown"} == set(verdicts["verdict"])
    assert [["x0"]] * 3 == fleet.table("verdicts").collect()["unjudged"].to_list()
    assert (
        verdicts["reason"]
        .str.contains("'x0' could not be judged: worth [0-9]+ independent rows?; 20 are needed")
        .all()
    )
    assert (rows.filter(pl.col("detector") != "nulls")["n_effective"] < 20).all()
    assert {"insufficient"} == set(rows.filter(pl.col("detector") != "nulls")["status"])


def test_values_that_go_missing_are_told_of_slow_columns_too(tmp_path):
    generator = np.random.default_rng(5)
    values = regression(generator, (3, 1, 2_000), 0.99)
    values[..., 1_000:][generator.random((3, 1, 1_000)) < 0.5] = np.nan
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    fleet.check_drift()

    assert {("drifted", "x0")} == set(fleet.verdicts().select("verdict", "worst_column").rows())


def test_few_clusters_are_unknown_and_many_are_judged(tmp_path):
    """Customers, whose rows hang together and have no time."""
    generator = np.random.default_rng(6)
    for place, many in enumerate((7, 50)):
        folder = tmp_path / str(place)
        folder.mkdir()
        fleet = fleet_of(folder, generator.normal(size=(2, 1, 2_000)), 1_000)
        bindings = []
        for role in ("reference", "current"):
            url = folder / f"{role}.parquet"
            rows = pl.read_parquet(url)
            customer = pl.Series("customer", [f"c{row % many}" for row in range(rows.height)])
            rows.with_columns(customer).write_parquet(url)
            bindings.append({"role": role, "url": str(url), "key": "model", "cluster": "customer"})
        fleet.bind(bindings)
        run = fleet.check_drift()

        worth = run.results().filter(detector="ks")["n_effective"]
        assert {"unknown" if many == 7 else "clear"} == set(fleet.verdicts()["verdict"])
        assert (worth <= 7).all() if many == 7 else (worth > 300).all()


def test_a_detector_that_takes_rows_for_independent_is_unknown_where_they_are_not(tmp_path):
    values = regression(np.random.default_rng(7), (4, 2, 2_000), 0.8)
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    rows = fleet.check_drift(detectors=["evidently:ks", "ks"]).results()
    unaware = rows.filter(detector="evidently:ks")

    assert {"insufficient"} == set(unaware["status"])
    assert unaware["reason"].str.contains("takes each for independent").all()
    assert {"ok"} == set(rows.filter(detector="ks")["status"])
    assert {"clear"} == set(fleet.verdicts()["verdict"])


def test_a_model_of_which_nothing_else_was_asked_is_unknown_then(tmp_path):
    values = walk(np.random.default_rng(7), (2, 2, 2_000))
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    fleet.check_drift(detectors=["mmd"])

    assert {"unknown"} == set(fleet.verdicts()["verdict"])
    assert fleet.verdicts()["reason"].str.starts_with("drift could not be checked: ").all()


def test_joint_detectors_find_what_moved_and_only_that(tmp_path):
    values = regression(np.random.default_rng(12), (9, 3, 2_000), 0.9)
    values[:2, 0, 1_000:] += 1.5
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    rows = fleet.check_drift(detectors=JOINT).results().filter(status="drift")

    assert {(f"m000{n}", detector) for n in (0, 1) for detector in JOINT} == set(
        rows.select("model", "detector").rows()
    )


def reshuffled(folder, role):
    """Put the rows of a role in no order at all, and read them again."""
    url = folder / f"{role}.parquet"
    pl.read_parquet(url).sample(fraction=1.0, shuffle=True, seed=3).write_parquet(url)


def test_rows_are_handed_over_by_time_however_they_lie_in_the_file(tmp_path):
    values = regression(np.random.default_rng(13), (2, 2, 2_400), 0.8)
    fleet = fleet_of(tmp_path, values, 1_200, timestamp="ts")
    said = ["model", "detector", "statistic", "p_value"]
    found = [fleet.check_drift(detectors=JOINT).results().select(said).sort(said)]
    for role in ("reference", "current"):
        reshuffled(tmp_path, role)
    again = fleet.check_drift(detectors=JOINT, fresh_reference=True)
    found.append(again.results().select(said).sort(said))

    assert found[0]["p_value"].null_count() == 0
    assert found[0].equals(found[1])


def test_what_no_order_keeps_together_is_unknown_to_a_joint_detector(tmp_path):
    """Customers who come again and again on days that are alike; and a side without an order."""
    values = regression(np.random.default_rng(14), (2, 2, 2_000), 0.8)
    for place, part in enumerate(("cluster", "timestamp")):
        folder = tmp_path / str(place)
        folder.mkdir()
        fleet = fleet_of(folder, values, 1_000, timestamp="ts")
        bound = {"timestamp": "ts", "cluster": "customer"} if part == "cluster" else {}
        url = folder / "current.parquet"
        rows = pl.read_parquet(url)
        customer = pl.Series("customer", [f"c{row % 50}" for row in range(rows.height)])
        rows.with_columns(customer).write_parquet(url)
        fleet.bind([{"role": "current", "url": str(url), "key": "model", **bound}])
        found = fleet.check_drift(detectors=["mmd"]).results()

        assert {"insufficient"} == set(found["status"])
        assert found["reason"].str.contains("no order keeps these together").all()


def test_clusters_are_kept_together_wherever_their_rows_lie(tmp_path):
    """Fifty customers a side, whose twenty rows are all but equal; five models, none moved."""
    generator = np.random.default_rng(15)
    customers = generator.normal(size=(5, 2, 100)).repeat(20, axis=-1)
    values = customers + 0.3 * generator.normal(size=customers.shape)
    fleet = fleet_of(tmp_path, values, 1_000)
    bindings = []
    for role in ("reference", "current"):
        url = tmp_path / f"{role}.parquet"
        rows = pl.read_parquet(url)
        customer = pl.Series("customer", np.arange(rows.height) % 1_000 // 20)
        rows.with_columns(customer).write_parquet(url)
        reshuffled(tmp_path, role)
        bindings.append({"role": role, "url": str(url), "key": "model", "cluster": "customer"})
    fleet.bind(bindings)
    found = fleet.check_drift(detectors=JOINT).results()

    assert {"ok"} == set(found["status"])
    assert (found["n_effective"] < 70).all()
    assert found["p_value"].min() > 0.001


def test_values_that_go_missing_in_runs_are_dependent_rows_to_a_joint_detector(tmp_path):
    values = holed(np.random.default_rng(16), (3, 2, 2_000))
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    rows = fleet.check_drift(detectors=["mmd", "ks"]).results()

    assert (rows.filter(detector="ks")["n_effective"] > 500).all()
    assert (rows.filter(detector="mmd")["n_effective"] < 200).all()


def test_a_profile_keeps_the_dependence_of_its_reference(tmp_path):
    """The second check reads no reference rows, and says the same to the bit."""
    values = holed(np.random.default_rng(8), (5, 2, 2_000))
    fleet = fleet_of(tmp_path, values, 1_000, timestamp="ts")
    first = fleet.check_drift().results()
    (tmp_path / "reference.parquet").unlink()
    second = fleet.check_drift().results()

    said = ["model", "column", "detector", "p_value", "n_effective"]
    assert first["n_effective"].null_count() == 0
    assert first.select(said).sort(said[:3]).equals(second.select(said).sort(said[:3]))


def test_windows_before_lend_what_they_know(tmp_path):
    """Short windows against those before them: all of their dependence together counts."""
    values = regression(np.random.default_rng(9), (30, 2, 3_000), 0.7)
    fleet = fleet_of(tmp_path, values, 10, timestamp="ts")
    run = fleet.check_drift(window="10d", against="rolling 4")
    drifted, judged = outcome(run, fleet, 2)

    assert len(drifted) <= 1
    assert judged >= 0.95
    assert run.results().filter(detector="ks")["n_effective"].is_not_null().all()


@pytest.mark.parametrize("name", CLEAN)
def test_clean_fleets_are_silent_and_judged(name, tmp_path):
    drifted, judged = clean(tmp_path, name, 40, 2, 1)

    assert len(drifted) <= 1
    assert judged >= 0.95


# The whole table


@pytest.mark.simulation
@pytest.mark.parametrize("name", CLEAN)
def test_of_a_hundred_clean_models_one_may_be_flagged(name, tmp_path, seeds, at_most):
    flagged, shares = 0, []
    for seed in seeds(1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        drifted, judged = clean(folder, name, 500, 5, seed)
        flagged += len(drifted)
        shares.append(judged)

    assert flagged <= at_most(500 * len(shares), 0.01)
    assert np.mean(shares) >= 0.95


@pytest.mark.simulation
@pytest.mark.parametrize(("phi", "power"), [(0.9, 0.70), (0.8, 0.95), (0.5, 0.95)])
def test_one_model_in_twenty_shifted_by_one_deviation_is_found(
    phi, power, tmp_path, seeds, at_most
):
    found = missed = false = 0
    for seed in seeds(1, 2, 3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = regression(np.random.default_rng(seed), (400, 5, 2_000), phi)
        values[:20, 0, 1_000:] += 1.0
        fleet = fleet_of(folder, values, 1_000, timestamp="ts")
        drifted, _ = outcome(fleet.check_drift(), fleet, 5)
        hits = len({f"m{number:04}" for number in range(20)} & drifted)
        found, missed, false = found + hits, missed + 20 - hits, false + len(drifted) - hits

    assert false <= at_most(found + false, 0.10)
    assert missed <= at_most(found + missed, 1 - power)


@pytest.mark.simulation
@pytest.mark.parametrize("phi", [0.95, 0.99, 1.0])
def test_rows_that_hardly_move_are_unknown_and_not_flagged(phi, tmp_path, seeds, at_most):
    flagged, shares = 0, []
    for seed in seeds(1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        generator, shape = np.random.default_rng(seed), (500, 2, 2_000)
        values = walk(generator, shape) if phi == 1 else regression(generator, shape, phi)
        fleet = fleet_of(folder, values, 1_000, timestamp="ts")
        drifted, judged = outcome(fleet.check_drift(), fleet, 2)
        flagged += len(drifted)
        shares.append(judged)

    assert flagged <= at_most(500 * len(shares), 0.01)
    assert phi == 0.95 or np.mean(shares) <= 0.05


@pytest.mark.simulation
@pytest.mark.parametrize("phi", [0.0, 0.5, 0.7, 0.9])
def test_twelve_windows_of_two_hundred_rows(phi, tmp_path, seeds, at_most):
    """Judged by the dependence of the reference; a shift of one deviation in the last is found."""
    flagged = found = models = shifted = 0
    shares = []
    for seed in seeds(1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = regression(np.random.default_rng(seed), (200, 2, 1_000 + 12 * 200), phi)
        values[:10, 0, -200:] += 1.0
        fleet = fleet_of(folder, values, 1_000, 200, timestamp="ts")
        rows = fleet.check_drift(window="1d", at="2024-02-01").results()
        columns = rows.filter(pl.col("detector") == "ks")
        shares.append((columns["status"] != "insufficient").mean())
        alerts = set(rows.filter(status="drift").select("model", "window").rows())
        last = rows["window"].max()
        planted = {(f"m{number:04}", last) for number in range(10)}
        found, shifted = found + len(alerts & planted), shifted + 10
        flagged += len({model for model, _ in alerts - planted})
        models += 200

    assert flagged <= at_most(models, 0.01)
    if phi < 0.9:
        assert np.mean(shares) >= 0.95
        assert shifted - found <= at_most(shifted, 0.20)
    else:
        assert np.mean(shares) <= 0.05


@pytest.mark.simulation
def test_independent_rows_with_a_timestamp_lose_little(tmp_path, seeds, at_most):
    """A fifth of a deviation in 3 of 20 columns of one model in a hundred."""
    found = missed = false = 0
    for seed in seeds(11, 12, 13, 14):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = np.random.default_rng(seed).normal(size=(1_000, 20, 2_000)).astype(np.float32)
        values[:10, :3, 1_000:] += 0.2
        fleet = fleet_of(folder, values, 1_000, timestamp="ts")
        drifted, _ = outcome(fleet.check_drift(), fleet, 20)
        hits = len({f"m{number:04}" for number in range(10)} & drifted)
        found, missed, false = found + hits, missed + 10 - hits, false + len(drifted) - hits

    assert missed <= at_most(found + missed, 1 - 0.78)
    assert false <= at_most(found + false, 0.07)


@pytest.mark.simulation
@pytest.mark.parametrize("phi", [0.7, 0.9])
def test_joint_detectors_are_silent_of_dependent_rows_and_find_a_shift(
    phi, tmp_path, seeds, at_most
):
    """At p < 0.01 and the detector's floor; a shift is of one deviation in one of four columns."""
    parts = []
    for seed in seeds(1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = regression(np.random.default_rng(seed), (250, 4, 2_000), phi)
        values[:50, 0, 1_000:] += 1.0
        fleet = fleet_of(folder, values, 1_000, timestamp="ts")
        parts.append(fleet.check_drift(detectors=JOINT).results())
    rows = pl.concat(parts).with_columns(moved=pl.col("model") < "m0050")
    judged = rows.filter(pl.col("status") != "insufficient")
    flagged = (pl.col("p_value") < 0.01) & (pl.col("effect") >= pl.col("threshold"))
    for detector in JOINT:
        moved, clean = (
            judged.filter(pl.col("detector") == detector, pl.col("moved") == one)
            for one in (True, False)
        )
        found, false = moved.select(flagged.sum()).item(), clean.select(flagged.sum()).item()
        small = (clean["p_value"] < 0.05).sum()
        print(
            f"{detector}, {phi}: {found} of {moved.height} shifted found; of {clean.height} clean"
            f" {false} flagged, {small} with p < 0.05"
        )

        assert clean.height >= 0.9 * 200 * len(parts)
        assert moved.height - found <= at_most(moved.height, 0.30)
        assert false <= at_most(clean.height, 0.02)
        assert small <= at_most(clean.height, 0.07)


@pytest.mark.simulation
def test_a_timestamp_changes_no_p_value_of_independent_rows_but_by_chance(tmp_path, seeds, at_most):
    for seed in seeds(1):
        values = np.random.default_rng(seed).normal(size=(200, 4, 2_000))
        found = []
        for place, binding in enumerate(({}, {"timestamp": "ts"})):
            folder = tmp_path / f"{seed}-{place}"
            folder.mkdir()
            fleet = fleet_of(folder, values, 1_000, **binding)
            rows = fleet.check_drift(detectors=JOINT).results()
            found.append(rows.sort("detector", "model").filter(detector="mmd")["p_value"])
            print(binding, [(found[-1] < level).mean() for level in (0.5, 0.1, 0.05, 0.01)])

        assert stats.ks_2samp(*found).pvalue > 0.001
        assert (found[1] < 0.05).sum() <= at_most(len(found[1]), 0.07)


# What older versions kept


def test_a_profile_that_knows_nothing_of_dependence_serves_only_rows_without_an_order(empty):
    column = pl.DataFrame({"model": ["a"], "column": ["x"], "values": [[1.0, 2.0]]})
    sample = {**dict.fromkeys(SAMPLE), "model": "a", "columns": ["x"], "rows": [1.0, 2.0]}
    rows = pl.DataFrame([sample], SAMPLE).drop("share", "bases")
    lacking = {COLUMNS: "record", ROWS: "share"}
    location = empty.ledger.location
    files = {
        content: blobs.keep(location, PROFILES_FOLDER, kept.to_arrow()).name
        for content, kept in ((COLUMNS, column), (ROWS, rows))
    }
    for content, (timestamp, lost) in product(lacking, ((None, 0), ("ts", 1))):
        bound = {"timestamp": timestamp, "cluster": None}
        kind = pl.Struct({"timestamp": pl.String, "cluster": pl.String})
        models = pl.DataFrame(
            {
                "model": ["a"],
                content: [[files[content]]],
                "reference": pl.Series([bound], dtype=kind),
            }
        )
        kept, without = kept_of(models, content, 0, location)

        assert lost == without.height
        assert 1 - lost == len(kept)
        assert all(part[lacking[content]].null_count() == 1 for part in kept)


def test_a_sample_that_was_kept_of_numbers_beyond_2_to_the_53_is_drawn_anew(empty):
    """Their neighbours were one; of other samples nothing was taken off."""
    location = empty.ledger.location
    for number, lost in ((5.0, 0), (2.0**60, 1)):
        sample = {**dict.fromkeys(SAMPLE), "model": "a", "columns": ["x"], "rows": [number] * 2}
        kept = pl.DataFrame([sample], SAMPLE).drop("bases").to_arrow()
        file = blobs.keep(location, PROFILES_FOLDER, kept).name
        bound = pl.Series([{"timestamp": None, "cluster": None}])
        models = pl.DataFrame({"model": ["a"], ROWS: [[file]], "reference": bound})

        kept, without = kept_of(models, ROWS, 0, location)

        assert lost == without.height
        assert all(part["bases"].to_list() == [[None]] for part in kept)
