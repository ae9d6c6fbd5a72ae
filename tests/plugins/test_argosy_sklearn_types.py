"""Which artifacts of scikit-learn are opened: all that run nothing, and no others."""

import io
import json
import os
import zipfile

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import ArtifactError
from argosy.plugins import installed

pytest.importorskip("skops", reason="skops is not installed: the extra `sklearn` brings it")

import skops.io as sio
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessRegressor, kernels
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, TweedieRegressor
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import all_estimators

from argosy_sklearn.trusted import TRUSTED

GENERATOR = np.random.default_rng(0)
ROWS = pl.DataFrame(np.abs(GENERATOR.normal(size=(60, 3))), schema=["a", "b", "c"])
LABEL = (ROWS["a"].to_numpy() > 0.6).astype(int)
AMOUNT = ROWS["a"].to_numpy() + 1 + ROWS["b"].to_numpy() ** 2

REFUSED = {"TunedThresholdClassifierCV": "sklearn.metrics._scorer"}
"""All of scikit-learn's estimators that are refused, and a word of what they hold."""
SEVERAL_OUTPUTS = {
    "MultiOutputClassifier",
    "ClassifierChain",
    *("MultiOutputRegressor", "RegressorChain", "CCA", "PLSCanonical"),
    *("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV"),
}
"""Those that are made for several outputs alone."""
META = {
    "estimators": lambda inner: [("one", inner)],
    "estimator": lambda inner: inner,
}


def load(model):
    return installed().loaders["skops"].load(sio.dumps(model))


def made(kind):
    """Return an estimator of a class, around another where it needs one."""
    if kind.__name__ == "RANSACRegressor":  # may have another one, and would need more params
        return kind()
    inner = LogisticRegression() if is_classifier_type(kind) else Ridge()
    needed = {
        name: around(inner)
        for name, around in META.items()
        if name in kind.__init__.__code__.co_varnames
    }
    return kind(**needed)


def is_classifier_type(kind):
    return kind in {each for _, each in all_estimators("classifier")}


def fitted(name, kind):
    """Return a fitted estimator and the rows that it predicts."""
    model = made(kind)
    rows = ROWS.select("a") if name == "IsotonicRegression" else ROWS
    truth = LABEL if is_classifier(model) else AMOUNT
    if name in SEVERAL_OUTPUTS:
        truth = np.column_stack([truth, truth])
    return model.fit(rows, truth), rows


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "kind"), all_estimators("classifier") + all_estimators("regressor")
)
def test_every_estimator_predicts_as_before_it_was_saved_or_is_refused_by_name(name, kind):
    """skops-dev/skops#498 and #508: neighbours, networks, calibrated and Gaussian processes too."""
    model, rows = fitted(name, kind)
    if name in REFUSED:
        with pytest.raises(ArtifactError, match=REFUSED[name]):
            load(model)
        return
    if name in SEVERAL_OUTPUTS:
        with pytest.raises(ArtifactError, match="predicts several outputs; argosy measures one"):
            load(model).predict(rows)
        return
    answer = load(model).predict(rows)

    np.testing.assert_array_equal(answer["prediction"].to_numpy(), np.ravel(model.predict(rows)))


