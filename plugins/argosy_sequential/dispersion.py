"""Windows that differ more than their rows explain, as weekdays do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_sequential.series import Series

    Floats = NDArray[np.float64]

LEAST = 3
"""Differences of neighbouring windows that are needed to say anything."""


def dispersion(series: Series) -> Floats:
    """Return by how much neighbouring windows vary more than random samples would, at least 1.

    It is the mean square of the differences of neighbouring windows, each divided by its variance
    if the windows were samples of one population. The largest is left out, because it may be the
    change that is looked for: one step does not hide itself.

    Args:
        series: whose first bucket, the reference, does not take part.

    Returns:
        Shape (series,); 1 where there are fewer than four windows.

    Source: von Neumann, "Distribution of the ratio of the mean square successive difference to
    the variance", Annals of Mathematical Statistics 12 (1941), for the estimator.

    Example:
        >>> from argosy_sequential.series import Series
        >>> weeks = np.array([[0.0, 1, 1, 5, 1, 1, 5]])
        >>> found = Series(np.zeros(1, int), ["mean"], np.full((1, 7), 10.0), weeks,
        ...     np.ones((1, 7)), np.ones(1), np.ones(1))
        >>> dispersion(found).round(2).tolist()
        [40.0]
    """
    n, mean = series.n[:, 1:], series.mean[:, 1:]
    total = np.maximum(across(n), 1)
    within = across(n * series.variance[:, 1:]) / total
    pairs = (n[:, 1:] > 0) & (n[:, :-1] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = within[:, None] * (1 / n[:, 1:] + 1 / n[:, :-1])
        squares = np.where(pairs & (noise > 0), np.square(np.diff(mean, axis=1)) / noise, 0.0)
    many = np.count_nonzero(pairs, axis=1)
    rest = across(squares) - squares.max(1, initial=0.0)
    found: Floats = np.where(many >= LEAST, rest / np.maximum(many - 1, 1), 1.0)
    return np.maximum(found, 1.0)
