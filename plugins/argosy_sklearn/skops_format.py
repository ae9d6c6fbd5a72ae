"""Parse a skops artifact whose types are all known, and predict with it.

skops asks the caller which types it may build. Echoing back whatever a file contains would trust
the file, so the answer is a fixed list: the compiled trees of scikit-learn, which skops does not
trust by itself, besides what it does. A tree with damaged indices can still crash its process;
the digest has been verified before this, and the work runs in a process of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from argosy.errors import ArgosyError, ArtifactError

try:
    import skops.io
    from sklearn.base import is_classifier, is_regressor
except ImportError as error:
    raise ArgosyError(
        f"the format skops needs {error.name}, which is not installed;"
        " install argosy with the extra `sklearn`"
    ) from error

TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn._loss._loss.CyHalfMultinomialLoss",
        "sklearn._loss._loss.CyHalfSquaredError",
        "sklearn._loss.link.IdentityLink",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn._loss.loss.HalfSquaredError",
    }
)
"""Types of scikit-learn and NumPy beyond skops' own list; reviewed for skops 0.16."""


class SklearnPredictor:
    """A scikit-learn classifier or regressor."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        self._model = model
        if is_classifier(model):
            self.classes: tuple[object, ...] = tuple(np.asarray(model.classes_).tolist())
            self.task: str = "binary" if len(self.classes) == 2 else "multiclass"
        elif is_regressor(model):
            self.classes = ()
            self.task = "regression"
        else:
            raise ArtifactError(f"a {type(model).__name__} is neither a classifier nor a regressor")

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order; with class probabilities where the model has them."""
        names = getattr(self._model, "feature_names_in_", None)
        # a model that was fitted without column names warns when it is given some
        table = rows.to_numpy() if names is None else rows
        if not hasattr(self._model, "predict_proba"):
            return pl.DataFrame({"prediction": np.asarray(self._model.predict(table))})
        probabilities = np.asarray(self._model.predict_proba(table), dtype=np.float64)
        labels = np.asarray(self.classes)
        return pl.DataFrame(
            {
                "prediction": labels[probabilities.argmax(axis=1)],
                "probabilities": pl.Series(
                    probabilities, dtype=pl.Array(pl.Float64, len(labels))
                ).cast(pl.List(pl.Float64)),
            }
        )


def load(content: bytes) -> SklearnPredictor:
    """Parse verified content.

    Raises:
        ArtifactError: if it is no skops file, or holds a type that is not trusted.
    """
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - TRUSTED)
    except Exception as error:
        raise ArtifactError(f"it is no skops file: {error}") from error
    if unknown:
        raise ArtifactError(
            f"it holds types that are not trusted: {', '.join(unknown)};"
            " save a model made of scikit-learn's own parts"
        )
    return SklearnPredictor(skops.io.loads(content, trusted=sorted(TRUSTED)))
