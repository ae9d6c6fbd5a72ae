"""Estimates are NannyML's where the definition is the same, and their bands cover the rest."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats
from scipy.stats import rankdata
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

from argosy.kernels import Ragged
from argosy.plugins import configured, installed
from argosy.plugins.settings import using
from argosy.testing.estimators import EstimatorSuite
from argosy.testing.predictions import handed
from argosy_estimators import binary, calibration, cbpe, direct_loss, isotonic, ragged

RECORDED = json.loads((Path(__file__).parent / "estimators" / "recorded.json").read_text("utf-8"))
SIGMOID = {"calibrated": (1.0, 0.0), "overconfident": (2.0, 0.5), "timid": (0.4, -0.3)}


class TestCbpe(EstimatorSuite):
    name = "cbpe"


class TestDirectLoss(EstimatorSuite):
    name = "direct_loss"


# NannyML


def nannyml(calibrated, score, predicted):
    """The estimates of NannyML 0.13.1 (Apache-2.0), transcribed from its functions `estimate_*`.

    Source: nannyml/performance_estimation/confidence_based/metrics.py.
    """
    tp = np.where(predicted == 1, calibrated, 0).sum()
    fp = np.where(predicted == 1, 1 - calibrated, 0).sum()
    fn = np.where(predicted == 0, calibrated, 0).sum()
    tn = np.where(predicted == 0, 1 - calibrated, 0).sum()
    ordered = calibrated[np.argsort(score)[::-1]]
    tps = np.cumsum(ordered)
    fps = 1 + np.arange(len(ordered)) - tps
    tps, fps = (np.round(np.r_[0, each], 5) for each in (tps, fps))
    return {
        "accuracy": (tp + tn) / len(score),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "specificity": tn / (tn + fp),
        "f1": tp / (tp + 0.5 * (fp + fn)),
        "auc": metrics.auc(fps / fps[-1], tps / tps[-1]),
    }


def drawn(generator, rows, kind="overconfident", moved=0.0, digits=None):
    """Scores, predictions and labels of one model."""
    slope, offset = SIGMOID[kind]
    logit = generator.normal(moved, 1.5, rows)
    truth = (generator.uniform(size=rows) < 1 / (1 + np.exp(-logit))).astype(float)
    score = 1 / (1 + np.exp(-slope * logit - offset))
    if digits is not None:
        score = score.round(digits)
    return score, (score >= 0.5).astype(float), truth


def table(**columns):
    return pa.table(
        {name: pa.array(lists, pa.list_(pa.float64())) for name, lists in columns.items()}
    )


def estimated(module, known, new):
    """Fit and estimate, with the columns of both sides as lists of arrays."""
    fitted = module.fit(table(**known))
    assert fitted["reason"].to_pylist() == [None] * len(fitted)
    given = table(**new)
    for name in fitted.column_names:
        given = given.append_column(name, fitted[name])
    return module.estimate(given).to_pylist()


def sides(pairs):
    names = ("score", "prediction", "truth")
    known = {name: [pair[0][place] for pair in pairs] for place, name in enumerate(names)}
    new = {name: [pair[1][place] for pair in pairs] for place, name in enumerate(names[:2])}
    return known, new


@pytest.mark.parametrize("digits", [None, 2, 1], ids=["distinct", "some ties", "many ties"])
def test_estimates_are_nannymls(digits):
    """All models in one call, each with scikit-learn's calibration; NannyML rounds within AUC."""
    generator = np.random.default_rng(3)
    pairs = [
        (
            drawn(generator, int(generator.integers(100, 1500)), kind, digits=digits),
            drawn(generator, int(generator.integers(100, 1500)), kind, moved, digits),
        )
        for kind in SIGMOID
        for moved in (-1.0, 0.0, 0.6)
    ]
    for (known, new), found in zip(pairs, estimated(cbpe, *sides(pairs)), strict=True):
        model = IsotonicRegression(out_of_bounds="clip").fit(known[0], known[2])
        for name, value in nannyml(model.predict(new[0]), new[0], new[1]).items():
            tolerance = 1e-6 if name == "auc" else 1e-9

            assert value == pytest.approx(found[name]["value"], abs=tolerance), name