PARAMS = [
    KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    KNeighborsClassifier(algorithm="ball_tree", metric="minkowski", p=3),
    KNeighborsRegressor(algorithm="kd_tree", metric="chebyshev"),
    CalibratedClassifierCV(method="isotonic"),
    CalibratedClassifierCV(method="temperature"),
    MLPClassifier(solver="sgd", max_iter=5),
    TweedieRegressor(power=1.5),
    TweedieRegressor(power=0, link="log"),
    HistGradientBoostingRegressor(loss="quantile", quantile=0.5, max_iter=3),
    HistGradientBoostingRegressor(loss="gamma", max_iter=3),
    GaussianProcessRegressor(kernels.Matern() + kernels.WhiteKernel()),
    GaussianProcessRegressor(kernels.DotProduct() ** 2),
    GaussianProcessRegressor(kernels.RationalQuadratic() * kernels.ConstantKernel()),
    SVC(),
    make_pipeline(FunctionTransformer(np.log1p), KNeighborsClassifier()),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", PARAMS, ids=str)
def test_the_params_of_an_estimator_do_not_decide_whether_it_is_opened(model):
    """A distance, a loss, a kernel and an optimiser are types of their own."""
    model.fit(ROWS, LABEL if is_classifier(model) else AMOUNT)
    answer = load(model).predict(ROWS)

    np.testing.assert_array_equal(answer["prediction"].to_numpy(), model.predict(ROWS))


# What runs code


def hostile(node):
    """Return the bytes of an artifact whose one param is a node that nobody would save."""
    whole = sio.dumps(LogisticRegression().fit(ROWS, LABEL))
    with zipfile.ZipFile(io.BytesIO(whole)) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    schema = json.loads(parts["schema.json"])
    schema["content"]["content"]["verbose"] = node
    parts["schema.json"] = json.dumps(schema).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def node(loader, module, name, **more):
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def texts(*values):
    items = [node("JsonNode", "builtins", "str", content=json.dumps(each)) for each in values]
    return node("TupleNode", "builtins", "tuple", content=items)


NOTHING = node("DictNode", "builtins", "dict", content={}, key_types=texts())
HOSTILE = {
    "a function": (node("FunctionNode", os.name, "system"), "posix.system"),
    "a function under another name": (node("TypeNode", "os", "system"), "os.system"),
    "a call": (
        node("ConstructorFromReduceNode", "subprocess", "Popen", content=texts("true")),
        "subprocess.Popen",
    ),
    "a caller of methods": (
        node("OperatorFuncNode", "operator", "methodcaller", attrs=texts("system")),
        "operator.methodcaller",
    ),
    "a partial": (
        node(
            "PartialNode",
            "functools",
            "partial",
            content={
                "func": node("FunctionNode", "os", "system"),
                "args": texts("true"),
                "kwds": NOTHING,
                "namespace": NOTHING,
            },
        ),
        "functools.partial, os.system",
    ),
    "a function of a distance": (
        node("ObjectNode", "sklearn.metrics._dist_metrics", "PyFuncDistance64"),
        "PyFuncDistance64",
    ),
    "a constructor of a loss": (
        node("LossNode", "os", "system", __reduce__={"args": texts("true")}, content=NOTHING),
        "os.system",
    ),
    "a list of another class": (node("ListNode", "os", "walk", content=[]), "os.walk"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_runs_code_is_refused_by_name_and_not_run(what):
    """Trust goes by type, and whoever writes the file chooses the node that makes one."""
    bad, name = HOSTILE[what]
    with pytest.raises(ArtifactError, match=f"not on argosy's list .*: .*{name}"):
        installed().loaders["skops"].load(hostile(bad))


def test_an_artifact_that_is_put_together_anew_is_opened_if_nothing_else_is_wrong():
    """Else the refusals above could have any other reason."""
    sound = node("JsonNode", "builtins", "str", content="0")

    assert installed().loaders["skops"].load(hostile(sound)).predict(ROWS).height == 60


def test_no_function_is_on_the_list():
    """What is on it is a class of scikit-learn or NumPy, and none of them holds a function."""
    for name in TRUSTED:
        module, _, attribute = name.rpartition(".")
        found = getattr(__import__(module, fromlist=[attribute]), attribute)

        assert isinstance(found, type), name
        assert module.split(".")[0] in {"sklearn", "numpy"}, name
        assert not name.endswith(("_Scorer", "PyFuncDistance64")), name


# What a model needs, and what it answers


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (ROWS.drop("c"), "fitted with a, b, c; the data lacks c; register"),
        (ROWS.rename({"c": "d"}), "fitted with a, b, c; the data lacks c, and has d besides"),
        (ROWS.with_columns(d=1, e=2), "fitted with a, b, c; the data has d, e besides"),
    ],
)
def test_features_that_differ_from_those_of_the_fit_are_named(rows, told):
    """scikit-learn's first line names none of them."""
    with pytest.raises(ArtifactError, match=told):
        load(LogisticRegression().fit(ROWS, LABEL)).predict(rows)


def test_features_without_names_are_counted():
    model = load(LogisticRegression().fit(ROWS.to_numpy(), LABEL))
    with pytest.raises(ArtifactError, match=r"3 features that have no names.* has 2: a, b"):
        model.predict(ROWS.drop("c"))


def test_features_are_picked_by_name_whatever_their_order():
    model = load(LogisticRegression().fit(ROWS, LABEL))

    assert model.predict(ROWS.select("c", "a", "b")).equals(model.predict(ROWS))


def test_a_pipeline_that_chooses_its_columns_may_have_others_beside_them():
    chosen = make_column_transformer((StandardScaler(), ["a"]))
    model = load(make_pipeline(chosen, LogisticRegression()).fit(ROWS, LABEL))

    assert model.predict(ROWS.with_columns(d=1)).equals(model.predict(ROWS))


def test_a_fault_of_the_model_itself_is_not_told_as_one_of_its_features():
    model = load(LogisticRegression().fit(ROWS, LABEL))
    with pytest.raises(ValueError, match="NaN"):
        model.predict(ROWS.with_columns(a=pl.lit(float("nan"))))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(),
        MLPClassifier(max_iter=5),
        RandomForestClassifier(3),
        ClassifierChain(LogisticRegression()),
    ],
    ids=str,
)
def test_a_classifier_of_several_outputs_is_refused(model):
    with pytest.raises(ArtifactError, match="predicts several outputs"):
        load(model.fit(ROWS, np.column_stack([LABEL, 1 - LABEL]))).predict(ROWS)


def test_a_regressor_of_several_outputs_is_refused_and_the_data_is_not_blamed(tmp_path):
    model = Ridge()
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    path = tmp_path / "m.skops"
    path.write_bytes(sio.dumps(model.fit(ROWS, np.column_stack([AMOUNT, AMOUNT]))))
    fleet.register([{"model": "m", "version": "1", "format": "skops", "artifact": str(path)}])
    ROWS.with_columns(t=pl.Series(AMOUNT)).write_parquet(tmp_path / "d.parquet")
    fleet.bind([{"role": "holdout", "url": str(tmp_path / "d.parquet"), "truth": "t"}])

    [reason] = fleet.evaluate(metrics=["mae"]).failures()["reason"]
    assert reason == (
        "the model predicts several outputs; argosy measures one: train a model for each"
    )


def test_a_truth_of_one_column_is_one_output():
    model = LinearRegression().fit(ROWS, AMOUNT.reshape(-1, 1))

    np.testing.assert_array_equal(
        load(model).predict(ROWS)["prediction"].to_numpy(), model.predict(ROWS)[:, 0]
    )


def test_a_classifier_that_does_not_predict_the_most_probable_class_is_asked_for_both():
    """A threshold of its own is what such a model is for."""
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.9).fit(ROWS, LABEL)
    answer = load(model).predict(ROWS)

    np.testing.assert_array_equal(answer["prediction"].to_numpy(), model.predict(ROWS))
    likely = answer["probabilities"].list.arg_max()
    assert (likely != answer["prediction"]).any()
