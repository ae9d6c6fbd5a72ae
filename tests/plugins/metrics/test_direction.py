"""Every metric has one direction, and what is best at zero is judged by its size everywhere."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import argosy
from argosy.plugins import installed
from argosy.views.leaderboard import leaderboard
from argosy.views.metrics import goodness, worst_slices
from argosy_evaluate.summary import by_metric
from argosy_gate.judge import judge
from argosy_gate.request import Gate

NAMES = sorted(installed().metrics)
SIZED = [name for name in NAMES if installed().metrics[name].best is not None]
values = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


def test_a_bias_is_best_at_zero():
    assert "bias" in SIZED
    assert 0 == installed().metrics["bias"].perfect


@given(name=st.sampled_from(NAMES), one=values, other=values)
def test_the_nearer_to_a_perfect_model_the_better(name, one, other):
    metric = installed().metrics[name]
    perfect = np.clip(metric.perfect, -1e9, 1e9)
    low, high = metric.bounds
    one, other = (float(np.clip(each, low, high)) for each in (one, other))

    better = metric.goodness(one) > metric.goodness(other)

    assert better == (abs(one - perfect) < abs(other - perfect))


@given(name=st.sampled_from(NAMES), drawn=st.lists(values, min_size=1, max_size=20))
def test_the_goodness_of_a_table_is_that_of_each_metric(name, drawn):
    table = pl.DataFrame({"metric": [name] * len(drawn), "value": drawn})

    found = table.select(good=goodness(pl.col("value")))["good"].to_list()

    assert [installed().metrics[name].goodness(each) for each in drawn] == found


def test_of_a_metric_that_nobody_offers_nothing_is_good():
    table = pl.DataFrame({"metric": ["astrology"], "value": [1.0]})

    assert [None] == table.select(goodness(pl.col("value")).alias("good"))["good"].to_list()


@given(
    drawn=st.lists(st.integers(-300, 300).map(float), min_size=1, max_size=20),
    turned=st.lists(st.booleans(), min_size=20, max_size=20),
)
@pytest.mark.parametrize("name", SIZED)
def test_s1_4_the_sign_of_what_is_best_at_zero_never_changes_its_rank(name, drawn, turned):
    flipped = [-each if turn else each for each, turn in zip(drawn, turned, strict=False)]

    assert ranks(name, drawn) == ranks(name, flipped)


def ranks(name, drawn):
    models = [f"m{number:02d}" for number in range(len(drawn))]
    rows = pl.DataFrame({"model": models, "value": drawn}).with_columns(
        version=pl.lit("1"),
        metric=pl.lit(name),
        dataset=pl.lit("holdout"),
        slice=pl.lit("all"),
        status=pl.lit("ok"),
        n=pl.lit(10),
        window=pl.lit(None, pl.String),
        window_start=pl.lit(None, pl.Datetime("us", "UTC")),
        whole=pl.lit(None, pl.Boolean),
        at=pl.lit(0).cast(pl.Datetime("us", "UTC")),
        dataset_digest=pl.lit("d"),
        **{end: pl.lit(None, pl.Float64) for end in ("error", "lower", "upper")},
    )
    board = leaderboard(rows, pl.DataFrame({"model": models}), name, None, None, "all")
    return dict(board.select("model", "rank").rows())


def test_s1_4_minus_196_is_not_better_than_minus_3():
    assert {"m00": 2, "m01": 1} == ranks("bias", [-196.0, -3.0])
    assert {"m00": 3, "m01": 1, "m02": 2} == ranks("bias", [-196.0, 3.0, 4.0])


def logged(folder, biases, rows=300):
    """Return a fleet of models with the biases of their two halves, and their versions' aliases."""
    parts = []
    for place, (name, versions) in enumerate(biases.items()):
        for number, halves in enumerate(versions, 1):
            drawn = np.random.default_rng([place, number]).normal(size=rows)
            half = np.arange(rows) % 2
            truth = np.arange(float(rows))
            bias = np.array(halves, float)[half]
            parts.append(
                pl.DataFrame(
                    {"id": range(rows), "y": truth, "half": half, "p": truth + bias + drawn}
                )
                .with_columns(client=pl.lit(name), version=pl.lit(str(number)))
                .with_columns(half=pl.format("h{}", "half"))
            )
    pl.concat(parts).write_parquet(folder / "log.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    log = {"url": str(folder / "log.parquet"), "key": "client", "version": "version", "id": "id"}
    fleet.bind([{"role": "holdout", "truth": "y", "prediction": "p", **log}])
    for version, alias in {"1": "champion", "2": "challenger"}.items():
        table = {"model": list(biases), "version": [version] * len(biases)}
        fleet.register(table)
        fleet.set_alias(table, alias)
    return fleet


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Version 2 is nearer to zero in a, further away in b; one half of c is off by -60."""
    biases = {
        "a": [(-9, -9), (3, 3)],
        "b": [(-143, -143), (-300, -300)],
        "c": [(0, 0), (0, -60)],
    }
    return logged(tmp_path_factory.mktemp("biases"), biases)


def test_s2_29_a_comparison_judges_a_bias_by_its_size(fleet):
    rows = fleet.compare(comparisons=["bootstrap"], metrics=["bias"]).results()

    found = {model: (verdict, effect > 0) for model, verdict, effect in
             rows.select("model", "verdict", "effect").rows()}  # fmt: skip
    assert ("better", True) == found["a"]
    assert ("worse", False) == found["b"]


def test_s2_29_a_gate_holds_a_bias_to_its_baseline_by_size(fleet):
    judged = fleet.gate(metrics=["bias"], baselines=["champion"]).results()

    passed = dict(judged.filter(gate="baseline:champion").select("model", "passed").rows())
    values = dict(judged.filter(gate="baseline:champion").select("model", "value").rows())
    assert {"a": True, "b": False, "c": False} == passed
    assert -299 > values["b"] > -301, "the table has the bias, not its size"


def test_gates_of_plugins_are_handed_sizes():
    row = {"model": "m", "version": "1", "dataset": "holdout", "dataset_digest": "d",
           "who": "version", "metric": "bias", "value": -300.0, "error": 1.0, "n": 9,
           "status": "ok", "reason": None}  # fmt: skip
    measured = pl.DataFrame([row, {**row, "who": "naive", "value": 0.0}])
    subjects = pl.DataFrame({"model": ["m"], "version": ["1"]})

    judged = judge(measured, subjects, Gate(metrics=["bias"]))

    naive = judged.filter(gate="baseline:naive").row(0, named=True)
    assert naive["passed"] is False
    assert "300.0" in naive["reason"]


def test_s2_29_the_worse_slice_is_the_one_further_off(fleet):
    fleet.evaluate(slices=["half"], metrics=["bias"])

    rows = fleet.evaluations()
    found = dict(worst_slices(rows).select("model", "slice").rows())
    assert found["c"].endswith("h1")


def test_the_worst_bias_of_a_run_is_the_largest_on_either_side():
    rows = pl.LazyFrame(
        {"metric": ["bias"] * 3, "model": ["a", "b", "c"], "value": [-3.0, 5.0, -4.0],
         "status": ["ok"] * 3, "slice": ["all"] * 3}
    )  # fmt: skip

    assert ("b", 5.0) == by_metric(rows).select("worst_model", "worst").row(0)


def test_groups_are_ranked_by_the_mean_size_of_a_bias(tmp_path: Path):
    """Otherwise a model far below and one far above would make a perfect group."""
    fleet = logged(tmp_path, {"a": [(-90, -90)] * 2, "b": [(90, 90)] * 2, "c": [(5, 5)] * 2})
    fleet.set_owner({"model": ["a", "b", "c"], "owner": ["odd", "odd", "even"]})
    fleet.evaluate(metrics=["bias"])

    board = fleet.leaderboard("bias", group_by="owner")

    assert ["even", "odd"] == board["owner"].to_list()
    assert 90 == pytest.approx(board["value"][1], abs=1)
