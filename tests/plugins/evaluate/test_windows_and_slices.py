"""Windows and slices of an evaluation: what is cut how, and what is measured again."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn import metrics

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.kernels import aggregation
from argosy.plugins import installed
from argosy_evaluate.slice_gaps import adjusted
from argosy_scoring import slices

DAY = datetime(2026, 3, 2)  # a Monday


def rows_of(models=3, each=400, seed=3):
    generator = np.random.default_rng(seed)
    n = models * each
    owner = np.repeat([f"m{number}" for number in range(models)], each)
    region = generator.choice(["eu", "us", "asia"], n, p=[0.5, 0.4, 0.1])
    score = generator.random(n)
    truth = generator.random(n) < score
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "owner": owner,
            "region": region,
            "age": generator.integers(18, 80, n),
            "day": [DAY + timedelta(days=int(place)) for place in generator.integers(0, 28, n)],
            "score": score,
            "was": truth.astype(np.int64),
        }
    )


@pytest.fixture
def fleet_of(empty, tmp_path):
    def make(frame, **binding):
        frame.write_parquet(tmp_path / "log.parquet")
        names = frame["owner"].unique().sort().to_list()
        if empty.models().collect().is_empty():
            empty.register({"model": names, "version": ["1"] * len(names)})
        row = {
            "role": "holdout", "url": str(tmp_path / "log.parquet"), "key": "owner", "id": "id",
            "score": "score", "truth": "was", "timestamp": "day",
        }  # fmt: skip
        empty.bind([{**row, **binding}])
        return empty

    return make


def test_slices_are_measured_like_rows_of_their_own(fleet_of):
    frame = rows_of()
    found = fleet_of(frame).evaluate(metrics=["auc"], slices=["region"]).results()

    assert set(found["slice"]) == {"all", "region=eu", "region=us", "region=asia"}
    for name, region, value, n in (
        found.filter(pl.col("slice") != "all")
        .with_columns(region=pl.col("slice").str.strip_prefix("region="))
        .select("model", "region", "value", "n")
        .rows()
    ):
        mine = frame.filter(owner=name, region=region)
        assert n == mine.height
        assert value == pytest.approx(metrics.roc_auc_score(mine["was"], mine["score"]))


def test_slices_of_several_expressions_together(fleet_of):
    frame = rows_of(1)
    run = fleet_of(frame).evaluate(
        metrics=["accuracy"], slices=["region", "age >= 50"], depth=2, least=1
    )
    found = run.results()

    assert set(found["slice_key"]) == {None, "region", "age >= 50", "region & age >= 50"}
    value, n = found.filter(slice="region=eu & age >= 50=true").select("value", "n").row(0)
    mine = frame.filter(pl.col("age") >= 50, region="eu")
    assert n == mine.height
    assert value == pytest.approx(((mine["score"] >= 0.5) == (mine["was"] == 1)).mean())


def test_slices_are_the_same_however_many_groups_are_put_in_order_at_a_time(fleet_of, monkeypatch):
    """Some thousand rows are, where there are more, which no small fleet would show."""
    keys = ["model", "slice", "metric"]
    fleet = fleet_of(rows_of(models=6, each=90))
    asked = {"metrics": ["accuracy", "auc"], "slices": ["region"], "least": 1, "fresh": True}
    whole = fleet.evaluate(**asked).results().drop("run_id", "at").sort(keys)
    monkeypatch.setattr(slices, "_AT_ONCE", 50)

    assert fleet.evaluate(**asked).results().drop("run_id", "at").sort(keys).equals(whole)


def test_a_column_may_be_called_like_a_word_of_sql(fleet_of):
    frame = rows_of(1).rename({"region": "group"})
    found = fleet_of(frame).evaluate(metrics=["accuracy"], slices=["group"]).results()

    assert "group=eu" in found["slice"].to_list()


def test_rows_without_a_value_are_a_slice(fleet_of):
    frame = rows_of(1).with_columns(region=pl.col("region").replace({"us": None}))
    found = fleet_of(frame).evaluate(metrics=["accuracy"], slices=["region"]).results()

    assert "region is null" in found["slice"].to_list()
    assert found.filter(pl.col("slice") != "all")["n"].sum() == frame.height


def test_small_slices_are_rows_without_a_value(fleet_of):
    found = fleet_of(rows_of(1)).evaluate(
        metrics=["auc"], slices=["region"], least=100
    ).results()  # fmt: skip
    small = found.filter(slice="region=asia").row(0, named=True)

    assert (small["value"], small["status"]) == (None, "insufficient")
    assert small["reason"] == f"only {small['n']} rows; 100 are needed"


def test_segments_of_the_binding_are_slices_where_that_is_asked_for(fleet_of):
    fleet = fleet_of(rows_of(1), segments=["region", "age >= 50"])

    assert set(fleet.evaluate(metrics=["auc"]).results()["slice"]) == {"all"}
    cut = fleet.evaluate(metrics=["auc"], segments=True).results()
    assert set(cut["slice_key"]) == {None, "region", "age >= 50"}


def test_the_gap_to_the_other_rows_is_exact_for_an_average(fleet_of):
    frame = rows_of(2)
    found = fleet_of(frame).evaluate(metrics=["accuracy"], slices=["region"]).results()

    hit = frame.with_columns(hit=((pl.col("score") >= 0.5) == (pl.col("was") == 1)).cast(float))
    cut = found.filter(pl.col("slice") != "all").select("model", "slice", "gap")

    assert frame["owner"].n_unique() * frame["region"].n_unique() == cut.height
    for name, label, gap in cut.rows():
        inside = pl.col("region") == label.removeprefix("region=")
        mine = hit.filter(pl.col("owner") == name)
        expected = mine.filter(inside)["hit"].mean() - mine.filter(~inside)["hit"].mean()
        assert gap == pytest.approx(expected)


def test_q_values_are_benjamini_hochbergs_over_all_metrics():
    generator = np.random.default_rng(1)
    p = generator.random(60) ** 3
    rows = pl.DataFrame({"metric": ["a", "b"] * 30, "p_value": p}).with_columns(
        p_value=pl.when(pl.int_range(60) != 7).then("p_value")
    )
    found = adjusted(rows)

    mine = found.filter(pl.col("p_value").is_not_null())
    expected = stats.false_discovery_control(mine["p_value"].to_numpy())
    assert mine["q_value"].to_list() == pytest.approx(expected.tolist())
    assert found["q_value"][7] is None


@pytest.fixture
def hits(monkeypatch):
    """A metric whose standard error is known by hand: the share of hits."""
    hit = (pl.col("truth") == pl.col("prediction")).cast(pl.Float64)
    spread = (hit.mean() * (1 - hit.mean()) / pl.len()).sqrt()
    metric = replace(
        installed().metrics["accuracy"],
        name="hits",
        measure=aggregation(hit.mean(), pl.lit(None, pl.String), spread),
    )
    monkeypatch.setitem(installed().metrics, "hits", metric)
    return "hits"


def test_a_planted_weak_slice_is_found_and_clean_models_are_left_alone(fleet_of, hits):
    frame = rows_of(20, 600)
    bad = (pl.col("owner") == "m7") & (pl.col("region") == "us")
    planted = frame.with_columns(was=pl.when(bad).then(1 - pl.col("was")).otherwise("was"))
    found = fleet_of(planted).evaluate(metrics=[hits], slices=["region"]).results()
    flagged = found.filter(pl.col("q_value") < 0.05, pl.col("gap") < 0)

    assert flagged.select("model", "slice").rows() == [("m7", "region=us")]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"slices": ["SELECT FROM"]}, "is no SQL expression"),
        ({"depth": 0}, "depth of evaluate cannot be 0: .* greater than or equal to 1"),
        ({"least": 0}, "least of evaluate cannot be 0: .* greater than or equal to 1"),
        ({"window": "often"}, "cannot cut windows by 'often'"),
        ({"at": "soon"}, "cannot read 'soon' as a time"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(fleet, options, told):
    with pytest.raises(BadInput, match=told):
        fleet.evaluate(**options)
    assert fleet.runs().collect().is_empty()


def test_s1_10_a_slice_by_a_column_that_no_data_has_is_refused(fleet_of):
    fleet = fleet_of(rows_of(2))
    with pytest.raises(UnknownName, match="slices of evaluate: .* is called 'planet'"):
        fleet.evaluate(slices=["planet"])

    assert fleet.runs().collect().is_empty()


def test_a_slice_of_too_many_values_says_so_and_the_rest_stands(fleet_of):
    run = fleet_of(rows_of(3)).evaluate(metrics=["auc"], slices=["id"])

    assert "the slice 'id' has 1200 values" in run.failures()["reason"].item()
    assert run.results().filter(slice="all", status="ok").height == 3


# Windows


def test_windows_are_measured_like_rows_of_their_own(fleet_of):
    frame = rows_of(2)
    found = fleet_of(frame).evaluate(metrics=["accuracy"], window="1w").results()

    assert found.height == 2 * 4
    first = found.filter(model="m1", window="2026-03-02").row(0, named=True)
    mine = frame.filter(pl.col("day") < DAY + timedelta(days=7), owner="m1")
    assert first["n"] == mine.height
    assert first["window_end"] - first["window_start"] == timedelta(days=7)
    assert first["value"] == pytest.approx(((mine["score"] >= 0.5) == (mine["was"] == 1)).mean())


def test_windows_and_slices_go_together(fleet_of):
    found = fleet_of(rows_of(1)).evaluate(
        metrics=["accuracy"], window="1w", slices=["region"], least=1
    ).results()  # fmt: skip

    assert found.filter(pl.col("slice") != "all")["n"].sum() == 400
    assert found.filter(slice="all")["n"].sum() == 400
    assert found["window"].n_unique() == 4


def test_a_window_is_measured_again_once_more_labels_are_there(fleet_of):
    """Earlier values stay; windows of the very same rows are not measured twice."""
    frame = rows_of(2)
    late = (pl.col("day") >= DAY + timedelta(days=21)) & (pl.col("id") % 2 == 0)
    fleet = fleet_of(frame.with_columns(was=pl.when(~late).then("was")))
    first = fleet.evaluate(metrics=["accuracy"], window="1w").results()
    fleet_of(frame)
    second = fleet.evaluate(metrics=["accuracy"], window="1w")
    third = fleet.evaluate(metrics=["accuracy"], window="1w")
    other = fleet.evaluate(metrics=["auc"], window="1w")
    whole = fleet.evaluate(metrics=["accuracy"], window="1w", fresh=True)

    assert first.height == 8
    assert second.results()["window"].to_list() == ["2026-03-23"] * 2
    assert (second.results()["label_coverage"] == 1.0).all()
    assert (first.filter(window="2026-03-23")["label_coverage"] < 1.0).all()
    assert third.results().is_empty()
    assert (third.summary["ok"], third.summary["failed"]) == (2, 0)
    assert other.results().height == whole.results().height == 8
    kept = fleet.evaluations().collect().filter(metric="accuracy", window="2026-03-23", model="m0")
    assert kept["label_coverage"].n_unique() == 2


def test_what_a_run_was_asked_is_kept_with_it(fleet_of):
    fleet = fleet_of(rows_of(1))
    fleet.evaluate(metrics=["auc"], slices=["region"], window="1w", at="2026-04-01")
    kept = json.loads(fleet.runs().collect()["options"].item())

    assert (kept["slices"], kept["window"], kept["data"]) == (["region"], "1w", "holdout")
    assert kept["at"].startswith("2026-04-01")


def test_where_a_run_is_carried_out_makes_no_difference(fleet_of, monkeypatch):
    from argosy.jobs import chunking

    frame = rows_of(7, 120)
    weight = np.random.default_rng(5).gamma(1.0, size=frame.height)
    fleet = fleet_of(frame.with_columns(counts=pl.Series(weight)), weight="counts")
    metrics = [
        name for name, one in installed().metrics.items() if "binary" in one.tasks and not one.needs
    ]
    asked = {"metrics": metrics, "slices": ["region"], "window": "1w", "least": 5, "fresh": True}
    order = ["model", "window", "slice", "metric"]
    tables = []
    for size in (7, 3, 2, 1):
        monkeypatch.setattr(chunking, "_size", lambda *_, most=size: most)
        tables.append(fleet.evaluate(**asked).results().drop("run_id", "at").sort(order))

    assert set(tables[0]["metric"]) >= {"f1", "fbeta", "precision", "auc", "log_loss"}
    for other in tables[1:]:
        assert tables[0].equals(other)


def test_argosy_is_not_asked_for_what_it_cannot_cut(fleet_of):
    fleet = fleet_of(rows_of(1), timestamp=None)
    with pytest.raises(BadInput, match="'holdout' names a timestamp"):
        fleet.evaluate(window="1w")

    assert isinstance(fleet, argosy.Fleet)


# Draws


def test_errors_from_draws_are_those_of_theory_wherever_they_are_drawn(fleet_of, monkeypatch):
    from argosy.jobs import chunking

    fleet = fleet_of(rows_of(5, 400), timestamp=None)  # as if rows were independent
    asked = {"metrics": ["accuracy"], "slices": ["region"], "bootstrap": 300}
    whole = fleet.evaluate(**asked, seed=1).results()
    monkeypatch.setattr(chunking, "_size", lambda *_: 2)
    parts = fleet.evaluate(**asked, seed=1).results()
    others = fleet.evaluate(**asked, seed=2).results()

    order = ["model", "slice", "metric"]
    facts = [each.sort(order).drop("run_id", "at") for each in (whole, parts, others)]
    assert facts[0].equals(facts[1])
    assert facts[0]["value"].equals(facts[2]["value"])
    assert not facts[0]["error"].equals(facts[2]["error"])
    for value, error, lower, upper, n in (
        whole.filter(slice="all").select("value", "error", "lower", "upper", "n").rows()
    ):
        assert error == pytest.approx((value * (1 - value) / n) ** 0.5, rel=0.2)
        assert lower < value < upper


@pytest.mark.parametrize("draws", [1, -5])
def test_a_spread_needs_two_draws(fleet, draws):
    with pytest.raises(BadInput, match="two draws at least"):
        fleet.evaluate(bootstrap=draws)
