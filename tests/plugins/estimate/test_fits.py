"""What was learnt from a reference is kept, and learnt again where it no longer stands."""

import polars as pl
import pytest

from argosy.testing.fleets import logged_fleet

from .figures import reasons, rewrite, value


def test_what_was_learnt_is_kept_and_the_reference_is_not_read_again(tmp_path, monkeypatch):
    fleet = logged_fleet(tmp_path, models=4, rows=200)
    first = fleet.estimate().results().drop("run_id", "at")
    (tmp_path / "holdout.parquet").unlink()
    again = fleet.estimate().results().drop("run_id", "at")

    assert first.equals(again)
    assert fleet.fits().collect().select("model", "estimator").rows() == [
        (f"m{number}", "cbpe") for number in range(4)
    ]
    lost = fleet.estimate(fresh_reference=True)
    assert lost.summary["ok"] == 0
    assert "cannot read" in reasons(lost)["m0"]


def test_new_models_are_fitted_beside_those_that_are(tmp_path):
    fleet = logged_fleet(tmp_path, models=4, rows=200)
    whole = fleet.estimate(fresh_reference=True).results().drop("run_id", "at")
    other = logged_fleet(tmp_path / "other", models=4, rows=200)
    other.estimate("model = 'm1'")
    rest = other.estimate().results().drop("run_id", "at")

    numbers = ["value", "lower", "upper"]
    assert rest.drop(numbers).equals(whole.drop(numbers))
    for name in numbers:
        assert rest[name].to_list() == pytest.approx(whole[name].to_list(), abs=1e-12)
    assert other.fits().collect().height == 4


def test_replaced_reference_rows_count_once_somebody_says_so(tmp_path):
    fleet = logged_fleet(tmp_path, models=1, rows=400)
    before = value(fleet.estimate(), "m0", "accuracy")
    rewrite(tmp_path, "holdout", label=1 - pl.col("label"))

    assert value(fleet.estimate(), "m0", "accuracy") == before
    fresh = value(fleet.estimate(fresh_reference=True), "m0", "accuracy")
    assert fresh != before
    assert value(fleet.estimate(), "m0", "accuracy") == fresh


def test_another_binding_or_version_is_fitted_for_itself(tmp_path):
    fleet = logged_fleet(tmp_path, models=1, rows=200)
    fleet.estimate()
    fleet.register({"model": ["m0"], "version": ["2"]})
    fleet.estimate()
    url = str(tmp_path / "reference.parquet")
    row = {"role": "holdout", "url": url, "key": "client", "truth": "label", "score": "score"}
    fleet.bind([row])
    fleet.estimate()
    fitted = fleet.fits().collect()

    assert fitted.select("version", "source").n_unique() == 3
    assert fitted["source"].n_unique() == 2


def test_a_model_that_could_not_be_fitted_is_tried_again(tmp_path):
    fleet = logged_fleet(tmp_path, models=1, rows=60)
    kept = pl.read_parquet(tmp_path / "holdout.parquet")
    kept.with_columns(label=0).write_parquet(tmp_path / "holdout.parquet")
    assert fleet.estimate().results()["status"].unique().to_list() == ["undefined"]
    kept.write_parquet(tmp_path / "holdout.parquet")

    assert "ok" in fleet.estimate().results()["status"].to_list()


def test_fits_that_are_lost_are_made_again(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=200)
    first = fleet.estimate().results().drop("run_id", "at")
    for path in (tmp_path / "fleet" / "fitted").iterdir():
        path.unlink()

    assert first.equals(fleet.estimate().results().drop("run_id", "at"))


def test_upkeep_keeps_fits_that_are_named_and_removes_others(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=200)
    fleet.estimate()
    folder = tmp_path / "fleet" / "fitted"
    (kept,) = folder.iterdir()
    (folder / "unused.arrow").write_bytes(b"")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert [path.name for path in folder.iterdir()] == [kept.name]
