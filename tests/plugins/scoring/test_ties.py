"""A score of exactly the threshold gives the same class, whether a model is loaded or logged."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import argosy
from argosy_scoring.ties import settled

sio = pytest.importorskip("skops.io")

METRICS = ["recall", "specificity", "accuracy", "precision"]


def both(folder, model, rows):
    """Evaluate a model, and the scores that it gives as a log."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    (folder / "model.skops").write_bytes(sio.dumps(model))
    rows.with_columns(s=model.predict_proba(rows.select("x"))[:, 1]).write_parquet(
        folder / "r.parquet"
    )
    fleet.register(
        {
            "model": ["loaded", "logged"], "version": ["1", "1"], "format": ["skops", "external"],
            "artifact": [str(folder / "model.skops"), None], "features": [["x"], None],
        }
    )  # fmt: skip
    row = {"role": "holdout", "url": str(folder / "r.parquet"), "truth": "y"}
    fleet.bind([{**row, "model": "loaded"}, {**row, "model": "logged", "score": "s"}])
    found = fleet.evaluate(metrics=METRICS).results()
    return [
        found.filter(model=name).select("metric", "value", "reason")
        for name in ("loaded", "logged")
    ]


def test_r7_a_tie_is_one_class_for_a_loaded_and_a_logged_model(tmp_path):
    rows = pl.DataFrame({"x": [1.0] * 40, "y": [0, 1] * 20})
    model = LogisticRegression().fit(rows.select("x"), rows["y"])
    assert model.predict_proba(rows.select("x"))[0].tolist() == [0.5, 0.5]

    loaded, logged = both(tmp_path, model, rows)

    assert loaded.equals(logged)
    assert loaded.filter(metric="recall")["value"].item() == 0.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_r7_so_it_is_where_the_sign_of_a_decision_function_speaks(tmp_path, sign):
    """A decision of 1e-18 has a probability of exactly one half, and scikit-learn says class 1."""
    rows = pl.DataFrame({"x": [1e-18, -1e-18, 2.0, -2.0] * 10, "y": [0, 1, 1, 0] * 10})
    model = LogisticRegression().fit(rows.select("x"), rows["y"])
    model.coef_, model.intercept_ = np.array([[sign]]), np.array([0.0])
    assert (model.predict_proba(rows.select("x"))[:2] == 0.5).all()
    assert model.predict(rows.select("x"))[:2].tolist() != [0, 0]

    loaded, logged = both(tmp_path, model, rows)

    assert loaded.equals(logged)


def test_a_model_that_decides_by_a_threshold_of_its_own_is_taken_at_its_word():
    chances = np.array([0.5, 0.5, 0.6, 0.4, 0.5, 0.5, 0.2, 0.8])
    place = np.array([0, 0, 1, 1])

    found = settled(np.array([1.0, 1.0, 1.0, 1.0]), chances, np.full(4, 2), place)

    assert [1.0, 1.0, 0.0, 1.0] == found.tolist()


def test_of_many_classes_the_first_of_equals_is_predicted():
    chances = np.array([0.2, 0.4, 0.4, 0.1, 0.1, 0.8])

    found = settled(np.array([2.0, 2.0]), chances, np.array([3, 3]), np.array([0, 0]))

    assert [1.0, 2.0] == found.tolist()