@pytest.mark.parametrize("case", RECORDED["cases"])
def test_estimates_are_those_that_nannyml_gave_itself(case):
    """`estimators/record.py` asked the library, which calibrated these by itself."""
    asked = RECORDED["cases"][case]
    known, new = (
        (np.array(side["score"]), (np.array(side["score"]) >= 0.5) * 1.0, np.array(side["label"]))
        for side in (asked["reference"], asked["current"])
    )
    found = estimated(cbpe, *sides([(known, new)]))[0]

    assert asked["calibrated"]
    assert {name: found[name]["value"] for name in asked["values"]} == pytest.approx(
        asked["values"], abs=1e-6
    )


def test_the_recorded_numbers_are_of_the_release_that_the_readme_names():
    assert RECORDED["versions"]["nannyml"] == "0.13.1"


def test_expected_losses_are_those_of_a_label_drawn_from_the_calibrated_score():
    generator = np.random.default_rng(4)
    known, new = drawn(generator, 800), drawn(generator, 900)
    found = estimated(cbpe, *sides([(known, new)]))[0]
    chance = IsotonicRegression(out_of_bounds="clip").fit(known[0], known[2]).predict(new[0])

    brier = chance * (1 - new[0]) ** 2 + (1 - chance) * new[0] ** 2
    log_loss = -chance * np.log(new[0]) - (1 - chance) * np.log(1 - new[0])
    assert brier.mean() == pytest.approx(found["brier"]["value"], abs=1e-12)
    assert log_loss.mean() == pytest.approx(found["log_loss"]["value"], abs=1e-12)


def test_with_labels_for_chances_the_metrics_are_scikit_learns():
    """So what is expected and what is realised are one formula."""
    generator = np.random.default_rng(5)
    score, called, truth = drawn(generator, 700, digits=2)
    order = np.argsort(score, kind="stable")
    lists = Ragged.of(score[order].clip(0.01, 0.99), np.array([700]))
    found = binary.measure(lists, called[order], truth[order]).values[:, 0]
    score = score.clip(0.01, 0.99)

    expected = [
        metrics.accuracy_score(truth, called),
        metrics.precision_score(truth, called),
        metrics.recall_score(truth, called),
        metrics.recall_score(truth, called, pos_label=0),
        metrics.f1_score(truth, called),
        metrics.roc_auc_score(truth, score),
        metrics.brier_score_loss(truth, score),
        metrics.log_loss(truth, score),
    ]
    assert expected == pytest.approx(found.tolist(), abs=1e-12)


def test_slopes_are_the_derivatives_of_the_metrics():
    """Else the bands are about something else."""
    generator = np.random.default_rng(6)
    score = Ragged.of(np.sort(generator.uniform(size=40).round(1)), np.array([40]))
    chance, called = generator.uniform(0.1, 0.9, 40), (score.values >= 0.5).astype(float)
    slopes = binary.measure(score, called, chance).slopes / 40
    for row in (0, 17, 39):
        step = np.zeros(40)
        step[row] = 1e-6
        up, down = (binary.measure(score, called, chance + s * step).values for s in (1, -1))

        assert ((up - down)[:, 0] / 2e-6).tolist() == pytest.approx(
            slopes[:, row].tolist(), abs=1e-7
        )


# Isotonic regression


