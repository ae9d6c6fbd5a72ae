"""A linear discriminant, trained for many ways to deal the rows to the sides at once.

The matrix that is inverted does not depend on the sides, so that one costs a column more of a
matrix product. That is what makes an exact permutation test of a classifier's accuracy affordable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_multivariate.sides import FOLDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_multivariate.sides import Dealt

    Floats = NDArray[np.float64]


DOUBT = 2.0
"""Standard errors by which a difference of means must exceed chance to count."""
HAIR = 1e-9
"""How far beyond the cut, in weights, a row must lie: on it processors disagree, by rounding."""


def accuracies(features: Floats, sides: Dealt) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the balanced accuracy out of fold for each way to deal the rows.

    The discriminant is Fisher's, (S + λI)⁻¹ t(mean of current - mean of reference), where S is the
    covariance of the rows it is trained on and λ the number of features per row; t draws each
    difference towards 0 by two of its standard errors, and leaves at 0 what is smaller, so that
    hundreds of features that say nothing do not drown one that does. It cuts half way between
    the means; a row on the cut is taken for one of the reference.

    Args:
        features: shape (rows, features), of mean 0 and variance 1.
        sides: which rows are current, and the folds.

    Returns:
        Accuracies of shape (deals,); and of the sides as they are, trained on all rows, the
        difference of the means and the weights, both of shape (features,), and whether each row
        was told right out of fold, shape (rows,).

    Source: Guo, Hastie and Tibshirani, "Regularized linear discriminant analysis and its
    application in microarrays", Biostatistics 8 (2007).

    Example:
        >>> from argosy_multivariate.sides import dealt
        >>> apart = np.repeat([-1.0, 1.0], 50)[:, None]
        >>> float(accuracies(apart, dealt(50, 50))[0][0])
        1.0
    """
    rows, wide = features.shape
    order = np.argsort(sides.fold, kind="stable")
    features, current = features[order], sides.current[order]
    ends = np.cumsum(np.bincount(sides.fold, minlength=FOLDS))
    parts = [slice(start, end) for start, end in zip(np.append(0, ends), ends, strict=False)]
    squares = np.stack([features[part].T @ features[part] for part in parts])
    sums = np.stack([features[part].sum(0) for part in parts])
    sums_current = np.stack([features[part].T @ current[part] for part in parts])
    many = np.array([part.stop - part.start for part in parts])
    many_current = np.stack([current[part].sum(0) for part in parts])

    def trained(left: slice | int) -> tuple[Floats, Floats, Floats]:
        """Train on all folds but one (or on all); return the gap, the weights and the cut."""
        out = np.ones(FOLDS, np.bool_)
        out[left] = False
        m = many_current[out].sum(0)
        n = many[out].sum() - m
        after = sums_current[out].sum(0) / m
        before = (sums[out].sum(0)[:, None] - sums_current[out].sum(0)) / n
        mean = sums[out].sum(0) / many[out].sum()
        spread = squares[out].sum(0) / many[out].sum() - np.outer(mean, mean)
        spread[np.diag_indices(wide)] += wide * sides.weight / rows
        gap = after - before
        noise = DOUBT * np.sqrt((1 / n + 1 / m) * sides.weight)
        weights = np.linalg.solve(spread, np.sign(gap) * np.maximum(np.abs(gap) - noise, 0.0))
        hair = HAIR * np.abs(weights).sum(0)
        return gap, weights, np.einsum("fd,fd->d", weights, (after + before) / 2) + hair

    right, told = np.zeros((2, current.shape[1])), np.empty(rows)
    for place, part in enumerate(parts):
        _, weights, cut = trained(place)
        taken = (features[part] @ weights > cut).astype(np.float64)
        told[order[part]] = taken[:, 0] == current[part, 0]
        hit = np.einsum("rd,rd->d", taken, current[part])
        right[0] += hit
        right[1] += (part.stop - part.start) - many_current[place] - (taken.sum(0) - hit)
    total = many_current.sum(0)
    gap, weights, _ = trained(slice(0, 0))
    accuracy = (right[0] / total + right[1] / (rows - total)) / 2
    return accuracy, gap[:, 0], weights[:, 0], told
