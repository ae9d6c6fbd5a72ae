"""The scikit-learn loader and trainer: what they open and make, and what is never opened."""

import numpy as np
import polars as pl
import pytest

from argosy.errors import ArtifactError
from argosy.plugins import installed
from argosy.testing.loaders import Artifact, LoaderSuite
from argosy.testing.trainers import TrainerSuite

pytest.importorskip("skops", reason="skops is not installed: the extra `sklearn` brings it")

import skops.io as sio
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from argosy_sklearn.trainer import ESTIMATORS

IRIS = datasets.load_iris()
COLUMNS = [f"c{number}" for number in range(4)]
ROWS = pl.DataFrame(IRIS.data, schema=COLUMNS)


def load(model):
    return installed().loaders["skops"].load(sio.dumps(model))


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(max_iter=500),
        RandomForestClassifier(5),
        GradientBoostingClassifier(n_estimators=5),
        HistGradientBoostingClassifier(max_iter=5),
    ],
    ids=lambda model: type(model).__name__,
)
def test_classifiers_predict_as_before_they_were_saved(model):
    model.fit(ROWS, IRIS.target)
    loaded = load(model)
    answer = loaded.predict(ROWS)

    assert loaded.task == "multiclass"
    assert loaded.classes == (0, 1, 2)
    np.testing.assert_array_equal(answer["prediction"].to_numpy(), model.predict(ROWS))
    np.testing.assert_array_equal(
        np.array(answer["probabilities"].to_list()), model.predict_proba(ROWS)
    )


@pytest.mark.parametrize(
    "model",
    [Ridge(), DecisionTreeRegressor(max_depth=3), HistGradientBoostingRegressor(max_iter=5)],
    ids=lambda model: type(model).__name__,
)
def test_regressors_predict_as_before_they_were_saved(model):
    model.fit(ROWS, IRIS.data[:, 0] * 2)
    answer = load(model).predict(ROWS)

    np.testing.assert_array_equal(answer["prediction"].to_numpy(), model.predict(ROWS))


def test_a_classifier_without_probabilities_still_predicts():
    model = LinearSVC().fit(IRIS.data, IRIS.target)

    assert load(model).predict(ROWS).columns == ["prediction"]


def test_a_model_fitted_without_names_predicts_without_warnings():
    model = LogisticRegression(max_iter=500).fit(IRIS.data, IRIS.target == 1)

    assert load(model).classes == (False, True)
    assert load(model).predict(ROWS).height == 150


def test_what_predicts_nothing_is_refused():
    with pytest.raises(ArtifactError, match="KMeans is neither a classifier nor a regressor"):
        load(KMeans(2, n_init=1).fit(IRIS.data))


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"PK\x03\x04" + b"\x00" * 50])
def test_what_is_no_skops_file_is_refused(content):
    with pytest.raises(ArtifactError, match="it is no skops file"):
        installed().loaders["skops"].load(content)


class TestSkops(LoaderSuite):
    name = "skops"

    def artifacts(self):
        """A binary and a multiclass classifier, one without probabilities, and a regression."""
        for model, truth in (
            (LogisticRegression(max_iter=500), IRIS.target == 1),
            (RandomForestClassifier(5, random_state=1), IRIS.target_names[IRIS.target]),
            (LinearSVC(), IRIS.target),
            (Ridge(), IRIS.data[:, 0] * 2),
        ):
            model.fit(ROWS, truth)
            yield Artifact(sio.dumps(model), ROWS, model.predict(ROWS).tolist())


# The trainer


def fitted(estimator, rows, **params):
    """Train one model by the trainer, and return its answer."""
    suite = TrainerSuite()
    suite.name, suite.params = "sklearn", {"estimator": estimator, **params}
    (answer,) = suite.asked({"m": rows}).to_dicts()
    return suite, answer


