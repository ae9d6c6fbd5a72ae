"""Fit one of scikit-learn's own estimators for each model, and save it as skops.

The param `estimator` chooses from a fixed list, all of which the format skops can hold;
`standardise` and `one_hot` put what they name before it; every other param is one of that
estimator's, as JSON (`10`, `0.5`, `true`, `null`) or as plain text.

A feature without any value in a model's rows is none of that model's: it is left out, and the
version does not read it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyError
from argosy.tables import TRAINED
from argosy_sklearn.params import Params

try:
    import skops.io
    from sklearn.base import is_classifier
    from sklearn.compose import make_column_transformer
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )
    from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
except ImportError as error:
    raise ArgosyError(
        f"the trainer sklearn needs {error.name}, which is not installed;"
        " install argosy with the extra `sklearn`"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping

ESTIMATORS: dict[str, Any] = {
    estimator.__name__: estimator
    for estimator in (
        DecisionTreeClassifier,
        DecisionTreeRegressor,
        DummyClassifier,
        DummyRegressor,
        GaussianNB,
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
        LinearRegression,
        LogisticRegression,
        RandomForestClassifier,
        RandomForestRegressor,
        Ridge,
    )
}
"""What the param `estimator` can be."""
_BEFORE = {"standardise", "one_hot"}
"""Params that are not the estimator's."""
_TEXT = (pl.String, pl.Categorical, pl.Enum)


def made(params: Mapping[str, str], seed: int) -> Any:  # noqa: ANN401
    """Return an estimator that is not fitted yet.

    Raises:
        ValueError: for an estimator or a param that does not exist.
    """
    own = {name: text for name, text in params.items() if name not in {"estimator", *_BEFORE}}
    given = {name: _value(text) for name, text in own.items()}
    name = params.get("estimator")
    if name not in ESTIMATORS:
        listed = ", ".join(ESTIMATORS)
        raise ValueError(f"no estimator is called {name!r}; known: {listed}")
    estimator = ESTIMATORS[name]()
    known = estimator.get_params()
    unknown = sorted(set(given) - set(known))
    if unknown:
        listed = ", ".join(known)
        raise ValueError(f"{name} has no param {unknown[0]!r}; it has {listed}")
    usual = {"random_state": seed} if "random_state" in known else {}
    return estimator.set_params(**{**usual, **given})


def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    """Fit an estimator for each lesson; one that cannot be fitted has the reason why."""
    data = pl.DataFrame(rows)
    found = []
    for lesson in pl.DataFrame(lessons).iter_rows(named=True):
        own = data.slice(lesson["start"], lesson["length"])
        try:
            found.append(_trained(lesson, own))
        except Exception as error:  # an estimator may raise anything
            told = str(error).strip().splitlines() or [type(error).__name__]
            found.append({"reason": told[0]})
    kinds = [*TRAINED, pa.field("features", pa.list_(pa.string()))]
    columns = [pa.array([row.get(kind.name) for row in found], kind.type) for kind in kinds]
    return pa.Table.from_arrays(columns, schema=pa.schema(kinds))


def _trained(lesson: dict[str, Any], rows: pl.DataFrame) -> dict[str, Any]:
    params = dict(lesson["params"] or {})
    estimator = made(params, lesson["seed"])
    if lesson["truth"] is None:
        raise ValueError("its data names no truth; bind it with the column to learn")
    known = rows.filter(pl.col(lesson["truth"]).is_not_null())
    if known.is_empty():
        raise ValueError("none of its rows has a truth")
    table = known.select(lesson["features"])
    features = [name for name in table.columns if table[name].null_count() < table.height]
    if not features:
        raise ValueError("none of its features has a value")
    table = table.select(features)
    model = _prepared(estimator, table, Params.model_validate(params))
    truth = known[lesson["truth"]].to_numpy()
    model.fit(table, truth, **_weighted(model, lesson["weight"], known))
    task = "regression"
    if is_classifier(model):
        task = "binary" if len(model.classes_) == 2 else "multiclass"
    if lesson["task"] not in (None, task):
        raise ValueError(f"it is a {task} model, but its template says {lesson['task']}")
    return {
        "content": skops.io.dumps(model, compression=ZIP_DEFLATED),
        "format": "skops",
        "task": task,
        "params": list(params.items()),
        "features": features,
    }


def _prepared(estimator: Any, table: pl.DataFrame, params: Params) -> Any:  # noqa: ANN401
    """Put before an estimator what its params say.

    Raises:
        ValueError: for a feature that is neither a number nor to be encoded.
    """
    text = [name for name, kind in table.schema.items() if kind in _TEXT and params.one_hot]
    numbers = [name for name in table.columns if name not in text]
    odd = [
        name
        for name in numbers
        if not (table[name].dtype.is_numeric() or table[name].dtype == pl.Boolean)
    ]
    if odd:
        raise ValueError(
            f"the feature {odd[0]!r} is {table.schema[odd[0]]}, not a number; name the features"
            " in the template, encode it, or set the param one_hot where it is text"
        )
    if not text and not params.standardise:
        return estimator
    columns = make_column_transformer(
        (StandardScaler() if params.standardise else "passthrough", numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), text),
    )
    return make_pipeline(columns, estimator)


def _weighted(model: Any, weight: str | None, rows: pl.DataFrame) -> dict[str, Any]:  # noqa: ANN401
    """Return what `fit` is told of the weights, if there are any."""
    if weight is None:
        return {}
    steps = getattr(model, "steps", None)
    name = f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"
    return {name: rows[weight].to_numpy()}


def _value(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError:
        return text
