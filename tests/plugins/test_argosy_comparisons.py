"""Each test agrees with a reference implementation, and keeps its level in the tails."""

import json

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from argosy.plugins import configured, installed
from argosy.plugins.settings import using
from argosy.testing.comparisons import ComparisonSuite
from argosy.testing.comparisons import table as pairs_table
from argosy.testing.pairs import SIDES, pair
from argosy_comparisons import bootstrap, delong, diebold_mariano, losses, mcnemar
from argosy_comparisons.pairs import pairs


class TestDeLong(ComparisonSuite):
    name = "delong"


class TestMcNemar(ComparisonSuite):
    name = "mcnemar"


class TestPairedT(ComparisonSuite):
    name = "paired_t"


class TestDieboldMariano(ComparisonSuite):
    name = "diebold_mariano"
    ordered = True


class TestBootstrap(ComparisonSuite):
    name = "bootstrap"
    metrics = ("auc", "accuracy", "mae")
    luck = 0.1
    pairs = 300
    false_alarms = 0.09  # of 300, three standard errors above 5 %
    coverage = 0.91


def table(*drawn, task="binary"):
    """Pairs as a comparison is handed them."""
    return pairs_table(task, drawn)


def rounded(rows, digits):
    return rows.with_columns(pl.col("champion_score", "challenger_score").round(digits))


# DeLong


def literal_delong(truth, champion, challenger):
    """The areas and the variance of their difference, as the paper of 1988 writes them."""
    areas, v10, v01 = [], [], []
    for score in (champion, challenger):
        x, y = score[truth == 1][:, None], score[truth == 0][None, :]
        psi = (y < x) + 0.5 * (y == x)
        areas.append(psi.mean())
        v10.append(psi.mean(axis=1))
        v01.append(psi.mean(axis=0))
    m, n = psi.shape
    s = np.cov(np.stack(v10)) / m + np.cov(np.stack(v01)) / n
    contrast = np.array([-1, 1])
    return areas, contrast @ s @ contrast


@pytest.mark.parametrize("digits", [6, 2, 1], ids=["distinct", "some ties", "many ties"])
def test_delong_is_the_published_formula(digits):
    drawn = [rounded(pair("binary", rows, 0.3, seed=rows), digits) for rows in (50, 333, 2000)]
    found = delong.measure(table(*drawn), ["auc"])["auc"].to_pylist()

    for rows, row in zip(drawn, found, strict=True):
        truth, *scores = (
            rows[name].to_numpy() for name in ("truth", "champion_score", "challenger_score")
        )
        areas, variance = literal_delong(truth, *scores)
        error = np.sqrt(variance)
        normal = 2 * stats.norm.sf(abs(areas[1] - areas[0]) / error)
        freedom = freedom_of(truth, *scores)

        assert areas == pytest.approx([row["champion"], row["challenger"]], abs=1e-12)
        assert roc_auc_score(truth, scores[1]) == pytest.approx(row["challenger"], abs=1e-12)
        assert row["upper"] - row["effect"] == pytest.approx(
            stats.t.ppf(0.975, freedom) * error, rel=1e-9
        )
        assert row["p_value"] == pytest.approx(
            2 * stats.t.sf(abs(row["effect"]) / error, freedom), rel=1e-9
        )
        if rows.height == 2000:  # where the normal holds, which R's pROC takes
            assert stats.norm.isf(normal / 2) == pytest.approx(
                stats.norm.isf(row["p_value"] / 2), rel=0.02
            )


def freedom_of(truth, champion, challenger):
    """Brunner and Munzel's degrees of freedom, of the difference of placements."""
    parts = []
    for own, other in ((1, 0), (0, 1)):
        gap = [
            (
                (score[truth == other][None, :] < score[truth == own][:, None])
                + 0.5 * (score[truth == other][None, :] == score[truth == own][:, None])
            ).mean(axis=1)
            for score in (champion, challenger)
        ]
        many = (truth == own).sum()
        parts.append((np.var(gap[1] - gap[0], ddof=1) / many, many))
    return sum(part for part, _ in parts) ** 2 / sum(part**2 / (many - 1) for part, many in parts)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"truth": pl.lit(1.0)}, "only one class is there"),
        ({"weight": pl.int_range(pl.len()).cast(pl.Float64) + 1}, "its rows have weights"),
        ({"champion_score": pl.lit(None, pl.Float64)}, "one of the models gives no scores"),
        ({"challenger_score": pl.col("truth"), "champion_score": pl.lit(0.0)}, "no variance"),
        ({"truth": (pl.int_range(pl.len()) < 9).cast(pl.Float64)}, "fewer than 10 rows of a class"),
    ],
)
def test_delong_says_why_it_cannot_tell(change, reason):
    (row,) = delong.measure(table(pair("binary", 60).with_columns(**change)), ["auc"])[
        "auc"
    ].to_pylist()

    assert reason in row["reason"]
    assert row["p_value"] is None