@pytest.mark.parametrize("rounds", [0, 1, isotonic.ROUNDS], ids=["walked", "both", "in rounds"])
def test_the_calibration_is_scikit_learns(rounds, monkeypatch):
    """However the models are pooled, and however they lie in one block."""
    monkeypatch.setattr(isotonic, "ROUNDS", rounds)
    generator = np.random.default_rng(7)
    for _ in range(60):
        lengths, others = generator.integers(1, 60, (2, 5))
        digits = int(generator.integers(1, 6))
        score = generator.uniform(size=lengths.sum()).round(digits)
        truth = (generator.uniform(size=len(score)) < score**2).astype(float)
        known = Ragged.of(score, lengths)
        order = ragged.order(known)
        known, truth = Ragged.of(score[order], lengths), truth[order]
        new = Ragged.of(generator.uniform(-0.2, 1.2, others.sum()).round(digits), others)
        new = Ragged.of(new.values[ragged.order(new)], others)
        steps = isotonic.pool(known, truth)
        found = isotonic.locate(steps, new).mix(steps.rates)
        for model in range(5):
            mine, theirs = known.owners == model, new.owners == model
            model = IsotonicRegression(out_of_bounds="clip").fit(known.values[mine], truth[mine])

            expected = model.predict(new.values[theirs])
            assert expected.tolist() == pytest.approx(found[theirs].tolist(), abs=1e-12)


# Bands


@pytest.mark.parametrize("sizes", [(200, 200), (1000, 200), (300, 2000)])
@pytest.mark.parametrize("kind", SIGMOID)
def test_bands_hold_95_of_100_realised_values(kind, sizes):
    """Whatever the sizes of both sides, and however far the scores are from probabilities."""
    generator = np.random.default_rng(8)
    pairs = [tuple(drawn(generator, rows, kind) for rows in sizes) for _ in range(800)]
    held = []
    for (_, new), found in zip(pairs, estimated(cbpe, *sides(pairs)), strict=True):
        score, called, truth = new
        ranks, positives = rankdata(score), truth.sum()
        above = ranks[truth == 1].sum() - positives * (positives + 1) / 2
        realised = {
            "accuracy": (called == truth).mean(),
            "f1": 2 * (called * truth).sum() / (called.sum() + positives),
            "auc": above / positives / (len(truth) - positives),
            "brier": ((score - truth) ** 2).mean(),
        }
        held.append(
            {name: found[name]["lower"] <= is_ <= found[name]["upper"]
             for name, is_ in realised.items()}
        )  # fmt: skip
    for name, share in pl.DataFrame(held).mean().row(0, named=True).items():
        assert 0.92 <= share <= 0.98, name


def test_a_narrow_reference_widens_the_band():
    """What was learnt from few labels is not known well."""
    generator = np.random.default_rng(9)
    new = drawn(generator, 5000)
    few, many = estimated(cbpe, *sides([(drawn(generator, rows), new) for rows in (100, 10_000)]))
    width = [found["accuracy"]["upper"] - found["accuracy"]["lower"] for found in (few, many)]

    assert width[0] > 3 * width[1]


def test_a_shift_of_the_scores_is_seen_and_a_change_of_their_meaning_is_not():
    """The first is what the method is for; the second is what the README warns of."""
    generator = np.random.default_rng(10)
    known, harder = drawn(generator, 5000, "calibrated"), drawn(generator, 5000, "calibrated", -1.5)
    score, called, truth = drawn(generator, 5000, "calibrated")
    seen, blind = estimated(cbpe, *sides([(known, harder), (known, (score, called, 1 - truth))]))

    assert (harder[1] == harder[2]).mean() == pytest.approx(seen["accuracy"]["value"], abs=0.02)
    assert blind["accuracy"]["value"] > 0.7 > 0.3 > (called == 1 - truth).mean()


# Reasons


def reason(known=None, new=None):
    """Why a model cannot be fitted, or else why each metric is undefined."""
    plain = drawn(np.random.default_rng(11), 60)
    score, called, truth = plain if known is None else known
    fitted = cbpe.fit(table(score=[score], prediction=[called], truth=[truth]))
    if fitted["reason"][0].as_py() is not None:
        return fitted["reason"][0].as_py()
    score, called, _ = plain if new is None else new
    given = table(score=[score], prediction=[called])
    for name in fitted.column_names:
        given = given.append_column(name, fitted[name])
    found = cbpe.estimate(given).to_pylist()[0]
    return {name: band["reason"] for name, band in found.items() if band["reason"] is not None}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s, c, t: ([None] * 60, c, t), "the model gives no scores"),
        (lambda s, c, t: (s[:19], c[:19], t[:19]), "fewer than 20 reference rows"),
        (lambda s, c, t: (s, c, t * 0), "only one class in the reference"),
        (lambda s, c, t: ([None] * 45 + list(s[45:]), c, t), "fewer than 20 reference rows"),
    ],
)
def test_what_cannot_be_calibrated_says_why(change, expected):
    assert expected == reason(known=change(*drawn(np.random.default_rng(11), 60)))


