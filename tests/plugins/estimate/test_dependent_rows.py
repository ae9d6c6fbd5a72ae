"""Bands of estimates hold where the labels of the reference depend on each other."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy.signal import lfilter
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from argosy.kernels import batches
from argosy.plugins import installed
from argosy.views.concept_drift import beside
from argosy_estimators import cbpe, direct_loss

ROWS, HOUR = 720, 3_600_000_000
LISTS = pa.large_list(pa.float64())


def smooth(rng, shape, phi):
    noise = rng.standard_normal((shape[0], 400 + shape[1])) * np.sqrt(1 - phi**2)
    return lfilter([1], [1, -phi], noise)[:, 400:]


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
}  # fmt: skip


def lists(values):
    return pa.array(values.tolist(), LISTS)


def batch(models):
    times = np.tile(np.arange(ROWS) * HOUR, models)
    of = batches(np.full(models, ROWS), np.ones(models * ROWS), times).of
    return lists(of.reshape(models, ROWS).astype(float))


def estimated(estimator, reference, current, models, ordered):
    told = {"batch": batch(models)} if ordered else {}
    found = estimator.fit(pa.table({**{n: lists(v) for n, v in reference.items()}, **told}))
    for name, values in current.items():
        found = found.append_column(name, lists(values))
    return estimator.estimate(found)


def hold(found, name, realised):
    band = found[name].combine_chunks()
    lower, upper = (band.field(end).to_numpy(zero_copy_only=False) for end in ("lower", "upper"))
    return np.mean((lower <= realised) & (realised <= upper))


def held(process, models, seed, ordered=True):
    """The share of bands that hold what was realised, by metric."""
    rng = np.random.default_rng(seed)
    shape = (models, 2 * ROWS)
    past, now = slice(0, ROWS), slice(ROWS, 2 * ROWS)
    miss, guess = PROCESSES[process](rng, shape), rng.standard_normal(shape)
    rows = {"truth": (guess + miss)[:, past], "prediction": guess[:, past]}
    direct = estimated(direct_loss, rows, {"prediction": guess[:, now]}, models, ordered)
    score = norm.cdf(rng.standard_normal(shape))
    label = (norm.cdf(PROCESSES[process](rng, shape)) < score).astype(float)
    said = (score > 0.5).astype(float)
    rows = {"truth": label[:, past], "prediction": said[:, past], "score": score[:, past]}
    later = {"prediction": said[:, now], "score": score[:, now]}
    based = estimated(cbpe, rows, later, models, ordered)
    areas = [roc_auc_score(y, s) for y, s in zip(label[:, now], score[:, now], strict=True)]
    return {
        "mae": hold(direct, "mae", np.array([row.mean() for row in np.abs(miss[:, now])])),
        "accuracy": hold(based, "accuracy", means(said == label, now)),
        "brier": hold(based, "brier", means((score - label) ** 2, now)),
        "auc": hold(based, "auc", np.array(areas)),
    }


def means(values, now):
    return np.array([row.mean() for row in values[:, now]])


@pytest.mark.parametrize("process", PROCESSES)
def test_bands_hold_what_is_realised(process):
    shares = held(process, 200, seed=3)

    assert all(0.89 <= share <= 0.99 for share in shares.values()), shares


def test_bands_that_take_rows_for_independent_are_too_narrow():
    assert held("autoregression", 200, seed=3, ordered=False)["mae"] < 0.7


@pytest.mark.simulation
@pytest.mark.parametrize("process", PROCESSES)
def test_bands_hold_what_is_realised_in_95_of_100(process, seeds):
    found = [held(process, 300, seed) for seed in seeds(2, 3, 4, 5, 6, 7)]
    shares = {name: np.mean([one[name] for one in found]) for name in found[0]}

    assert all(0.92 <= share <= 0.97 for share in shares.values()), shares


def test_the_built_in_estimators_heed_what_hangs_together():
    assert all(one.batched for one in installed().estimators.values())


def test_a_value_of_rows_that_are_worth_too_few_is_no_concept_drift():
    when = pl.Series([0]).cast(pl.Datetime("us", "UTC"))
    same = {"model": "m", "version": "1", "dataset": "current", "metric": "mae",
            "window": "1", "status": "ok", "whole": True}  # fmt: skip
    frame = pl.DataFrame(same).with_columns(window_start=when, window_end=when, at=when)
    estimates = frame.with_columns(estimator=pl.lit("e"), value=1.0, lower=0.9, upper=1.1)
    realised = frame.with_columns(
        value=2.0, lower=pl.lit(None, pl.Float64), upper=pl.lit(None, pl.Float64),
        slice=pl.lit("all"), n=pl.lit(100, pl.Int64),
    )  # fmt: skip
    few = realised.with_columns(n_effective=7.0)
    bare = realised.with_columns(n_effective=pl.lit(None, pl.Float64))

    def beyond(rows):
        return beside(estimates.lazy(), rows.lazy()).collect()["beyond"].to_list()

    assert (beyond(few), beyond(bare)) == ([False], [True])
