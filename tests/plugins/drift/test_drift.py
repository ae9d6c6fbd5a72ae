"""Checking drift: what is found, what is not, and what cannot be compared."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from argosy.errors import UnknownName
from argosy.testing.fleets import logged_fleet
from argosy_drift.distributions import BINS


def rewrite(tmp_path, role, change):
    path = tmp_path / f"{role}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


def statuses(run, model, column):
    rows = run.results().filter(model=model, column=column)
    return dict(rows.select("detector", "status").rows())


def test_the_model_that_moved_is_found_and_the_others_are_not(fleet):
    run = fleet.check_drift()

    assert run.summary["drifted"] == 1
    assert fleet.verdicts().filter("drifted").select("model", "worst_column").rows() == [
        ("m2", "size")
    ]


def test_scores_are_compared_like_features_and_keys_and_labels_are_not(fleet):
    columns = set(fleet.check_drift().results()["column"])

    assert columns == {"size", "age", "colour", "score"}


def test_statistics_are_scipys(fleet, tmp_path):
    run = fleet.check_drift()

    before = pl.read_parquet(tmp_path / "reference.parquet")
    after = pl.read_parquet(tmp_path / "current.parquet")
    for model in ("m0", "m2"):
        sides = [table.filter(client=model) for table in (before, after)]
        ks = stats.ks_2samp(*[side["size"].to_numpy() for side in sides])
        row = run.results().filter(model=model, column="size", detector="ks").row(0, named=True)
        assert row["statistic"] == pytest.approx(ks.statistic, abs=1e-12)
        counts = [side["colour"].value_counts().sort("colour")["count"] for side in sides]
        chi = stats.chi2_contingency(np.array(counts), correction=False)
        row = run.results().filter(model=model, detector="chi_squared").row(0, named=True)
        assert row["statistic"] == pytest.approx(chi.statistic, abs=1e-12)


def test_a_model_without_current_rows_is_a_row_with_its_reason(fleet, tmp_path):
    rewrite(tmp_path, "current", lambda table: table.filter(pl.col("client") != "m1"))
    run = fleet.check_drift()

    assert run.failures().select("model").to_series().to_list() == ["m1"]
    assert "there is no current row of the model" in run.failures()["reason"].item()
    assert run.summary["drifted"] == 1
    assert run.summary["ok"] == 5


def test_a_missing_column_stops_only_itself(fleet, tmp_path):
    rewrite(tmp_path, "current", lambda table: table.drop("age"))
    run = fleet.check_drift()

    assert run.failures().is_empty()
    rows = run.results().filter(model="m0", column="age")
    assert rows.select("status", "reason").rows() == [
        ("failed", "the current data has no column 'age'")
    ]


def test_a_column_that_changed_its_type_is_named(fleet, tmp_path):
    rewrite(tmp_path, "current", lambda table: table.with_columns(pl.col("age").cast(pl.String)))
    run = fleet.check_drift()

    reason = run.results().filter(model="m0", column="age")["reason"].item()
    assert reason == "the current column 'age' is String where numbers are expected"


def test_rows_that_went_missing_are_drift(fleet, tmp_path):
    half = pl.int_range(pl.len()).over("client") % 2 == 0
    rewrite(
        tmp_path,
        "current",
        lambda table: table.with_columns(
            age=pl.when(~half | (pl.col("client") != "m4")).then("age")
        ),
    )
    run = fleet.check_drift()

    assert statuses(run, "m4", "age")["nulls"] == "drift"
    assert statuses(run, "m0", "age")["nulls"] == "ok"


def test_nan_counts_as_missing(fleet, tmp_path):
    rewrite(tmp_path, "current", lambda table: table.with_columns(size=pl.lit(float("nan"))))
    run = fleet.check_drift("model = 'm0'")

    found = statuses(run, "m0", "size")
    assert found["nulls"] == "drift"
    assert found["ks"] == "insufficient"


def test_few_rows_are_insufficient_never_a_verdict(fleet, tmp_path):
    rewrite(tmp_path, "current", lambda table: table.group_by("client").head(5))
    run = fleet.check_drift()

    assert set(run.results()["status"]) == {"insufficient"}
    assert run.summary["drifted"] == 0


@pytest.mark.parametrize(
    "dtype", [pl.Int32, pl.UInt8, pl.Float32, pl.Decimal(12, 2), pl.Boolean, pl.Date, pl.Datetime]
)
def test_any_type_of_number_or_time_is_compared(fleet, tmp_path, dtype):
    for role in ("reference", "current"):
        rewrite(
            tmp_path,
            role,
            lambda table: table.with_columns(
                age=(pl.col("age") > 60).cast(pl.Int32).cast(dtype)
                if dtype == pl.Boolean
                else pl.col("age").cast(pl.Int32).cast(dtype)
            ),
        )
    run = fleet.check_drift()

    assert set(run.results().filter(column="age")["status"]) == {"ok"}


def test_infinite_values_are_extreme_values(fleet, tmp_path):
    rewrite(
        tmp_path,
        "current",
        lambda table: table.with_columns(
            size=pl.when(pl.int_range(pl.len()) % 3 == 0).then(float("inf")).otherwise("size")
        ),
    )
    run = fleet.check_drift("model = 'm0'")

    assert statuses(run, "m0", "size")["ks"] == "drift"


def test_a_file_that_is_not_readable_fails_its_models_only(tmp_path):
    fleet = logged_fleet(tmp_path)
    (tmp_path / "own.parquet").write_text("no parquet")
    fleet.bind(
        [{"role": "current", "url": str(tmp_path / "own.parquet"), "model": "m3"}], check=False
    )
    run = fleet.check_drift()

    assert run.failures()["model"].to_list() == ["m3"]
    assert "cannot read" in run.failures()["reason"].item()


def test_distributions_of_what_drifted_are_kept(fleet):
    fleet.check_drift()

    kept = fleet.distributions().collect()
    assert kept.select("model", "column").rows() == [("m2", "size")]
    row = kept.row(0, named=True)
    assert (len(row["edges"]), len(row["ref_counts"])) == (BINS + 1, BINS)
    assert (sum(row["ref_counts"]), sum(row["cur_counts"])) == (200, 200)


def test_an_unknown_detector_lists_those_installed(fleet):
    with pytest.raises(UnknownName, match="no detector is called 'kss'; did you mean 'ks'"):
        fleet.check_drift(detectors=["kss"])


def test_a_run_that_fails_to_start_writes_nothing(fleet):
    before = fleet.events().collect().height
    with pytest.raises(UnknownName):
        fleet.check_drift(executor="clowd")

    assert fleet.events().collect().height == before


def test_a_clean_fleet_stays_silent(tmp_path):
    fleet = logged_fleet(tmp_path, models=200, rows=100, seed=11)

    assert fleet.check_drift().summary["drifted"] == 0


@pytest.mark.parametrize(
    ("detector", "column"), [("nannyml:jensen_shannon", "size"), ("nannyml:l_infinity", "colour")]
)
def test_a_detector_without_p_values_is_calibrated_on_parts_of_the_reference(
    detector, column, tmp_path
):
    """On clean columns p is nearly uniform, on the quiet side; a strong change is far out."""
    fleet = logged_fleet(tmp_path, models=200, rows=300, drifting={"m7"})
    rewrite(
        tmp_path,
        "current",
        lambda table: table.with_columns(
            colour=pl.when(client="m7").then(pl.lit("red")).otherwise("colour")
        ),
    )
    rows = fleet.check_drift(detectors=[detector]).results().filter(column=column)
    clean = rows.filter(pl.col("model") != "m7")["p_value"]

    assert set(rows["p_method"]) == {"held out"}
    assert (clean < 0.05).mean() <= 0.07
    assert clean.median() >= 0.45
    assert rows.filter(model="m7")["p_value"].item() < 1e-3
