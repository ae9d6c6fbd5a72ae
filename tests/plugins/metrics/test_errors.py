"""Standard errors and intervals are those of the sources that the metrics name."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from argosy.plugins import installed
from argosy.testing.predictions import handed, predictions

WEIGHTS = ("ones", "real")
AVERAGES = ("log_loss", "brier", "mae", "mse", "rmse", "r2", "bias", "mape", "smape", "wape")
SHARES = ("accuracy", "balanced_accuracy", "f1_macro", "mcc", "precision", "recall")
OF_CELLS = (*SHARES, "specificity", "f1", "fbeta", "average_precision")


def found(name, rows, task):
    return installed().metrics[name].measure(handed({"m": rows}, task), [name])[name][0].as_py()


def values(name, models, task):
    table = handed({str(place): rows for place, rows in enumerate(models)}, task)
    answers = installed().metrics[name].measure(table, [name])[name].to_pylist()
    return np.array([one["value"] for one in answers])


def nudged(name, rows, task):
    """Return how much a value changes with the weight of each row, times that weight."""
    weight, step = rows["weight"].to_numpy(), 1e-4
    moved = [
        rows.with_columns(weight=weight * (1 + sign * step * (np.arange(len(rows)) == row)))
        for row in range(len(rows))
        for sign in (1, -1)
    ]
    up, down = values(name, moved, task).reshape(-1, 2).T
    return (up - down) / (2 * step)


CASES = [
    *((name, "binary", 1.0) for name in OF_CELLS),
    *((name, "multiclass", 1.0) for name in ("accuracy", "balanced_accuracy", "f1_macro", "mcc")),
    *((name, "multiclass", 80 / 79) for name in ("auc", "log_loss", "brier")),
    *((name, "binary", 80 / 79) for name in ("log_loss", "brier")),
    *((name, "regression", 80 / 79) for name in AVERAGES[2:]),
    ("pinball", "regression", 80 / 79),
    ("latency_mean", "regression", 80 / 79),
]


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("name", "task", "factor"), CASES)
def test_an_error_is_that_of_the_infinitesimal_jackknife(name, task, factor, weights):
    """The values are scikit-learn's, so their derivatives, taken by small steps, are too."""
    rows = predictions(task, 80, 0.7, weights, seed=3).rows.with_columns(
        pl.col("score", "truth_score").round(2)
    )

    slopes = nudged(name, rows, task)
    assert np.sqrt((slopes**2).sum() * factor) == pytest.approx(
        found(name, rows, task)["error"], rel=1e-5
    )


def test_the_error_of_an_average_is_the_standard_error_of_the_mean():
    rows = predictions("regression", 300).rows
    miss = (rows["truth"] - rows["prediction"]).abs()

    assert stats.sem(miss) == pytest.approx(found("mae", rows, "regression")["error"], rel=1e-12)


@pytest.mark.parametrize("digits", [1, 8])
def test_the_error_of_the_area_is_delongs(digits):
    """Their formula, written out: the variances of what each row beats, ties counting half."""
    rows = predictions("binary", 120, 1.0).rows.with_columns(pl.col("score").round(digits))
    score, truth = rows["score"].to_numpy(), rows["truth"].to_numpy() == 1
    wins = (score[truth][:, None] > score[~truth]) + 0.5 * (score[truth][:, None] == score[~truth])

    variance = sum(np.var(wins.mean(axis=1 - side), ddof=1) / wins.shape[side] for side in (0, 1))
    answer = found("auc", rows, "binary")
    assert (wins.mean(), np.sqrt(variance)) == pytest.approx((answer["value"], answer["error"]))
    value, error = wins.mean(), np.sqrt(variance)
    middle, half = np.log(value / (1 - value)), 1.959963984540054 * error / value / (1 - value)
    ends = [1 / (1 + np.exp(-middle + side * half)) for side in (1, -1)]
    assert ends == pytest.approx([answer["lower"], answer["upper"]], rel=1e-9)


