"""Resampled rows say how sure any metric is, the same wherever and however they are measured."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats
from sklearn import metrics as sk

from argosy.kernels import ANSWER, ragged
from argosy.plugins import installed
from argosy.testing.predictions import handed, predictions
from argosy_scoring import bootstrap as module
from argosy_scoring.bootstrap import bootstrap, resampled


def metrics(*names):
    return [installed().metrics[name] for name in names]


@pytest.fixture(scope="module")
def fleet():
    models = {f"m{place}": predictions("binary", 60 + place, seed=place).rows for place in range(9)}
    return handed(models, "binary")


def test_copies_are_poisson():
    """Chi-squared over 200,000 rows; a wrong rate in the tail would show."""
    rows = {"model": ["m"], "version": ["1"], "weight": [[1.0] * 200_000]}
    copies = ragged(next(resampled(pa.table(rows), 1))["weight"]).values.astype(int)

    seen = np.bincount(np.minimum(copies, 6), minlength=7)
    shares = np.append(stats.poisson.pmf(range(6), 1), stats.poisson.sf(5, 1))
    assert 0.001 < stats.chisquare(seen, shares * len(copies)).pvalue


def test_draws_and_groups_are_independent_of_each_other():
    rows = {"model": ["a", "b"], "version": ["1", "1"], "weight": [[1.0] * 20_000] * 2}
    drawn = np.array(
        [copies for one in resampled(pa.table(rows), 3) for copies in one["weight"].to_pylist()]
    )

    apart = np.corrcoef(drawn)[~np.eye(6, dtype=bool)]
    assert np.abs(apart).max() < 5 / np.sqrt(20_000)
    shifted = [np.corrcoef(row[1:], row[:-1])[0, 1] for row in drawn]
    assert np.abs(shifted).max() < 5 / np.sqrt(20_000)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("mae", lambda t, p, axis: np.mean(np.abs(t - p), axis=axis)),
        ("rmse", lambda t, p, axis: np.sqrt(np.mean((t - p) ** 2, axis=axis))),
        ("median_absolute_error", lambda t, p, axis: np.median(np.abs(t - p), axis=axis)),
    ],
)
def test_intervals_are_those_of_scipy_within_the_noise_of_drawing(name, reference):
    rows = predictions("regression", 400).rows
    found = bootstrap(handed({"m": rows}, "regression"), metrics(name), 2000)[name][0].as_py()

    theirs = stats.bootstrap(
        (rows["truth"].to_numpy(), rows["prediction"].to_numpy()),
        reference,
        n_resamples=2000,
        paired=True,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    assert theirs.standard_error == pytest.approx(found["error"], rel=0.07)
    ends = theirs.confidence_interval
    noise = 0.25 * theirs.standard_error
    assert (ends.low, ends.high) == pytest.approx((found["lower"], found["upper"]), abs=noise)


def test_intervals_of_a_ranking_are_those_of_scipy_within_the_noise_of_drawing():
    rows = predictions("binary", 300, 1.0).rows
    found = bootstrap(handed({"m": rows}, "binary"), metrics("auc"), 2000)["auc"][0].as_py()

    theirs = stats.bootstrap(
        (rows["truth"].to_numpy(), rows["score"].to_numpy()),
        sk.roc_auc_score,
        n_resamples=1000,
        paired=True,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    assert theirs.standard_error == pytest.approx(found["error"], rel=0.1)


def test_the_value_is_that_of_the_rows_as_they_are(fleet):
    asked = metrics("auc", "log_loss", "accuracy")
    found = bootstrap(fleet, asked, 20)

    assert ["auc", "log_loss", "accuracy"] == found.column_names
    for metric in asked:
        plain = metric.measure(fleet, [metric.name])[metric.name].to_pylist()
        assert ANSWER == found[metric.name].type
        assert [one["value"] for one in plain] == [
            one["value"] for one in found[metric.name].to_pylist()
        ]


def test_errors_agree_with_the_analytic_ones():
    """Two ways to the same number."""
    fleet = handed({"m": predictions("binary", 4000, 1.0, "real").rows}, "binary")
    names = ["auc", "accuracy", "f1", "mcc", "brier", "average_precision", "lift"]
    found = bootstrap(fleet, metrics(*names), 1000)

    for metric in metrics(*names):
        analytic = metric.measure(fleet, [metric.name])[metric.name][0].as_py()["error"]
        assert (metric.name, analytic) == (
            metric.name,
            pytest.approx(found[metric.name][0].as_py()["error"], rel=0.1),
        )


def test_chunks_and_their_order_change_nothing(fleet, monkeypatch):
    """Executors cut and order models as they like."""
    asked = metrics("auc", "brier")
    whole = bootstrap(fleet, asked, 30, seed=3)
    turned = bootstrap(fleet.take(list(reversed(range(9)))), asked, 30, seed=3)
    monkeypatch.setattr(module, "BLOCK", 200)
    cut = pa.concat_tables(
        bootstrap(part, asked, 30, seed=3) for part in (fleet.slice(0, 4), fleet.slice(4))
    )

    assert whole.to_pylist() == turned.to_pylist()[::-1] == cut.to_pylist()


def test_another_seed_draws_anew(fleet):
    one, other = (bootstrap(fleet, metrics("auc"), 30, seed) for seed in (1, 2))

    assert one != other


def test_groups_of_one_model_are_told_apart_by_their_key():
    """Windows of a model that hold the same rows must not be drawn alike."""
    rows = predictions("regression", 100).rows
    table = handed({"a": rows, "b": rows}, "regression").append_column(
        "window", pa.array(["w1", "w2"])
    )
    table = table.set_column(0, "model", pa.array(["m", "m"]))

    alike = bootstrap(table, metrics("mae"), 30)["mae"].to_pylist()
    apart = bootstrap(table, metrics("mae"), 30, key=("model", "version", "window"))
    assert alike[0] == alike[1]
    assert apart["mae"][0] != apart["mae"][1]


def test_what_is_undefined_stays_so_and_what_hardly_ever_exists_has_no_interval():
    """One positive row is missing from a third of the draws; all of them agree in the rest."""
    rows = predictions("binary", 30).rows
    lone = rows.with_columns(truth=(pl.int_range(pl.len()) == 3).cast(pl.Float64))
    empty = rows.with_columns(weight=pl.lit(0.0))
    same = rows.with_columns(truth=pl.lit(1.0), prediction=pl.lit(1.0))
    models = {"lone": lone, "empty": empty, "same": same}
    found = bootstrap(handed(models, "binary"), metrics("recall"), 100)["recall"].to_pylist()

    assert [None, "all weights are zero", None] == [one["reason"] for one in found]
    assert found[1]["error"] is None
    assert (1.0, None, None) == (found[2]["value"], found[2]["error"], found[2]["lower"])


def test_no_groups_have_no_answers(fleet):
    found = bootstrap(fleet.slice(0, 0), metrics("auc"))

    assert (0, ANSWER) == (found.num_rows, found["auc"].type)


def test_one_draw_has_no_spread(fleet):
    with pytest.raises(ValueError, match="two draws at least, not 1"):
        bootstrap(fleet, metrics("auc"), 1)
