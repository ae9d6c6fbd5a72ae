"""Data that is too large for memory is read a few columns at a time, with the same results."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import argosy
from argosy.testing.fleets import logged_fleet
from argosy_drift import column_batches


@pytest.fixture
def tiny(monkeypatch):
    """Let two columns of 200 rows be all that is read at a time."""

    def shrink(values=400):
        monkeypatch.setattr(column_batches, "_LARGE_FILE", 1)
        monkeypatch.setattr(column_batches, "_MOST_VALUES", values)
        seen = []
        read = column_batches.read_together

        def noted(models, location, also):
            met = list(read(models, location, also))
            seen.extend(dataset.rows.width for dataset in met)
            return met

        monkeypatch.setattr(column_batches, "read_together", noted)
        return seen

    return shrink


def results(fleet, **options):
    run = fleet.check_drift(fresh_reference=True, **options)
    return run.results().drop("run_id", "at").sort(pl.all())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"segments": ["colour"]},
        {"window": "50 rows"},
        {"window": "by colour"},
        {"window": "50 rows", "detectors": ["domain_classifier", "mmd", "adwin"]},
    ],
    ids=["plain", "segments", "windows", "partitions", "rows and courses"],
)
def test_a_table_read_in_turns_gives_the_same_results(tmp_path, tiny, options):
    fleet = logged_fleet(tmp_path, models=3, drifting={"m1"})
    expected = results(fleet, **options)
    seen = tiny(values=1_000)  # 3 models x 200 rows: one column at a time

    assert_frame_equal(results(fleet, **options), expected)
    assert len(seen) > 4


def test_declared_features_are_read_in_turns_too(tmp_path, tiny):
    fleet = logged_fleet(tmp_path, models=3, drifting={"m1"})
    features = [{"name": name, "type": None, "role": None} for name in ("age", "size", "colour")]
    fleet.register({"model": ["m1"], "version": ["2"], "features": [features]})
    expected = results(fleet)
    tiny(values=600)

    assert_frame_equal(results(fleet), expected)


def test_a_column_that_is_gone_is_told_once(tmp_path, tiny):
    fleet = logged_fleet(tmp_path, models=3)
    fleet.check_drift()
    path = tmp_path / "current.parquet"
    pl.read_parquet(path).drop("age").write_parquet(path)
    tiny(values=600)
    rows = fleet.check_drift().results().filter(model="m0", column="age")

    assert rows["reason"].to_list() == ["the current data has no column 'age'"]


def test_data_that_is_not_there_is_told_as_ever(tmp_path, tiny):
    fleet = logged_fleet(tmp_path, models=3)
    fleet.check_drift()
    (tmp_path / "current.parquet").unlink()
    tiny()
    run = fleet.check_drift()

    assert run.summary["failed"] == 3
    assert "cannot read" in run.failures()["reason"][0]


@pytest.mark.slow
def test_a_hundred_million_rows_of_one_model_are_compared(tmp_path):
    """A column is 0.8 GB; two of them and the key are read one after the other."""
    rows, part = 100_000_000, 10_000_000
    for role, shift in (("reference", 0.0), ("current", 0.2)):
        folder = tmp_path / role
        folder.mkdir()
        for number in range(rows // part):
            generator = np.random.default_rng([number, shift > 0])
            columns = {"steady": generator.random(part), "moved": generator.random(part) + shift}
            frame = pl.DataFrame(columns)
            frame.write_parquet(folder / f"{number}.parquet", compression="uncompressed")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["giant"], "version": ["1"]})
    fleet.bind(
        {"role": ["reference", "current"]}
        | {"url": [f"{tmp_path / role}/*.parquet" for role in ("reference", "current")]}
    )
    run = fleet.check_drift()

    found = run.results().filter(detector="ks").select("column", "status", "n_ref", "n_cur").rows()
    assert found == [("moved", "drift", rows, rows), ("steady", "ok", rows, rows)]
    assert fleet.check_drift().results().filter(column="steady")["p_value"].min() > 1e-4
