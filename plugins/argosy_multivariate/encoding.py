"""Rows of mixed columns as points of one space, whichever side they are of.

Nothing here looks at which side a row is of, so a permutation of the sides permutes the points and
changes none: that is what makes permutation tests exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CATEGORIES = 16
"""The most categories of a column that are told apart; the rest are one."""
RARE = 5
"""Categories with fewer rows on both sides together belong to the rest."""


class Points(NamedTuple):
    """The rows of both sides in one space."""

    place: Floats
    """One row per row, shape (rows, coordinates); every coordinate varies."""
    owner: NDArray[np.int64]
    """The column that each coordinate came from, shape (coordinates,)."""


def encoded(rows: Floats, kinds: Sequence[str]) -> Points:
    """Place the rows of both sides in one space.

    A number becomes the normal score of its rank among both sides, ties half, so that no unit,
    outlier or infinity decides; a missing one becomes the middle, 0, and has a coordinate that
    says so. A category becomes a coordinate that is 1 for its rows and 0 for others; missing is a
    category like any other. Two categories are as far apart as two numbers are on average.

    Args:
        rows: shape (rows, columns); NaN is missing, categories are their codes.
        kinds: numeric or categorical, per column.

    Source: Conover, "Practical Nonparametric Statistics" (1999), section 5.10, for normal scores.

    Example:
        >>> points = encoded(np.array([[5.0, 0], [7.0, 1], [np.nan, 0]]), ["numeric"] * 2)
        >>> points.place.round(2).tolist(), points.owner.tolist()
        ([[-0.67, 0.0, -0.43], [0.67, 0.0, 0.97], [0.0, 1.0, -0.43]], [0, 0, 1])
    """
    found = [
        _scores(column) if kind == "numeric" else _shown(column)
        for column, kind in zip(rows.T, kinds, strict=True)
    ]
    owner = np.repeat(np.arange(len(found)), [len(each) for each in found])
    flat = [coordinate for each in found for coordinate in each]
    place = np.stack(flat, axis=1) if flat else np.zeros((len(rows), 0))
    return Points(place, owner)


def _scores(column: Floats) -> list[Floats]:
    missing = np.isnan(column)
    known, place, counts = np.unique(column[~missing], return_inverse=True, return_counts=True)
    found = []
    if len(known) > 1:
        middle = np.cumsum(counts) - counts / 2  # of its rows, in the order of values
        score = np.zeros(len(column))
        score[~missing] = ndtri(middle / counts.sum())[place]
        found.append(score)
    if 0 < missing.sum() < len(column):
        found.append(missing.astype(np.float64))
    return found


def _shown(column: Floats) -> list[Floats]:
    codes = np.where(np.isnan(column), -1.0, column)
    known, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    common = np.argsort(-counts, kind="stable")[:CATEGORIES]
    common = common[counts[common] >= RARE]
    label = np.full(len(known), len(common))  # the rest
    label[common] = np.arange(len(common))
    shown = label[place][:, None] == np.unique(label)
    return list(shown.T.astype(np.float64)) if shown.shape[1] > 1 else []