@pytest.mark.parametrize("hits", [0, 1, 30, 59, 60])
def test_the_interval_of_a_share_is_wilsons(hits):
    """Also where all rows agree, in which case there is no standard error."""
    rows = predictions("binary", 60).rows.with_columns(truth=pl.lit(1.0))
    rows = rows.with_columns(prediction=(pl.int_range(60) < hits).cast(pl.Float64))
    theirs = stats.binomtest(hits, 60).proportion_ci(method="wilson")
    answer = found("accuracy", rows, "binary")

    assert [theirs.low, theirs.high] == pytest.approx([answer["lower"], answer["upper"]], abs=1e-9)
    assert (hits in {0, 60}) == (answer["error"] is None)


def test_weights_that_say_nothing_shrink_a_share_to_its_effective_rows():
    """Half of the rows with twice the weight of the others: nine tenths of the rows count."""
    rows = predictions("binary", 3000).rows.with_columns(
        weight=(1 + pl.int_range(3000) % 2).cast(pl.Float64)
    )
    answer = found("accuracy", rows, "binary")
    plain = found("accuracy", rows.with_columns(weight=pl.lit(1.0)), "binary")

    assert answer["error"] / plain["error"] == pytest.approx(np.sqrt(10 / 9), rel=0.02)


def test_the_interval_of_a_median_has_the_exact_order_statistics_nearly():
    """Its ends are those of the binomial distribution, give or take a row."""
    rows = predictions("regression", 400).rows
    miss = np.sort((rows["truth"] - rows["prediction"]).abs().to_numpy())
    answer = found("median_absolute_error", rows, "regression")

    low, high = stats.binom.ppf((0.025, 0.975), 400, 0.5).astype(int)
    assert miss[low - 2] <= answer["lower"] <= miss[low + 1]
    assert miss[high - 2] <= answer["upper"] <= miss[high + 1]


@pytest.mark.parametrize(
    ("name", "task"), [("auc", "binary"), ("mae", "regression"), ("latency_p95", "binary")]
)
def test_one_row_is_as_unsure_as_can_be(name, task):
    rows = predictions(task, 40).rows.head(1)
    answer = found(name, rows, task)

    assert answer["error"] is answer["lower"] is answer["upper"] is None


def test_an_interval_that_would_need_more_rows_than_there_are_is_none():
    """The 95th percentile of ten rows is their greatest; nothing bounds it from above."""
    answer = found("latency_p95", predictions("binary", 10).rows, "binary")

    assert answer["value"] is not None
    assert answer["upper"] is None


TRUE_ROWS, MODELS = 1_000_000, 2_000


@pytest.fixture(scope="module")
def fleets():
    """Draw each fleet once: the same rows as one great model, and as thousands of small ones."""
    drawn = {}

    def draw(task, weights, strength, each):
        key = task, weights, strength, each
        if key not in drawn:
            great = predictions(task, TRUE_ROWS, strength, "ones", 1).rows
            small = predictions(task, MODELS * each, strength, weights, 2).rows
            models = {str(place): small[place * each :][:each] for place in range(MODELS)}
            drawn[key] = handed({"true": great}, task), handed(models, task)
        return drawn[key]

    return draw


@pytest.mark.parametrize(
    ("name", "task"),
    [
        *((name, "binary") for name in (*OF_CELLS, "auc", "gini", "lift", "log_loss", "brier")),
        *((name, "multiclass") for name in ("accuracy", "f1_macro", "mcc", "auc", "brier")),
        *((name, "regression") for name in (*AVERAGES[2:], "pinball", "median_absolute_error")),
        *((name, "regression") for name in ("latency_mean", "latency_p95")),
    ],
)
@pytest.mark.parametrize("kind", [("ones", 1.0, 200), ("real", 0.5, 400), ("whole", 2.0, 400)])
def test_intervals_hold_the_true_value(name, task, kind, fleets):
    """Of 200 rows, or of 400 whose weights leave the half of them or less in effect."""
    great, small = fleets(task, *kind)
    measure = installed().metrics[name].measure

    true = measure(great, [name])[name][0].as_py()["value"]
    answers = measure(small, [name])[name].combine_chunks().flatten()
    lower, upper = (answers[place].to_numpy(zero_copy_only=False) for place in (2, 3))
    assert 0.93 <= ((lower <= true) & (true <= upper)).mean() <= 0.97
