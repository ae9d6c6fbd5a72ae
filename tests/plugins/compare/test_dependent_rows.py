"""Forecasters that miss alike for hours are not called different because rows are many."""

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter

import argosy
from argosy.plugins.settings import using
from argosy_comparisons import diebold_mariano

MODELS, ROWS = 500, 720


def autoregression(rng, shape, phi=0.9):
    noise = rng.standard_normal((shape[0], 200 + shape[1]))
    return lfilter([1], [1, -phi], noise)[:, 200:]


def forecasters(folder, models=MODELS, rows=ROWS, scale=1.0, seed=1, **binding):
    """Pairs of forecasters whose errors are autoregressions, the challenger's times a scale."""
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    truth = rng.normal(100, 10, (models, rows))
    names = [f"m{number}" for number in range(models)]
    times = np.datetime64("2026-01-01", "us") + np.arange(rows) * np.timedelta64(1, "h")
    parts = [
        pl.DataFrame(
            {
                "model": np.repeat(names, rows),
                "scored_by": version,
                "ts": np.tile(times, models),
                "customer": np.tile(np.arange(rows) // 20, models),
                "row": np.tile(np.arange(rows), models),
                "y": truth.ravel(),
                "p": (truth + size * autoregression(rng, truth.shape)).ravel(),
            }
        )
        for version, size in (("1", 1.0), ("2", scale))
    ]
    pl.concat(parts).write_parquet(folder / "holdout.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    both = {"model": names * 2, "version": ["1"] * models + ["2"] * models}
    fleet.register({**both, "task": ["regression"] * 2 * models})
    fleet.bind(
        [
            {
                "role": "holdout",
                "url": str(folder / "holdout.parquet"),
                "key": "model",
                "version": "scored_by",
                "id": "row",
                "truth": "y",
                "prediction": "p",
                **binding,
            }
        ]
    )
    for version, alias in (("1", "champion"), ("2", "challenger")):
        fleet.set_alias({"model": names, "version": [version] * models}, alias)
    return fleet


def called(run, *verdicts):
    return run.results()["verdict"].is_in(verdicts).mean()


def test_equal_forecasters_with_errors_that_last_are_called_equal(tmp_path):
    """Of 500 pairs with hourly times, 239 were called better or worse."""
    fleet = forecasters(tmp_path, timestamp="ts")
    rows = fleet.compare(metrics=["mae"]).results()

    assert rows["verdict"].is_in(["better", "worse"]).sum() <= 3
    assert rows["verdict"].is_in(["undecidable"]).mean() <= 0.05
    assert 40 < rows["n_effective"].median() < 300


def test_half_the_errors_are_seen(tmp_path):
    fleet = forecasters(tmp_path, models=60, scale=0.5, timestamp="ts")
    named = fleet.compare(comparisons=["diebold_mariano"], metrics=["mae", "mse"])

    assert called(fleet.compare(metrics=["mae"]), "better") >= 0.85
    assert called(named, "better") >= 0.85


def test_clusters_alone_are_heeded(tmp_path):
    fleet = forecasters(tmp_path, models=100, cluster="customer")
    run = fleet.compare(metrics=["mae", "mse"])

    assert called(run, "better", "worse") <= 0.02
    assert run.summary["independent"] == 0


def test_rows_that_are_worth_too_few_are_undecidable(tmp_path):
    fleet = forecasters(tmp_path, models=20, rows=60, scale=0.2, timestamp="ts")
    rows = fleet.compare(metrics=["mae"]).results()
    unsure = rows.filter(pl.col("n_effective") < 20)

    assert unsure.height > 0
    assert set(unsure["verdict"]) == {"undecidable"}
    assert (
        unsure["reason"]
        .str.contains(r"^its rows are worth \d+ independent rows?; 20 are needed$")
        .all()
    )
    assert rows.filter(pl.col("n_effective") >= 20)["reason"].null_count() == 20 - unsure.height


def test_without_a_time_and_clusters_the_summary_says_what_is_taken_for_granted(tmp_path, capsys):
    from argosy_cli.main import run

    fleet = forecasters(tmp_path, models=3)
    assert fleet.compare().summary["independent"] == 3
    capsys.readouterr()
    run(["--fleet", str(tmp_path / "fleet"), "compare"])

    told = "3 models: rows are taken for independent (no timestamp, no cluster)"
    assert capsys.readouterr().out.count(told) == 1


@pytest.mark.parametrize("comparison", ["paired_t", "diebold_mariano", "bootstrap"])
def test_the_bits_do_not_hang_on_how_models_are_cut(tmp_path, comparison):
    fleet = forecasters(tmp_path, models=6, rows=120, timestamp="ts")
    ask = {"comparisons": [comparison], "metrics": ["mae"]}
    whole = fleet.compare(**ask).results()
    kept = ["effect", "lower", "upper", "p_value", "n_effective"]
    for model in ("m1", "m4"):
        alone = fleet.compare(f"model = '{model}'", **ask).results()

        assert alone.select(kept).equals(whole.filter(model=model).select(kept))


@pytest.mark.parametrize("horizon", [1, 4, 12])
def test_a_horizon_is_the_hac_of_statsmodels_with_a_uniform_kernel(horizon):
    sm = pytest.importorskip("statsmodels.api")
    from argosy.testing.comparisons import table
    from argosy.testing.pairs import pair

    rows = pair("regression", 200, 0.2, seed=5)
    loss = [
        np.abs((rows[f"{side}_prediction"] - rows["truth"]).to_numpy())
        for side in ("champion", "challenger")
    ]
    gap = loss[0] - loss[1]
    told = sm.OLS(gap, np.ones(len(gap))).fit(
        cov_type="HAC",
        cov_kwds={"maxlags": horizon - 1, "kernel": "uniform", "use_correction": False},
    )
    with using({"comparisons": {"horizon": horizon}}):
        [found] = diebold_mariano.measure(table("regression", [rows]), ["mae"])["mae"].to_pylist()
    n = len(gap)
    few = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    error = (found["upper"] - found["effect"]) / student(n - 1)

    assert found["effect"] == pytest.approx(told.params[0], rel=1e-9)
    assert error * np.sqrt(few) == pytest.approx(told.bse[0], rel=1e-9)


def student(freedom):
    from scipy.stats import t

    return t.ppf(0.975, freedom)


@pytest.mark.simulation
def test_equal_forecasters_are_seldom_called_and_half_the_errors_often(tmp_path, seeds):
    false, right = [], []
    for seed in seeds(2, 3, 4):
        equal = forecasters(tmp_path / f"equal {seed}", seed=seed, timestamp="ts")
        false.append(called(equal.compare(metrics=["mae"]), "better", "worse"))
        half = forecasters(tmp_path / f"half {seed}", 100, scale=0.5, seed=seed, timestamp="ts")
        right.append(called(half.compare(metrics=["mae"]), "better"))

    assert np.mean(false) <= 0.005, false
    assert np.mean(right) >= 0.85, right
