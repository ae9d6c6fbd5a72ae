"""The table of evaluations says what dependent rows are worth, and gates heed it."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy.signal import lfilter

import argosy
from argosy.kernels import ANSWER
from argosy.types import Metric
from argosy_scoring.bootstrap import resampled
from argosy_scoring.dependence import batches_of, cluster_of

MODELS, ROWS = 12, 720


def logged(folder, models=MODELS, rows=ROWS, phi=0.9, error=1.0, seed=1, **binding):
    """Models whose errors are autoregressions."""
    rng = np.random.default_rng(seed)
    noise = lfilter([1], [1, -phi], rng.standard_normal((models, 200 + rows)))[:, 200:]
    truth = rng.normal(100, 10, (models, rows))
    names = [f"m{number}" for number in range(models)]
    times = np.datetime64("2026-01-01", "us") + np.arange(rows) * np.timedelta64(1, "h")
    data = pl.DataFrame(
        {
            "model": np.repeat(names, rows),
            "ts": np.tile(times, models),
            "customer": np.tile(np.arange(rows) // 20, models),
            "y": truth.ravel(),
            "p": (truth + error * noise).ravel(),
        }
    )
    data.write_parquet(folder / "holdout.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * models, "task": ["regression"] * models})
    bound = {"role": "holdout", "url": str(folder / "holdout.parquet"), "key": "model"}
    fleet.bind([{**bound, "truth": "y", "prediction": "p", **binding}])
    return fleet


def test_an_interval_is_as_wide_as_what_the_rows_are_worth(tmp_path):
    fleet = logged(tmp_path, timestamp="ts")
    rows = fleet.evaluate(metrics=["bias"]).results()

    assert ((rows["lower"] < 0) & (rows["upper"] > 0)).sum() >= MODELS - 2
    assert rows["n_effective"].is_between(15, 300).all()
    assert rows["n"].unique().to_list() == [ROWS]


def test_without_a_time_rows_are_taken_for_independent_and_that_is_said(tmp_path, capsys):
    from argosy_cli.main import run

    fleet = logged(tmp_path, models=3)
    found = fleet.evaluate(metrics=["mae"])
    capsys.readouterr()
    run(["--fleet", str(tmp_path / "fleet"), "evaluate"])

    assert found.results()["n_effective"].null_count() == 3
    assert found.summary["independent"] == fleet.past_run(found.id).summary["independent"] == 3
    told = "3 models: rows are taken for independent (no timestamp, no cluster)"
    assert capsys.readouterr().out.count(told) == 1


def test_with_a_time_nothing_is_taken_for_granted(tmp_path):
    fleet = logged(tmp_path, models=2, rows=60, cluster="customer")

    assert fleet.evaluate(metrics=["mae"]).summary["independent"] == 0


def test_rows_that_are_worth_too_few_have_a_value_and_no_interval(tmp_path):
    fleet = logged(tmp_path, rows=100, phi=0.99, timestamp="ts")
    rows = fleet.evaluate(metrics=["bias"]).results()
    few = rows.filter(pl.col("n_effective") < 20)

    assert few.height > MODELS / 2
    assert few.select("error", "lower", "upper").null_count().row(0) == (few.height,) * 3
    assert few["value"].null_count() == 0
    assert set(few["status"]) == {"ok"}
    assert few["reason"].str.contains("^its rows are worth [0-9]+ independent rows?; 20 are").all()


def test_below_ten_clusters_nobody_can_say_how_sure_a_value_is(tmp_path):
    fleet = logged(tmp_path, models=2, rows=180, cluster="customer")
    rows = fleet.evaluate(metrics=["mae"]).results()

    assert set(rows["reason"]) == {
        "its rows are worth 9 independent rows; 10 are needed for an interval"
    }


def test_a_cluster_column_that_is_not_there_is_named(tmp_path):
    """It was there when it was bound."""
    fleet = logged(tmp_path, models=2, cluster="customer")
    path = tmp_path / "holdout.parquet"
    pl.read_parquet(path).drop("customer").write_parquet(path)

    assert "customer" in fleet.evaluate().failures()["reason"][0]


def test_the_bits_do_not_hang_on_how_models_are_cut(tmp_path):
    fleet = logged(tmp_path, models=5, timestamp="ts", cluster="customer")
    whole = fleet.evaluate().results()
    alone = fleet.evaluate("model = 'm3'").results()
    kept = ["metric", "value", "error", "lower", "upper", "n_effective"]

    assert alone.select(kept).equals(whole.filter(model="m3").select(kept))


def median(groups, names):
    """A metric whose own error takes rows for independent."""
    values = []
    for row in groups.to_pylist():
        miss = np.asarray(row["prediction"]) - np.asarray(row["truth"])
        error = 1.2533 * miss.std() / np.sqrt(len(miss))
        value = float(np.median(miss))
        values.append({"value": value, "error": error, "lower": value - 2 * error,
                       "upper": value + 2 * error, "reason": None})  # fmt: skip
    return pa.table({names[0]: pa.array(values, ANSWER)})


@pytest.fixture
def stranger(monkeypatch):
    from argosy.plugins import installed

    bounds = (-np.inf, np.inf)
    metric = Metric("median_miss", frozenset({"regression"}), median, False, bounds, best=0.0)
    metrics = {**installed().metrics, "median_miss": metric}
    return lambda: [metrics["median_miss"]]


def test_a_metric_that_knows_no_batches_is_measured_batch_by_batch(stranger):
    from argosy_scoring.measure import measured
    from argosy_scoring.predictions import Predictions

    rng = np.random.default_rng(3)
    noise = lfilter([1], [1, -0.9], rng.standard_normal((40, 920)))[:, 200:]
    times = np.datetime64("2026-01-01", "us") + np.arange(ROWS) * np.timedelta64(1, "h")
    rows = pl.DataFrame(
        {
            "truth": np.zeros(40 * ROWS),
            "prediction": noise.ravel(),
            "weight": np.ones(40 * ROWS),
            "argosy_time": pl.Series(np.tile(times, 40)).dt.replace_time_zone("UTC"),
        }
    )
    groups = pl.DataFrame({"model": [f"m{n}" for n in range(40)]}).with_columns(
        version=pl.lit("1"), task=pl.lit("regression"), labels=pl.lit(None, pl.List(pl.String)),
        classes=pl.lit(None, pl.Int64), window=pl.lit(None, pl.String), slice=pl.lit("all"),
    )  # fmt: skip
    spans = np.full(40, ROWS)
    batched = measured(Predictions(rows, groups, spans), stranger())
    plain = measured(Predictions(rows.drop("argosy_time"), groups, spans), stranger())

    def held(found):
        return ((found["lower"] < 0) & (found["upper"] > 0)).mean()

    assert held(plain) < 0.7
    assert held(batched) > 0.85
    assert batched["value"].equals(plain["value"])
    assert batched["n_effective"].is_between(10, 400).all()


def test_the_bootstrap_draws_rows_of_a_batch_together():
    rows = {"weight": [[1.0] * 6], "batch": [[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]]}
    table = pa.table({"model": ["m"], "version": ["1"], **rows})
    for drawn in resampled(table, 20):
        weight = drawn["weight"].to_pylist()[0]

        assert weight[::2] == weight[1::2]


def test_clusters_are_told_apart_whatever_their_type():
    frame = pl.DataFrame({"c": ["a", "b", "a", None, None], "weight": [1.0] * 5})
    rows = frame.with_columns(cluster_of("c"))
    found = batches_of(rows, np.array([5]))

    assert found.counts.tolist() == [4]
    assert found.of[0] == found.of[2]


def test_a_gate_is_not_passed_on_rows_that_are_worth_too_few(tmp_path):
    fleet = logged(tmp_path, models=6, rows=100, phi=0.99, timestamp="ts")
    rows = fleet.gate(metrics=["mae"]).results().filter(gate="baseline:naive")
    unsure = rows.filter(pl.col("reason").str.contains("independent rows; 20 are needed"))

    assert unsure.height > 0
    assert not unsure["passed"].any()


def test_a_gate_asks_for_as_much_as_students_t_does(tmp_path):
    fleet = logged(tmp_path, models=4, timestamp="ts")
    gates = fleet.gate(metrics=["mae"]).results().filter(gate="baseline:naive")
    found = fleet.evaluate(metrics=["mae"]).results()
    noise = gates.sort("model")["bound"]

    assert gates["passed"].all()
    assert found["error"].null_count() == 0
    assert noise.null_count() == 0