def test_a_null_list_of_scores_is_a_model_without_scores():
    score, called, truth = drawn(np.random.default_rng(11), 60)
    both = {"prediction": [called, called], "truth": [truth, truth]}
    told = cbpe.fit(table(score=[None, score], **both))["reason"].to_pylist()

    assert told == ["the model gives no scores", None]


def test_what_cannot_be_estimated_says_why():
    score, called, truth = drawn(np.random.default_rng(12), 60)
    some = np.where(np.arange(60) == 3, np.nan, score)

    assert set(reason(new=(some, called, truth)).values()) == {"some rows have no score"}
    assert set(reason(new=(score[:5], called[:5], truth)).values()) == {
        "fewer than 20 current rows"
    }
    assert reason(new=(score, called * 0, truth)) == {"precision": "no positive predictions"}
    assert reason(new=(score * 9 - 4, called, truth)) == dict.fromkeys(
        ("brier", "log_loss", "expected_calibration_error"), "some scores are not probabilities"
    )


def test_the_folded_normal_is_scipys():
    mean, sigma = np.array([0.0, 0.3, -2.0, 5.0]), np.array([1.0, 2.0, 0.5, 1.0])
    middle, variance = calibration.folded(mean, sigma**2)

    known = stats.foldnorm(np.abs(mean) / sigma, scale=sigma)
    assert known.mean() == pytest.approx(middle)
    assert known.var() == pytest.approx(variance)


def test_bins_are_those_of_the_metric():
    """With the labels themselves and no luck, what is estimated is what the metric measures."""
    generator = np.random.default_rng(2)
    score, _, truth = drawn(generator, 500, digits=2)  # many a score lies on an edge
    each = calibration.binned(Ragged.of(score, np.array([500])), truth, 15)
    rows = {
        "truth": truth,
        "prediction": truth,
        "score": score,
        "truth_score": score,
        "weight": 1.0,
    }
    metric = installed().metrics["expected_calibration_error"]
    given = handed({"m": pl.DataFrame(rows)}, "binary")
    (found,) = metric.measure(given, [metric.name])[metric.name].to_pylist()

    assert found["value"] == pytest.approx(np.abs(each[1]).sum() / 500)
    assert each[0].sum() == 500


@pytest.mark.parametrize("kind", SIGMOID)
def test_the_calibration_error_is_right_on_average(kind):
    """Neither the luck of the labels to come nor that of the reference is taken for error."""
    generator = np.random.default_rng(17)
    pairs = [(drawn(generator, 600, kind), drawn(generator, 500, kind)) for _ in range(300)]
    found = [each["expected_calibration_error"] for each in estimated(cbpe, *sides(pairs))]
    metric = installed().metrics["expected_calibration_error"]
    models = {
        str(place): pl.DataFrame(
            {"truth": truth, "prediction": called, "score": score, "weight": 1.0}
        ).with_columns(truth_score="score")
        for place, (_, (score, called, truth)) in enumerate(pairs)
    }
    told = metric.measure(handed(models, "binary"), [metric.name])[metric.name].to_pylist()
    realised = np.array([one["value"] for one in told])
    value, lower, upper = (
        np.array([one[name] for one in found]) for name in ("value", "lower", "upper")
    )

    assert abs((value - realised).mean()) < 0.003
    assert 0.92 < ((realised >= lower) & (realised <= upper)).mean() < 0.99


def test_another_number_of_bins_wants_another_fit():
    generator = np.random.default_rng(3)
    known, new = drawn(generator, 300), drawn(generator, 300)
    fitted = cbpe.fit(table(**sides([(known, new)])[0]))
    given = table(**sides([(known, new)])[1])
    for name in fitted.column_names:
        given = given.append_column(name, fitted[name])
    with using({**configured(), "metrics": {"calibration_bins": 10}}):
        (found,) = cbpe.estimate(given).to_pylist()

    assert "another number of bins" in found["expected_calibration_error"]["reason"]
    assert found["auc"]["reason"] is None


