"""Parse a skops artifact whose types are all known, and predict with it.

skops asks the caller which types it may build. Echoing back whatever a file contains would trust
the file, so the answer is a fixed list (`argosy_sklearn.trusted`). A tree with damaged indices can
still crash its process; the digest has been verified before this, and the work runs in a process
of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import ArgosyError, ArtifactError
from argosy_sklearn.trusted import TRUSTED

try:
    import skops.io
    from sklearn.base import is_classifier, is_regressor
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import Pipeline
    from sklearn.tree import DecisionTreeClassifier
except ImportError as error:
    raise ArgosyError(
        f"the format skops needs {error.name}, which is not installed;"
        " install argosy with the extra `sklearn`"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_PROBABLE = {
    DecisionTreeClassifier,
    ExtraTreesClassifier,
    GaussianNB,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    LogisticRegression,
    RandomForestClassifier,
}
"""Classifiers that predict the most probable class, so that they need not be asked twice. Others
may not: one with a threshold, a support vector machine, votes, an outlier among neighbours."""
_SHOWN = 20
_WAY_OUT = "write it with skops.io.dump; what could run code, as a pickle, is never opened"
_SEVERAL = "the model predicts several outputs; argosy measures one: train a model for each"


class SklearnPredictor:
    """A scikit-learn classifier or regressor."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        self._model = model
        last = model.steps[-1][1] if isinstance(model, Pipeline) else model
        self._most_probable = type(last) in _MOST_PROBABLE
        if is_classifier(model):
            if isinstance(model.classes_, list):
                raise ArtifactError(_SEVERAL)
            self.classes: tuple[object, ...] = tuple(np.asarray(model.classes_).tolist())
            self.task: str = "binary" if len(self.classes) == 2 else "multiclass"
        elif is_regressor(model):
            self.classes = ()
            self.task = "regression"
        else:
            raise ArtifactError(f"a {type(model).__name__} is neither a classifier nor a regressor")

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order; with class probabilities where the model has them.

        Features are picked by the names that the model was fitted with, in whatever order they
        stand.

        Raises:
            ArtifactError: if the model needs other features, or predicts several outputs.
        """
        names = getattr(self._model, "feature_names_in_", None)
        if names is None:
            # a model that was fitted without column names warns when it is given some
            return self._answer(rows, rows.to_numpy())
        known = [name for name in names if name in rows.columns]
        besides = [name for name in rows.columns if name not in set(known)]
        return self._answer(rows, rows.select(*known, *besides))

    def _answer(self, rows: pl.DataFrame, table: Any) -> pl.DataFrame:  # noqa: ANN401
        try:
            probabilities = None
            if hasattr(self._model, "predict_proba"):
                probabilities = self._model.predict_proba(table)
            told = probabilities is None or not self._most_probable
            values = self._model.predict(table) if told else None
        except Exception as error:
            fault = _misfit(self._model, rows.columns)
            if fault is None:
                raise
            raise ArtifactError(fault) from error
        if probabilities is None:
            return pl.DataFrame({"prediction": _one_output(values)})
        each = np.asarray(probabilities, dtype=np.float64)
        labels = np.asarray(self.classes)
        if values is None:
            values = labels[each.argmax(axis=1)]
        kind = pl.Array(pl.Float64, len(labels))
        return pl.DataFrame(
            {
                "prediction": _one_output(values),
                "probabilities": pl.Series(each, dtype=kind).cast(pl.List(pl.Float64)),
            }
        )


def _one_output(answer: Any) -> Any:  # noqa: ANN401
    """Return a value per row.

    Raises:
        ArtifactError: if there are several.
    """
    values = np.asarray(answer)
    if values.ndim == 1:
        return values
    if values.ndim == 2 and values.shape[1] == 1:  # fitted with a table of one column
        return values[:, 0]
    raise ArtifactError(_SEVERAL)


def _misfit(model: Any, columns: Sequence[str]) -> str | None:  # noqa: ANN401
    """Say how the features of the data differ from those that a model was fitted with."""
    names = getattr(model, "feature_names_in_", None)
    way = "register the version with its features, or bind data that has them"
    if names is None:
        many = getattr(model, "n_features_in_", len(columns))
        if many == len(columns):
            return None
        return (
            f"the model was fitted with {many} features that have no names, and the data has"
            f" {len(columns)}: {_listed(columns)}; {way}"
        )
    lacking = [str(name) for name in names if name not in set(columns)]
    besides = [name for name in columns if name not in set(names)]
    if not lacking and not besides:
        return None
    told = [f"the data lacks {_listed(lacking)}"] if lacking else []
    if besides:
        told.append(f"{'' if lacking else 'the data '}has {_listed(besides)} besides")
    return (
        f"the model was fitted with {_listed(list(map(str, names)))}; {', and '.join(told)}; {way}"
    )


def _listed(names: Sequence[str]) -> str:
    """Name columns, and of many only the first."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def load(content: bytes) -> SklearnPredictor:
    """Parse verified content.

    Raises:
        ArtifactError: if it is no skops file, holds a type that is not on argosy's list, or a
            model that is neither a classifier nor a regressor of one output.
    """
    if not content:
        raise ArtifactError(f"it is no skops file: it is empty; {_WAY_OUT}")
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - TRUSTED)
    except Exception as error:
        raise ArtifactError(f"it is no skops file: {error}; {_WAY_OUT}") from error
    if unknown:
        raise ArtifactError(
            f"it holds what is not on argosy's list of types that are safe to open:"
            f" {', '.join(unknown)}; save a model without them, or register it as external and"
            " log what it predicts"
        )
    return SklearnPredictor(skops.io.loads(content, trusted=sorted(TRUSTED)))
