"""The scikit-learn loader: what it opens, and what it never opens."""

import numpy as np
import polars as pl
import pytest

from argosy.errors import ArtifactError
from argosy.plugins import installed
from argosy.testing.loaders import Artifact, LoaderSuite

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