# McNemar


def test_mcnemar_is_the_published_example():
    """Fagerland, Lydersen and Laake (2013), airway hyper-responsiveness: 1 and 7 of 21."""
    right = {"champion": [1] * 8 + [0] * 13, "challenger": [1] * 7 + [0] + [1] * 7 + [0] * 6}
    (row,) = mcnemar.measure(table(judged(right)), ["accuracy"])["accuracy"].to_pylist()

    assert round(row["p_value"], 4) == 0.0703
    assert row["effect"] == pytest.approx(6 / 21)


def judged(right):
    rows = len(right["champion"])
    return pair("binary", rows).with_columns(
        truth=pl.lit(1.0),
        **{f"{side}_prediction": pl.Series(right[side], dtype=pl.Float64) for side in SIDES},
    )


@pytest.mark.parametrize(
    ("won", "lost"), [(0, 0), (3, 3), (1, 0), (24, 0), (25, 0), (30, 13), (20, 20), (400, 320)]
)
def test_mcnemar_is_the_binomial_test_and_its_mid_p_from_25_discordant_rows(won, lost):
    n = won + lost
    exact = stats.binomtest(won, n).pvalue if n else 1.0
    mid = exact - stats.binom.pmf(won, n, 0.5) if won != lost else 1.0
    expected = exact if n < 25 else mid

    (found,) = mcnemar.p_values(np.array([float(won)]), np.array([float(lost)]))
    assert expected == pytest.approx(found, rel=1e-9)


def test_mcnemars_interval_is_the_published_formula():
    """Bonett and Price (2012), written out."""
    rows = pair("binary", 300, 0.4, seed=2)
    right = [rows[f"{side}_prediction"] == rows["truth"] for side in SIDES]
    b, c = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    p12, p21 = (b + 1) / 302, (c + 1) / 302
    half = stats.norm.ppf(0.975) * np.sqrt((p12 + p21 - (p12 - p21) ** 2) / 302)
    (row,) = mcnemar.measure(table(rows), ["accuracy"])["accuracy"].to_pylist()

    assert (p21 - p12 - half, p21 - p12 + half) == pytest.approx((row["lower"], row["upper"]))


# Losses


def test_losses_are_tested_as_scipy_does():
    rows = pair("regression", 120, 0.2, seed=4)
    for name, power in (("mae", 1), ("mse", 2)):
        champion, challenger = (
            (rows[f"{side}_prediction"] - rows["truth"]).abs().to_numpy() ** power for side in SIDES
        )
        known = stats.ttest_rel(champion, challenger)
        (row,) = losses.measure(table(rows), [name])[name].to_pylist()

        assert known.pvalue == pytest.approx(row["p_value"], rel=1e-9)
        assert tuple(known.confidence_interval()) == pytest.approx((row["lower"], row["upper"]))


def test_weights_that_repeat_rows_give_the_value_of_the_repeated_rows():
    rows = pair("binary", 90, 0.5, seed=6).with_columns(
        weight=1 + (pl.int_range(pl.len()) % 3).cast(pl.Float64)
    )
    again = rows.select(pl.exclude("weight").repeat_by(pl.col("weight").cast(pl.Int64)).explode())
    one, other = losses.measure(table(rows, again.with_columns(weight=1.0)), ["brier"])[
        "brier"
    ].to_pylist()

    for name in ("champion", "challenger", "effect"):
        assert one[name] == pytest.approx(other[name], rel=1e-12)
    assert one["p_value"] > other["p_value"], "a row that counts twice is one observation"


