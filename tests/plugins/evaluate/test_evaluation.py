"""Evaluating models: numbers equal scikit-learn's, and a broken model is a row."""

import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import argosy
from argosy.errors import UnknownName

sio = pytest.importorskip("skops.io")


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Three real models on real data: binary, multiclass and regression."""
    folder = tmp_path_factory.mktemp("scored")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    wine, diabetes = load_wine(), load_diabetes()
    cases = {
        "binary": (wine.data, (wine.target == 1).astype(int), LogisticRegression(max_iter=500)),
        "multiclass": (
            wine.data,
            np.array(["x", "y", "z"])[wine.target],
            LogisticRegression(max_iter=500),
        ),
        "regression": (diabetes.data, diabetes.target, Ridge()),
    }
    truth = {}
    for name, (rows, target, estimator) in cases.items():
        columns = [f"c{number}" for number in range(rows.shape[1])]
        model = make_pipeline(StandardScaler(), estimator).fit(rows[::2], target[::2])
        (folder / f"{name}.skops").write_bytes(sio.dumps(model))
        table = pl.DataFrame(rows[1::2], schema=columns).with_columns(
            target=pl.Series(target[1::2])
        )
        table.write_parquet(folder / f"{name}.parquet")
        truth[name] = (model, rows[1::2], target[1::2])
    fleet.register(
        {
            "model": list(cases),
            "version": ["1"] * 3,
            "format": ["skops"] * 3,
            "artifact": [str(folder / f"{name}.skops") for name in cases],
        }
    )
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": name,
                "url": str(folder / f"{name}.parquet"),
                "truth": "target",
            }
            for name in cases
        ]
    )
    return fleet, truth, folder


def value(run, model, metric):
    return run.results().filter(model=model, metric=metric)["value"].item()


def test_scored_values_equal_scikit_learns(scored):
    fleet, truth, _ = scored
    run = fleet.evaluate()

    assert run.failures().is_empty(), run.failures()["reason"].to_list()
    model, rows, target = truth["binary"]
    score = model.predict_proba(rows)[:, 1]
    assert value(run, "binary", "auc") == pytest.approx(
        metrics.roc_auc_score(target, score), abs=1e-12
    )
    assert value(run, "binary", "log_loss") == pytest.approx(
        metrics.log_loss(target, score), abs=1e-12
    )
    model, rows, target = truth["multiclass"]
    assert value(run, "multiclass", "accuracy") == pytest.approx(
        model.score(rows, target), abs=1e-12
    )
    assert value(run, "multiclass", "log_loss") == pytest.approx(
        metrics.log_loss(target, model.predict_proba(rows)), abs=1e-12
    )
    model, rows, target = truth["regression"]
    predicted = model.predict(rows)
    assert value(run, "regression", "mae") == pytest.approx(
        metrics.mean_absolute_error(target, predicted), abs=1e-9
    )
    assert value(run, "regression", "r2") == pytest.approx(model.score(rows, target), abs=1e-12)


def test_only_the_metrics_asked_for_are_measured(scored):
    fleet, _, _ = scored
    run = fleet.evaluate("model = 'binary'", metrics=["auc"])

    assert run.results()["metric"].to_list() == ["auc"]


def test_a_metric_that_does_not_apply_is_a_row_with_its_reason(scored):
    fleet, _, _ = scored
    run = fleet.evaluate(metrics=["average_precision"])
    found = run.results().filter(metric="average_precision", status="not applicable")

    assert dict(found.select("model", "reason").rows())["regression"] == (
        "it does not apply to a regression model"
    )
    assert run.failures().is_empty()
    assert (run.summary["failed"], run.summary["unknown"]) == (0, 0)


def test_an_artifact_that_changed_is_never_parsed(scored):
    """The reason names both digests and says what to do; the other models are evaluated."""
    fleet, _, folder = scored
    path = folder / "binary.skops"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-1] + b"x")
        run = fleet.evaluate()
    finally:
        path.write_bytes(whole)

    assert run.summary["failed"] == 1
    reason = run.failures()["reason"].item()
    assert "binary.skops changed: registered sha256:" in reason
    assert "restore the file, or register it as a new version" in reason


def test_an_artifact_that_is_gone_is_named(scored):
    fleet, _, folder = scored
    path = folder / "binary.skops"
    path.rename(folder / "away")
    try:
        run = fleet.evaluate()
    finally:
        (folder / "away").rename(path)

    assert "binary.skops is missing" in run.failures()["reason"].item()


def register_bytes(fleet, folder, name, content, source="binary"):
    (folder / f"{name}.skops").write_bytes(content)
    fleet.register(
        {
            "model": [name],
            "version": ["1"],
            "format": ["skops"],
            "artifact": [str(folder / f"{name}.skops")],
        }
    )
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": name,
                "url": str(folder / f"{source}.parquet"),
                "truth": "target",
            }
        ]
    )
    return fleet.evaluate(f"model = '{name}'")


def test_what_is_no_skops_file_is_refused(scored):
    fleet, _, folder = scored
    run = register_bytes(fleet, folder, "garbage", b"garbage")

    assert "is no skops file" in run.failures()["reason"].item()


def test_a_pickle_under_a_skops_name_is_never_opened(scored, tmp_path):
    """The payload would create a file if anything unpickled it."""
    import pickle  # noqa: TID251  (the attack itself)

    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    fleet, _, folder = scored
    run = register_bytes(fleet, folder, "payload", pickle.dumps(Payload()))

    assert run.summary["failed"] == 1
    assert not (tmp_path / "owned").exists()


def test_types_that_are_not_trusted_are_named(scored):
    from sklearn.preprocessing import FunctionTransformer

    fleet, truth, folder = scored
    model = make_pipeline(FunctionTransformer(np.linalg.norm), LogisticRegression())
    run = register_bytes(fleet, folder, "odd", sio.dumps(model))

    assert (
        "not on argosy's list of types that are safe to open: numpy.linalg"
        in run.failures()["reason"].item()
    )


def test_a_missing_feature_is_named(scored):
    fleet, _, folder = scored
    content = (folder / "binary.skops").read_bytes()
    (folder / "wants.skops").write_bytes(content)
    fleet.register(
        {
            "model": ["wants"],
            "version": ["1"],
            "format": ["skops"],
            "artifact": [str(folder / "wants.skops")],
            "features": [["c0", "zz"]],
        }
    )
    fleet.bind(
        [
            {
                "role": "holdout",
                "model": "wants",
                "url": str(folder / "binary.parquet"),
                "truth": "target",
            }
        ]
    )
    run = fleet.evaluate("model = 'wants'")

    assert "has no column 'zz'" in run.failures()["reason"].item()


def test_a_model_nothing_is_bound_to_is_a_row(scored):
    fleet, _, folder = scored
    fleet.register({"model": ["alone"], "version": ["1"]})
    run = fleet.evaluate("model = 'alone' OR model = 'binary'")

    assert run.failures().rows() == [("alone", "1", "no data is bound to its role 'holdout'")]


def test_logged_predictions_need_no_artifact(fleet, tmp_path):
    run = fleet.evaluate()

    rows = pl.read_parquet(tmp_path / "holdout.parquet").filter(client="m3")
    expected = metrics.roc_auc_score(rows["label"].to_numpy(), rows["score"].to_numpy())
    assert value(run, "m3", "auc") == pytest.approx(expected, abs=1e-12)


def test_logged_text_labels_are_compared_as_they_are(empty, tmp_path):
    rows = pl.DataFrame({"said": ["a", "b", "c", "a"], "was": ["a", "b", "a", "c"]})
    rows.write_parquet(tmp_path / "log.parquet")
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        [
            {
                "role": "holdout",
                "url": str(tmp_path / "log.parquet"),
                "prediction": "said",
                "truth": "was",
            }
        ]
    )

    assert value(empty.evaluate(), "m", "accuracy") == 0.5


def test_one_class_only_leaves_auc_undefined_with_a_reason(empty, tmp_path):
    pl.DataFrame({"score": [0.1, 0.7], "was": [1, 1]}).write_parquet(tmp_path / "log.parquet")
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        [
            {
                "role": "holdout",
                "url": str(tmp_path / "log.parquet"),
                "score": "score",
                "truth": "was",
            }
        ]
    )
    row = empty.evaluate().results().filter(metric="auc").row(0, named=True)

    assert (row["value"], row["status"]) == (None, "undefined")
    assert "class" in row["reason"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"score": [0.1, None], "was": [None, None]}, "has a truth"),
        ({"score": [0.1, float("nan")], "was": [1, 0]}, "1 of 2 values of the"),
        ({"score": [0.1, float("inf")], "was": [1, 0]}, "1 of 2 values of the"),
    ],
)
def test_rows_that_cannot_be_measured_say_why(empty, tmp_path, rows, told):
    pl.DataFrame(rows, schema={"score": pl.Float64, "was": pl.Int64}).write_parquet(
        tmp_path / "log.parquet"
    )
    empty.register({"model": ["m"], "version": ["1"]})
    empty.bind(
        [
            {
                "role": "holdout",
                "url": str(tmp_path / "log.parquet"),
                "score": "score",
                "truth": "was",
            }
        ]
    )

    assert told in empty.evaluate().failures()["reason"].item()


def test_an_unknown_metric_or_executor_lists_the_known(fleet):
    with pytest.raises(UnknownName, match="no metric is called 'acc'"):
        fleet.evaluate(metrics=["acc"])
    with pytest.raises(UnknownName, match="no executor is called 'clowd'. Known: auto, local, ray"):
        fleet.evaluate(executor="clowd")


def test_results_carry_their_run(fleet):
    first, second = fleet.evaluate(), fleet.evaluate()

    assert first.id != second.id
    assert first.results()["run_id"].unique().to_list() == [first.id]
    assert fleet.runs().collect()["run_id"].to_list() == [second.id, first.id]
    assert fleet.past_run(first.id).results().equals(first.results())


def test_facts_of_a_run_that_never_finished_are_not_seen(fleet, monkeypatch):
    """Facts are written first and the run last: a crash between them leaves nothing visible."""

    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fleet.ledger, "apply", crash)
        with pytest.raises(KeyboardInterrupt):
            fleet.evaluate()

    assert fleet.evaluations().collect().is_empty()
    assert fleet.runs().collect().is_empty()
