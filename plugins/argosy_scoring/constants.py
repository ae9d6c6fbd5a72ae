"""What somebody predicts who knows the rows' truth but no feature: one answer for all.

The constant is learnt from the very rows that it is measured on, so it is the bar at its highest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def mean(rows: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Predict the weighted mean."""
    truth, weight, total = _summed(rows, lengths)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = sums(weight * truth, lengths) / total
    return rows.with_columns(prediction=pl.Series(np.repeat(found, lengths)))


def likely(rows: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Predict the class of the greatest weight, of several the first, and each class's share."""
    columns, _ = _likely(rows, lengths)
    return columns


def likely_of_two(rows: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Predict as `likely` does, with the share of class 1 as the score."""
    found, shares = _likely(rows, lengths)
    return found.with_columns(score=pl.Series(np.repeat(shares[:, 1], lengths)))


def no_item(rows: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Rank what nobody wants: a list for all is a model of its own, which can be registered."""
    return rows.drop("novelty", strict=False).with_columns(
        pl.col("hits").list.eval(pl.element() * 0.0)
    )


def _summed(rows: pl.DataFrame, lengths: Ints) -> tuple[Floats, Floats, Floats]:
    weight = rows["weight"].to_numpy()
    return rows["truth"].to_numpy(), weight, sums(weight, lengths)


def _likely(rows: pl.DataFrame, lengths: Ints) -> tuple[pl.DataFrame, Floats]:
    truth, weight, total = _summed(rows, lengths)
    shares = _shares(truth, weight, lengths, total)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    columns = {
        "prediction": shares.argmax(axis=1).astype(np.float64)[owners],
        "truth_score": shares[owners, truth.astype(np.int64)],
    }
    found = rows.drop("probabilities", strict=False).with_columns(
        pl.Series(name, values) for name, values in columns.items()
    )
    return found, shares


def _shares(truth: Floats, weight: Floats, lengths: Ints, total: Floats) -> Floats:
    """Return the share of every class in each group, shape (groups, classes)."""
    width = max(2, int(truth.max(initial=0)) + 1)
    places = np.repeat(np.arange(len(lengths)) * width, lengths) + truth.astype(np.int64)
    weights = np.bincount(places, weight, len(lengths) * width).reshape(-1, width)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = weights / total[:, None]
    return shares