def test_a_difference_without_variance_is_no_test():
    rows = pair("regression", 30).with_columns(
        champion_prediction=pl.col("truth") + 0.3, challenger_prediction=pl.col("truth") + 0.1
    )
    (row,) = losses.measure(table(rows), ["mae"])["mae"].to_pylist()

    assert "no variance" in row["reason"]
    assert row["effect"] == pytest.approx(0.2)


def test_the_brier_score_of_several_classes_counts_all_their_probabilities():
    rows = pair("multiclass", 60, 0.4, seed=8)
    given = table(rows, task="multiclass")
    (found,) = losses.LOSSES["brier"](pairs(given))[1:]
    each = np.array(rows["challenger_probabilities"].to_list())
    expected = ((each - np.eye(4)[rows["truth"].to_numpy().astype(int)]) ** 2).sum(axis=1)

    assert expected == pytest.approx(found)


# Diebold and Mariano


def literal_diebold_mariano(champion, challenger, horizon):
    """The corrected statistic as Harvey, Leybourne and Newbold write it."""
    d = champion - challenger
    n = len(d)
    gamma = [((d[lag:] - d.mean()) * (d[: n - lag] - d.mean())).sum() / n for lag in range(horizon)]
    variance = (gamma[0] + 2 * sum(gamma[1:])) / n
    if variance <= 0:
        variance = gamma[0] / n
    corrected = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return corrected * d.mean() / np.sqrt(variance)


@pytest.mark.parametrize("horizon", [1, 2, 5, 12])
def test_diebold_mariano_is_the_published_formula(horizon):
    drawn = [pair("regression", rows, 0.1, seed=rows) for rows in (25, 60, 400)]
    found = diebold_mariano.compared(table(*drawn), ["mse"], horizon)["mse"].to_pylist()

    for rows, row in zip(drawn, found, strict=True):
        each = [((rows[f"{side}_prediction"] - rows["truth"]) ** 2).to_numpy() for side in SIDES]
        statistic = literal_diebold_mariano(*each, horizon)
        p_value = 2 * stats.t.sf(abs(statistic), rows.height - 1)

        assert p_value == pytest.approx(row["p_value"], rel=1e-9)
        assert (row["upper"] - row["effect"]) * abs(statistic) == pytest.approx(
            abs(row["effect"]) * stats.t.ppf(0.975, rows.height - 1), rel=1e-9
        )


def test_errors_that_last_are_no_difference_to_diebold_mariano_but_are_to_student():
    """Both models miss by a random walk's moving mean of 8 steps; neither is better."""
    generator = np.random.default_rng(11)
    drawn = []
    for seed in range(400):
        shocks = generator.normal(size=(2, 207))
        smooth = np.stack([np.convolve(side, np.ones(8), "valid") for side in shocks])
        plain = pair("regression", 200, seed=seed)
        drawn.append(plain.with_columns(
            champion_prediction=plain["truth"] + smooth[0],
            challenger_prediction=plain["truth"] + smooth[1],
        ))  # fmt: skip
    given = table(*drawn)

    def alarms(found):
        return np.mean([row["p_value"] < 0.05 for row in found["mse"].to_pylist()])

    assert alarms(losses.measure(given, ["mse"])) > 0.25
    assert alarms(diebold_mariano.compared(given, ["mse"], 8)) < 0.12


def test_the_horizon_is_an_option():
    given = table(pair("regression", 100, 0.2, seed=3))
    with using({**configured(), "comparisons": {"horizon": 3}}):
        found = diebold_mariano.measure(given, ["mae"])

    assert found.equals(diebold_mariano.compared(given, ["mae"], 3))
    assert not found.equals(diebold_mariano.measure(given, ["mae"]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"time": pl.lit(None, pl.Datetime("us", "UTC"))}, "names no timestamp"),
        ({"time": pl.col("time").first()}, "several rows share a time"),
        ({"weight": pl.int_range(pl.len()).cast(pl.Float64) + 1}, "its rows have weights"),
        ({"champion_prediction": pl.lit(float("inf"))}, "some errors are not finite"),
    ],
)
def test_diebold_mariano_says_why_it_cannot_tell(change, reason):
    rows = pair("regression", 40).with_columns(**change)
    given = table(rows, task="regression")
    (row,) = diebold_mariano.compared(given, ["mae"], 1)["mae"].to_pylist()

    assert reason in row["reason"]