@pytest.mark.parametrize(
    ("estimator", "params"),
    [
        ("LogisticRegression", {"C": "0.5"}),
        ("RandomForestClassifier", {"n_estimators": "5", "max_depth": "null"}),
        ("HistGradientBoostingRegressor", {"max_iter": "5"}),
        ("Ridge", {"alpha": "2", "fit_intercept": "true", "solver": "cholesky"}),
    ],
)
class TestTrainer(TrainerSuite):
    name = "sklearn"

    @pytest.fixture(autouse=True)
    def _chosen(self, estimator, params):
        self.params = {"estimator": estimator, **params}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_on_the_list_is_trained_and_opened(name):
    """The format must trust all that the trainer can make."""
    rows = TrainerSuite().data(60, 1)
    suite, answer = fitted(name, rows)

    assert answer["reason"] is None
    expected = ESTIMATORS[name]()
    if "random_state" in expected.get_params():
        expected.set_params(random_state=int(b"m".hex(), 16))
    expected.fit(rows.select("size", "age"), rows["label"])
    found = suite.predicted(answer, rows)["prediction"].to_numpy()
    np.testing.assert_allclose(found, expected.predict(rows.select("size", "age")))
    assert list(answer["features"]) == ["size", "age"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (pl.DataFrame({"size": ["a"], "age": [1.0], "label": [1]}), "the feature 'size' is String"),
        (pl.DataFrame({"size": [1.0, 2.0], "age": [1.0, 2.0], "label": [1, 1]}), "class"),
        (
            pl.DataFrame({"size": [1.0], "age": [1.0], "label": pl.Series([None], dtype=pl.Int64)}),
            "none of its rows has a truth",
        ),
        (pl.DataFrame({"size": [1.0, None], "age": [1.0, 2.0], "label": [0, 1]}), "NaN"),
    ],
)
def test_what_cannot_be_fitted_says_why(rows, reason):
    if rows["size"].dtype == pl.String:
        suite = TrainerSuite()
        suite.data = lambda many, seed: rows.head(many)
        suite.name, suite.params = "sklearn", {"estimator": "LogisticRegression"}
        (answer,) = suite.asked({"m": rows}).to_dicts()
    else:
        _, answer = fitted("LogisticRegression", rows)

    assert reason in answer["reason"]
    assert answer["content"] is None


def test_rows_without_a_truth_are_left_out_and_weights_count():
    rows = pl.DataFrame(
        {"x": [0.0, 0.0, 0.0, 9.0], "label": [1.0, 4.0, None, 7.0], "w": [1.0, 3.0, 1.0, 0.0]}
    )
    suite = TrainerSuite()
    suite.data, suite.binding = (
        (lambda many, seed: rows.head(many)),
        {"truth": "label", "weight": "w"},
    )
    suite.name, suite.params = "sklearn", {"estimator": "DummyRegressor"}
    (answer,) = suite.asked({"m": rows}).to_dicts()

    assert suite.predicted(answer, rows)["prediction"].to_list() == [3.25] * 4


def test_a_feature_without_any_value_is_left_out():
    rows = TrainerSuite().data(60, 1).with_columns(age=pl.lit(None, pl.Float64))
    suite, answer = fitted("LogisticRegression", rows)

    assert answer["reason"] is None
    assert list(answer["features"]) == ["size"]
    assert suite.predicted(answer, rows)["prediction"].null_count() == 0


def test_features_without_any_value_at_all_are_nothing_to_learn_from():
    rows = TrainerSuite().data(60, 1).with_columns(pl.col("size", "age") * None)

    assert fitted("LogisticRegression", rows)[1]["reason"] == "none of its features has a value"


def mixed(rows):
    """Two numbers of other sizes, and a text of which the label is made."""
    rng = np.random.default_rng(rows)
    text = pl.Series(rng.choice(["a", "b", "c"], rows))
    large = rng.normal(1e3, 50, rows)
    return pl.DataFrame(
        {
            "large": large,
            "small": rng.normal(0, 1e-3, rows),
            "text": text,
            "label": ((text == "a").to_numpy() ^ (large > 1080)).astype(int),
            "w": rng.uniform(0.5, 2, rows),
        }
    )


@pytest.mark.parametrize("weight", [None, "w"])
def test_numbers_are_standardised_and_text_is_encoded_where_the_params_say_so(weight):
    rows = mixed(200) if weight else mixed(200).drop("w")
    suite = TrainerSuite()
    suite.data, suite.binding = (lambda many, seed: rows.head(many)), {"truth": "label"}
    suite.binding |= {"weight": weight} if weight else {}
    suite.name = "sklearn"
    suite.params = {"estimator": "LogisticRegression", "standardise": "true", "one_hot": "true"}
    (answer,) = suite.asked({"m": rows}).to_dicts()
    assert answer["reason"] is None
    assert answer["features"] == ["large", "small", "text"]

    numbers = rows.select("large", "small").to_numpy()
    parts = [(numbers - numbers.mean(0)) / numbers.std(0)]
    parts += [(rows["text"] == value).to_numpy()[:, None].astype(float) for value in "abc"]
    plain = LogisticRegression(random_state=int(b"m".hex(), 16))
    plain.fit(
        np.hstack(parts), rows["label"], sample_weight=rows["w"].to_numpy() if weight else None
    )
    found = suite.predicted(answer, rows)["probabilities"].to_list()
    np.testing.assert_allclose(found, plain.predict_proba(np.hstack(parts)), atol=1e-6)


def test_text_that_was_never_seen_is_predicted_too():
    rows = mixed(200).drop("w")
    suite = TrainerSuite()
    suite.data, suite.binding = (lambda many, seed: rows.head(many)), {"truth": "label"}
    suite.name = "sklearn"
    suite.params = {"estimator": "RandomForestClassifier", "one_hot": "true"}
    (answer,) = suite.asked({"m": rows}).to_dicts()
    strange = rows.with_columns(text=pl.lit("z"))

    assert suite.predicted(answer, strange)["prediction"].null_count() == 0
