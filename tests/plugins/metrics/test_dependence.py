"""Intervals hold where rows depend on each other, and nothing changes where they do not."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy.signal import lfilter
from scipy.stats import norm

from argosy.kernels import batches
from argosy.testing.predictions import handed, predictions

from .measuring import BINARY, METRICS, MULTICLASS, REGRESSION

LISTS = pa.large_list(pa.float64())
HOUR = 3_600_000_000
TASKS = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSION}
ORDER = {"median_absolute_error", "latency_p95"}
"""Those whose interval lies between order statistics: no derivative."""


def smooth(rng, shape, phi, lag=1):
    """An autoregression of standard deviation 1, begun long before."""
    before = int(lag * 10 / (1 - phi))
    weights = np.zeros(lag + 1)
    weights[0], weights[lag] = 1, -phi
    noise = rng.standard_normal((shape[0], before + shape[1])) * np.sqrt(1 - phi**2)
    return lfilter([1], weights, noise)[:, before:]


def days(rng, shape):
    effect = rng.standard_normal((shape[0], shape[1] // 24)).repeat(24, axis=1)
    return np.sqrt(0.3) * effect + np.sqrt(0.7) * rng.standard_normal(shape)


PROCESSES = {
    "independent": lambda rng, shape: rng.standard_normal(shape),
    "autoregression": lambda rng, shape: smooth(rng, shape, 0.9),
    "with noise": lambda rng, shape: (
        smooth(rng, shape, 0.95) + rng.standard_normal(shape)
    ) / np.sqrt(2),
    "days": days,
    "clusters of 20": None,
}  # fmt: skip


def drawn(process, models, rows, rng):
    """Noise, and the column `batch` of its rows."""
    spans, weight = np.full(models, rows), np.ones(models * rows)
    if process == "clusters of 20":
        noise = np.repeat(rng.standard_normal((models, rows // 20)), 20, axis=1) * 0.7
        noise += 0.7 * rng.standard_normal((models, rows))
        cluster = np.tile(np.arange(rows) // 20, models).astype(float)
        of = batches(spans, weight, None, cluster).of
    else:
        noise = PROCESSES[process](rng, (models, rows))
        of = batches(spans, weight, np.tile(np.arange(rows) * HOUR, models)).of
    return noise, of.reshape(models, rows).astype(float)


def covered(process, models, rows, seed):
    """The share of intervals that hold the true value, by metric."""
    rng = np.random.default_rng(seed)
    noise, batch = drawn(process, models, rows, rng)
    truth = 20 + rng.standard_normal((models, rows))
    told = {"model": [str(m) for m in range(models)], "version": ["1"] * models}
    regression = pa.table(
        {
            **told,
            "task": ["regression"] * models,
            "truth": listed(truth),
            "prediction": listed(truth + noise),
            "weight": listed(np.ones_like(truth)),
            "batch": listed(batch),
        }
    )
    size = np.sqrt(2 / np.pi) * noise.std()
    held = {
        "bias": hold(regression, "bias", 0.0),
        "mae": hold(regression, "mae", size),
        "wape": hold(regression, "wape", size / 20),
    }
    label, signal = (noise > 0).astype(float), rng.standard_normal((models, rows))
    score = norm.cdf(noise + signal)
    classes = pa.table(
        {
            **told,
            "task": ["binary"] * models,
            "classes": [2] * models,
            "truth": listed(label),
            "prediction": listed((score > 0.5).astype(float)),
            "score": listed(score),
            "truth_score": listed(np.where(label == 1, score, 1 - score)),
            "weight": listed(np.ones_like(truth)),
            "batch": listed(batch),
        }
    )
    spread = noise.std()
    many = np.random.default_rng(0).standard_normal((2, 400_000))
    latent = spread * many[0]
    chance = norm.cdf(latent + many[1])
    loss = -np.log(np.where(latent > 0, chance, 1 - chance)).mean()
    positive, negative = (np.sort(chance[side]) for side in (latent > 0, latent <= 0))
    area = np.searchsorted(negative, positive).mean() / len(negative)
    return held | {
        "auc": hold(classes, "auc", area),
        "log_loss": hold(classes, "log_loss", loss),
    }


def listed(values):
    return pa.array(values.tolist(), LISTS)


def hold(table, name, true):
    found = METRICS[name].measure(table, [name])[name].combine_chunks()
    lower, upper = (found.field(end).to_numpy(zero_copy_only=False) for end in ("lower", "upper"))
    return np.mean((lower <= true) & (true <= upper))


@pytest.mark.parametrize("task", TASKS)
def test_an_error_by_batches_is_that_of_what_the_value_owes_to_each(task):
    rows = predictions(task, 200, weights="real", seed=3).rows
    if task == "regression":
        rows = rows.with_columns(pl.col("truth") + 1)
    plain = handed({"m": rows}, task)
    of, weight = np.arange(200) // 20, rows["weight"].to_numpy()
    table = plain.append_column("batch", listed(of[None].astype(float)))

    def nudged(name, batch, by):
        heavy = np.where(of == batch, weight * (1 + by), weight)[None]
        at = plain.column_names.index("weight")
        moved = plain.set_column(at, "weight", listed(heavy))
        return METRICS[name].measure(moved, [name])[name][0]["value"].as_py()

    checked = 0
    for name in set(TASKS[task]) - ORDER:
        alone, found = (METRICS[name].measure(each, [name])[name][0].as_py()
                        for each in (plain, table))  # fmt: skip
        assert found["value"] == alone["value"]
        if found["error"] is None:
            continue
        owed = [(nudged(name, b, 1e-5) - nudged(name, b, -1e-5)) / 2e-5 for b in range(10)]
        variance = np.square(owed).sum() * 10 / 9 * (1 + 10 / found["n_effective"])
        assert found["error"] == pytest.approx(np.sqrt(variance), rel=1e-4)
        assert 0 < found["n_effective"] <= 200
        checked += 1
    assert checked >= 7


@pytest.mark.parametrize("task", TASKS)
def test_models_without_batches_are_measured_as_if_nobody_had_any(task):
    models = {f"m{n}": predictions(task, 60 + n, weights="real", seed=n).rows for n in range(3)}
    plain = handed(models, task)
    of = [None, (np.arange(61) // 7).astype(float).tolist(), None]
    mixed = plain.append_column("batch", pa.array(of, LISTS))
    for name in TASKS[task]:
        alone, found = (METRICS[name].measure(each, [name])[name].to_pylist()
                        for each in (plain, mixed))  # fmt: skip
        for place in (0, 2):
            assert {**alone[place], "n_effective": None} == {"n_effective": None, **found[place]}


@pytest.mark.parametrize("process", PROCESSES)
def test_intervals_hold_the_true_value(process):
    held = covered(process, 400, 720, seed=1)

    assert all(0.89 <= share <= 0.985 for share in held.values()), held  # two errors beside 92 %


@pytest.mark.simulation
@pytest.mark.parametrize("process", PROCESSES)
def test_intervals_hold_the_true_value_in_95_of_100(process, seeds):
    found = [covered(process, 400, 720, seed) for seed in seeds(2, 3, 4, 5, 6, 7, 8, 9, 10, 11)]
    held = {name: np.mean([one[name] for one in found]) for name in found[0]}

    assert all(0.92 <= share <= 0.97 for share in held.values()), held


@pytest.mark.simulation
def test_a_season_of_a_day_needs_half_a_year(seeds, capsys):
    """What last day was like is what the next is: below 4,320 rows the coverage is printed."""
    PROCESSES["season"] = lambda rng, shape: smooth(rng, shape, 0.8, lag=24)
    try:
        for rows in (720, 1440, 4320):
            found = [covered("season", 150, rows, seed) for seed in seeds(1, 2, 3)]
            held = {name: round(np.mean([one[name] for one in found]), 3) for name in found[0]}
            with capsys.disabled():
                print(f"\nautocorrelation 0.8 at lag 24, {rows} rows: {held}")
    finally:
        del PROCESSES["season"]

    assert all(share >= 0.9 for share in held.values()), held