def test_equal_scores_estimate_the_rate_of_the_reference():
    """Nothing tells rows apart, so all of them are as the reference was on average."""
    half, ones = np.full(100, 0.5), np.ones(100)
    truth = (np.arange(100) < 70).astype(float)
    found = estimated(cbpe, *sides([((half, ones, truth), (half, ones))]))[0]

    assert found["accuracy"]["value"] == pytest.approx(0.7)
    assert found["auc"]["value"] == pytest.approx(0.5)


def test_scores_of_0_and_1_are_calibrated_too():
    score = np.repeat([0.0, 1.0], 50)
    truth = np.concatenate([np.arange(50) < 10, np.arange(50) < 45]).astype(float)
    found = estimated(cbpe, *sides([((score, score, truth), (score, score))]))[0]

    assert found["accuracy"]["value"] == pytest.approx(0.85)
    assert found["brier"]["value"] == pytest.approx(0.15)
    assert found["log_loss"]["value"] == pytest.approx(0.15 * binary.WORST)


# Regressions


def test_every_row_loses_what_its_bin_of_the_reference_lost():
    """Ten bins between deciles of the prediction, in the plainest way there is."""
    generator = np.random.default_rng(13)
    known, new = np.sort(generator.normal(size=(2, 500)))
    truth = known + generator.normal(size=500) * np.exp(known)
    edges = known[[50 * place for place in range(1, 10)]]
    loss = np.abs(truth - known)
    place = np.searchsorted(edges, known, "right")
    means = np.array([loss[place == bin_].mean() for bin_ in range(10)])
    found = estimated(
        direct_loss,
        {"prediction": [known], "truth": [truth]},
        {"prediction": [new]},
    )[0]

    expected = means[np.searchsorted(edges, new, "right")].mean()
    assert expected == pytest.approx(found["mae"]["value"], abs=1e-12)


def test_a_constant_truth_and_a_constant_prediction_are_no_trouble():
    generator = np.random.default_rng(14)
    guess = generator.normal(size=100)
    zero = np.zeros(100)
    found = estimated(
        direct_loss,
        {"prediction": [guess, zero, zero], "truth": [zero, guess, zero]},
        {"prediction": [guess, zero, zero]},
    )

    assert [np.abs(guess).mean()] * 2 + [0] == pytest.approx([one["mae"]["value"] for one in found])
    assert found[2]["rmse"] == {"value": 0, "lower": 0, "upper": 0, "reason": None}


def test_predictions_that_moved_to_where_errors_are_large_are_seen():
    generator = np.random.default_rng(15)
    known = generator.uniform(size=4000)
    truth = known + generator.normal(size=4000) * known
    new = generator.uniform(0.7, 1.0, size=4000)
    later = new + generator.normal(size=4000) * new
    found = estimated(
        direct_loss, {"prediction": [known], "truth": [truth]}, {"prediction": [new]}
    )[0]

    assert found["mae"]["lower"] <= np.abs(later - new).mean() <= found["mae"]["upper"]
    assert found["mae"]["value"] > 1.4 * np.abs(truth - known).mean()


def test_blocks_change_nothing(monkeypatch):
    """A large fleet is handled a piece at a time."""
    generator = np.random.default_rng(16)
    pairs = [tuple(drawn(generator, 100 + 7 * place) for _ in range(2)) for place in range(12)]
    whole = estimated(cbpe, *sides(pairs))
    monkeypatch.setattr(ragged, "BLOCK", 300)

    for one, other in zip(whole, estimated(cbpe, *sides(pairs)), strict=True):
        for name in one:
            assert one[name]["value"] == pytest.approx(other[name]["value"], abs=1e-12)
            assert one[name]["lower"] == pytest.approx(other[name]["lower"], abs=1e-12)
