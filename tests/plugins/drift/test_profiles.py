"""Profiles of references: made once, kept beside the fleet, equal to the rows they stand for."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.testing.fleets import logged_fleet

NUMBERS = ["model", "column", "detector", "statistic", "effect", "p_value", "status", "reason"]


def found(run):
    return run.results().select(NUMBERS).sort("model", "column", "detector")


def test_a_check_never_reads_the_reference_again(fleet, tmp_path):
    first = found(fleet.check_drift())
    (tmp_path / "reference.parquet").unlink()
    again = found(fleet.check_drift())

    assert_frame_equal(first, again)


def test_a_part_of_the_fleet_finds_its_profiles(fleet, tmp_path):
    """Chunks are cut anew for every selection."""
    whole = found(fleet.check_drift())
    (tmp_path / "reference.parquet").unlink()
    part = found(fleet.check_drift("model IN ('m1', 'm2')"))

    assert_frame_equal(whole.filter(pl.col("model").is_in(["m1", "m2"])), part)


def test_models_that_join_are_profiled_beside_the_others(fleet):
    fleet.check_drift("model IN ('m1', 'm4')")
    mixed = found(fleet.check_drift())

    assert_frame_equal(found(fleet.check_drift(fresh_reference=True)), mixed)
    assert fleet.profiles().collect().height == 2 + 4 + 6


def test_a_reference_that_was_replaced_is_read_again_when_asked(fleet, tmp_path):
    fleet.check_drift()
    path = tmp_path / "reference.parquet"
    pl.read_parquet(path).with_columns(pl.col("age") + 100).write_parquet(path)

    assert fleet.check_drift().summary["drifted"] == 1
    assert fleet.check_drift(fresh_reference=True).summary["drifted"] == 6


def test_another_binding_is_another_reference(fleet, tmp_path):
    fleet.check_drift()
    moved = pl.read_parquet(tmp_path / "reference.parquet").with_columns(pl.col("age") + 100)
    moved.write_parquet(tmp_path / "other.parquet")
    url = str(tmp_path / "other.parquet")
    fleet.bind([{"role": "reference", "url": url, "key": "client", "score": "score"}])

    assert fleet.check_drift().summary["drifted"] == 6


@pytest.mark.parametrize("harm", ["delete", "cut"])
def test_a_profile_that_is_lost_is_made_again(harm, fleet, tmp_path):
    before = found(fleet.check_drift())
    for path in (tmp_path / "fleet/profiled").iterdir():
        if harm == "delete":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:100])

    assert_frame_equal(before, found(fleet.check_drift()))


def test_upkeep_removes_profiles_that_no_run_names(fleet, tmp_path):
    fleet.check_drift()
    stray = tmp_path / "fleet/profiled/stray.arrow"
    stray.write_bytes(b"left by a run that died")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert not stray.exists()
    assert found(fleet.check_drift()).height


def test_many_rows_are_kept_as_counts_and_compared_as_quantiles(tmp_path):
    """30,000 rows of one model: the statistic is SciPy's to one part in ten thousand."""
    from scipy import stats

    fleet = logged_fleet(tmp_path, models=1, rows=30_000)
    reference = pl.read_parquet(tmp_path / "reference.parquet")
    current = pl.read_parquet(tmp_path / "current.parquet").with_columns(pl.col("size") * 1.1)
    current.write_parquet(tmp_path / "current.parquet")
    row = fleet.check_drift().results().filter(column="size", detector="ks").row(0, named=True)

    exact = stats.ks_2samp(reference["size"], current["size"]).statistic
    assert row["n_ref"] == row["n_cur"] == 30_000
    assert row["statistic"] == pytest.approx(exact, abs=2e-4)
    assert found(fleet.check_drift()).equals(found(fleet.check_drift(fresh_reference=True)))
