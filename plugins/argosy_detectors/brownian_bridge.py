"""The area under a Brownian bridge: the null distribution of the area between two samples."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Beyond it, a probability of 3e-8, one minus the series would lose digits.
FAR = 1.6
STEPS = 1600


def upper_tail(area: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that the area under the absolute value of a Brownian bridge is larger.

    In the tail the bridge stays on one side of zero, where its area is normal with variance
    1/12. The exact probability is therefore the normal one times a slowly varying factor, which
    is tabulated up to `FAR` and approaches one like 1 / area² beyond.

    Args:
        area: not negative.

    Returns:
        Probabilities, exact to 1e-5 of themselves up to `FAR` and to 1e-3 beyond.

    Source: Johnson and Killeen, "An explicit formula for the C.D.F. of the L1 norm of the
    Brownian bridge", Annals of Probability 11 (1983).

    Example:
        >>> upper_tail(np.array([0.0, 0.5, 1.0])).round(6).tolist()
        [1.0, 0.099478, 0.000559]
    """
    from scipy.special import ndtr

    places, factors = _factors()
    factor = np.interp(area, places, factors)
    factor = np.where(
        area > FAR, 1 + (factors[-1] - 1) * (FAR / np.maximum(area, FAR)) ** 2, factor
    )
    probability: NDArray[np.float64] = np.minimum(factor * 2 * ndtr(-np.sqrt(12) * area), 1.0)
    return probability


@cache
def _factors() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tabulate what the normal probability is to be multiplied with, by the area."""
    from scipy.special import ai_zeros, airy, ndtr

    places = np.linspace(0, FAR, STEPS + 1)
    roots = (-ai_zeros(20)[1] / np.cbrt(2)) ** -1.5
    scaled = np.maximum(places[1:, None], 0.02) * roots
    terms = roots * np.exp(-2 / (27 * scaled**2)) * airy((3 * scaled) ** (-4 / 3))[0]
    below = np.sqrt(np.pi / 2) * np.cbrt(9) * across(terms / np.cbrt(scaled))
    exact = np.concatenate([[1.0], 1 - below])
    return places, exact / (2 * ndtr(-np.sqrt(12) * places))
