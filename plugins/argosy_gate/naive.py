"""What somebody predicts who knows the rows' truth but no feature: one answer for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import sums
from argosy_scoring.predictions import Predictions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def naive(predictions: Predictions) -> Predictions:
    """Replace what models predict by the best constant of each group of rows.

    Classifiers predict the class of the greatest weight (of several, the first) and the share of
    each class as its probability; regressions the weighted mean. The constant is learnt from the
    very rows that it is measured on, so it is the bar at its highest. Of models that rank it is
    the list that finds nothing: a list for all is a model of its own, which can be registered.

    Args:
        predictions: of models with one task.

    Returns:
        The same groups and rows, with other predictions and scores.
    """
    rows, lengths = predictions.rows, predictions.lengths
    truth, weight = rows["truth"].to_numpy(), rows["weight"].to_numpy()
    total = sums(weight, lengths)
    plain = rows.drop("probabilities", "latency", "novelty", strict=False)
    if predictions.groups["task"][0] == "ranking":
        nothing = pl.col("hits").list.eval(pl.element() * 0.0)
        return Predictions(plain.with_columns(nothing), predictions.groups, lengths)
    if predictions.groups["task"][0] == "regression":
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums(weight * truth, lengths) / total
        constant = plain.with_columns(prediction=pl.Series(np.repeat(mean, lengths)))
        return Predictions(constant, predictions.groups, lengths)
    shares = _shares(truth, weight, lengths, total)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    chance = shares[owners, truth.astype(np.int64)]
    guess = shares.argmax(axis=1).astype(np.float64)
    columns = {"prediction": guess[owners], "truth_score": chance}
    if predictions.groups["task"][0] == "binary":
        columns["score"] = shares[owners, 1]
    constant = plain.with_columns(pl.Series(name, values) for name, values in columns.items())
    return Predictions(constant, predictions.groups, lengths)


def _shares(truth: Floats, weight: Floats, lengths: NDArray[np.int64], total: Floats) -> Floats:
    """Return the share of every class in each group, shape (groups, classes)."""
    width = max(2, int(truth.max(initial=0)) + 1)
    places = np.repeat(np.arange(len(lengths)) * width, lengths) + truth.astype(np.int64)
    weights = np.bincount(places, weight, len(lengths) * width).reshape(-1, width)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = weights / total[:, None]
    return shares