# Bootstrap


def test_the_bootstrap_is_that_of_scikit_learn_under_the_same_weights():
    """The weights of every resample, drawn again, and the metric by another implementation."""
    rows = pair("binary", 80, 0.4, seed=9)
    metrics = [installed().metrics["auc"]]
    (row,) = bootstrap.resampled(table(rows), metrics, 60, seed=5)["auc"].to_pylist()
    ordered = rows.select(
        "truth", "weight",
        *[f"{side}_{name}" for side in SIDES for name in ("prediction", "score", "truth_score")],
    ).sort(pl.all())  # fmt: skip
    gaps = []
    for stream in np.random.SeedSequence(5).spawn(60):
        weight = np.random.default_rng(stream).poisson(1.0, 80)
        areas = [
            roc_auc_score(ordered["truth"], ordered[f"{side}_score"], sample_weight=weight)
            for side in SIDES
        ]
        gaps.append(areas[1] - areas[0])
    error = np.std(gaps, ddof=1)

    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(row["effect"]) / error, 59), rel=1e-6)


def test_the_bootstrap_errs_as_delong_does():
    drawn = [pair("binary", 400, 0.2, seed=seed) for seed in range(12)]
    metric = [installed().metrics["auc"]]
    boot = bootstrap.resampled(table(*drawn), metric, 300, seed=1)["auc"].to_pylist()
    exact = delong.measure(table(*drawn), ["auc"])["auc"].to_pylist()
    ratios = [
        (one["upper"] - one["lower"]) / (other["upper"] - other["lower"])
        for one, other in zip(boot, exact, strict=True)
    ]

    assert 0.93 < np.mean(ratios) < 1.07


def test_the_bootstrap_counts_a_row_as_often_as_it_weighs():
    rows = pair("binary", 100, 0.4, seed=9)
    light = rows.with_columns(weight=1 + 9 * (pl.int_range(pl.len()) < 30).cast(pl.Float64))
    metric = [installed().metrics["accuracy"]]
    one, other = bootstrap.resampled(table(rows, light), metric, 100, seed=1)[
        "accuracy"
    ].to_pylist()
    share = light.select(
        ((pl.col("truth") == pl.col("champion_prediction")) * pl.col("weight")).sum()
        / pl.col("weight").sum()
    ).item()

    assert other["champion"] == pytest.approx(share)
    assert one["champion"] != other["champion"]


def test_a_metric_that_hangs_on_a_few_rows_is_not_tested():
    rows = pair("binary", 60, seed=2).with_columns(
        truth=(pl.int_range(pl.len()) == 3).cast(pl.Float64)
    )
    metric = [installed().metrics["auc"]]
    (row,) = bootstrap.resampled(table(rows), metric, 100, seed=0)["auc"].to_pylist()

    assert row["reason"] == "undefined in too many resamples"


# Tails


def test_the_level_is_kept_far_out_where_a_fleet_looks():
    """Of 20,000 pairs of equals, hardly more than 20 may have a p-value below 0.001."""
    generator = np.random.default_rng(3)
    shape = (20_000, 120)
    truth = (generator.random(shape) < 0.3).astype(float)
    common = generator.normal(size=shape)
    columns = {"truth": truth, "weight": np.ones(shape)}
    for side in SIDES:
        logit = 1.2 * truth + 0.7 * common + 0.7 * generator.normal(size=shape) - 0.6
        score = 1 / (1 + np.exp(-logit))
        columns |= {
            f"{side}_prediction": (score > 0.5).astype(float),
            f"{side}_score": score,
            f"{side}_truth_score": np.where(truth == 1, score, 1 - score),
        }
    given = pa.table({name: list(rows) for name, rows in columns.items()})
    for module, metric in ((delong, "auc"), (mcnemar, "accuracy"), (losses, "brier")):
        found = module.measure(given, [metric])[metric].to_pylist()
        low = sum(row["reason"] is None and row["p_value"] < 0.001 for row in found)

        assert low < 20 + 3 * np.sqrt(20), metric


def test_the_options_are_documented(capsys):
    from argosy_cli.main import run

    assert run(["--json", "plugins", "show", "comparisons"]) == 0
    told = json.dumps(json.loads(capsys.readouterr().out))
    assert all(name in told for name in ("resamples", "seed", "horizon"))
