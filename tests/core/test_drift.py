"""Checking drift: what is found, what is not, and what cannot be compared."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from argosy.drift.correction import decide, decided, nested, numbered, pooled
from argosy.drift.distributions import BINS
from argosy.errors import UnknownName
from argosy.testing.fleets import logged_fleet


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


def results_of(p_values, **columns):
    """Return results of one test each: of model "0", "1" ... unless given otherwise."""
    many = len(p_values)
    usual = {
        "window": [None] * many,
        "segment_key": [None] * many,
        "segment_value": [None] * many,
        "model": [str(number) for number in range(many)],
        "version": ["1"] * many,
        "column": ["x"] * many,
        "effect": [1.0] * many,
        "status": ["ok"] * many,
        "weight": [1.0] * many,
        "threshold": [0.1] * many,
        "level": [0.05] * many,
    }
    return pl.DataFrame({**usual, "p_value": p_values, **columns})


def test_q_values_are_benjamini_hochbergs():
    """One test per model: Simes is the p-value itself, and both levels are known."""
    generator = np.random.default_rng(3)
    p_values = generator.uniform(size=400) ** 3
    judged = decide(results_of(p_values))

    expected = stats.false_discovery_control(p_values)
    np.testing.assert_allclose(judged["q_model"].to_numpy(), expected, atol=1e-12)
    chosen = int((expected < 0.05).sum())
    within = np.minimum(1, p_values * 400 / chosen)
    np.testing.assert_allclose(judged["q_column"].to_numpy(), within, atol=1e-12)


def test_simes_is_the_models_p_value():
    """The least of p(i)·m/i over the sorted p-values of a model."""
    judged = decide(results_of([0.01, 0.02, 0.9], model=["a"] * 3, column=["x", "y", "z"]))

    assert judged["q_model"].to_list() == pytest.approx([0.03] * 3)


def test_a_columns_tests_are_weighted():
    """Weights of mean one divide the p-values: 0.01 / 1.6 twice over is 0.0125."""
    columns = {"model": ["a", "a"], "column": ["x", "x"], "weight": [4.0, 1.0]}
    judged = decide(results_of([0.01, 0.5], **columns))

    assert judged["q_model"].to_list() == pytest.approx([0.01 / 1.6 * 2] * 2)


def test_windows_are_families_of_their_own():
    """A window in which everything moved makes no alert easier in another."""
    p_values = [1e-9] * 9 + [0.03] + [0.9] * 10
    judged = decide(results_of(p_values, window=["1"] * 9 + ["2"] * 11))

    assert judged["status"].to_list() == ["drift"] * 9 + ["ok"] * 11


def test_a_test_of_a_column_that_drifted_must_be_significant_itself():
    columns = {"model": ["a", "a"], "column": ["x", "x"]}
    judged = decide(results_of([1e-9, 0.6], **columns))

    assert judged["status"].to_list() == ["drift", "ok"]


def test_an_effect_below_the_threshold_is_no_drift():
    judged = decide(results_of([1e-9] * 2, effect=[0.09, 0.1]))

    assert judged["status"].to_list() == ["ok", "drift"]


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


@pytest.mark.parametrize("seed", range(5))
def test_a_fleet_decided_in_parts_is_decided_as_a_whole(seed):
    """Only what all parts found of their models is needed of all at once."""
    generator = np.random.default_rng(seed)
    many = 600
    rows = pl.DataFrame(
        {
            "model": [f"m{number:02}" for number in np.sort(generator.integers(0, 40, many))],
            "column": generator.choice(["x", "y", "z"], many),
            "window": generator.choice(["1", "2"], many),
            "effect": generator.uniform(size=many),
            "p_value": generator.uniform(size=many) ** generator.choice([1, 9], many),
            "status": generator.choice(["ok", "ok", "insufficient"], many),
            "weight": generator.choice([1.0, 16.0], many),
        }
    ).with_columns(
        version=pl.lit("1"),
        segment_key=pl.lit(None, pl.String),
        segment_value=pl.lit(None, pl.String),
        threshold=pl.lit(0.1),
        level=pl.lit(0.05),
    )
    halves = [rows.filter(pl.col("model") < "m15"), rows.filter(pl.col("model") >= "m15")]
    parts, units = zip(*(nested(numbered(half)) for half in halves), strict=True)
    whole = pooled(pl.concat(units))
    own = [whole.head(units[0].height), whole.tail(units[1].height)]
    told = [decided(part, mine) for part, mine in zip(parts, own, strict=True)]

    expected = decide(rows)
    assert_frame_equal(pl.concat(told).select(expected.columns), expected)
    assert {"drift", "ok"} <= set(expected["status"])
