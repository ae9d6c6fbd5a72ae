"""How surely a mean over origins is known, also where one origin says much the same as the next.

Origins a week apart hardly depend on each other, those of every night do: a warm spell is an error
of all its days. So origins are counted at what they are worth, n / τ with τ = (1 + φ) / (1 - φ), φ
the correlation of neighbours. Its estimate from one series of fifty origins is off by 0.14, which
a family of thousands of tests would take for proof. So it is a series' own only as far as series
differ by more than that, and the mean of all series for the rest.

Of 1,000 series that each have three equal candidates and 51 origins with φ = 0.6, a t-test that
takes origins for independent has a fifth switch, and this one none; with φ = 0 both find the same
(`tests/plugins/forecast/test_champions.py`). Where origins are worth two or less nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MOST = 0.95
"""Correlations beyond it are not told apart from 1 by any number of origins."""


class Known(NamedTuple):
    """The mean over origins of many rows, and how surely each is known."""

    mean: Floats
    """Shape (rows,)."""
    error: Floats
    """Its standard error, of origins at what they are worth; NaN where too few."""
    freedom: Floats
    """Degrees of freedom: what the origins are worth, less one."""
    worth: Floats
    """How many independent origins they are worth."""
    origins: Floats
    """How many there are."""


def known(differences: Floats) -> Known:
    """Return the mean of every row over its origins.

    Args:
        differences: shape (rows, origins), in the order of time; NaN where there is none. Rows of
            one call share what is known of how origins depend on each other.

    Source: Kendall, Biometrika 41 (1954), for the bias of a correlation; Morris, Journal of the
    American Statistical Association 78 (1983), for estimates that lean on their neighbours.

    Example:
        >>> nights = np.random.default_rng(1).normal(size=(100, 50))
        >>> warm_spells = nights[:, 1:] + nights[:, :-1]
        >>> [round(known(rows).worth.mean().item()) for rows in (nights, warm_spells)]
        [50, 16]
    """
    there = ~np.isnan(differences)
    count = across(there)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, across(np.where(there, differences, 0.0)) / count, np.nan)
        off = np.where(there, differences - mean[:, None], 0.0)
        variance = across(off**2) / np.where(count > 1, count - 1, np.nan)
        phi = _neighbours(off, there, count)
        worth = np.where(count > 0, np.maximum(count * (1 - phi) / (1 + phi), 0.0), 0.0)
        error = np.sqrt(variance / np.where(worth > 2, worth, np.nan))
    return Known(mean, error, np.where(worth > 2, worth - 1, np.nan), worth, count)


def _neighbours(off: Floats, there: NDArray[np.bool_], count: Floats) -> Floats:
    """Return the correlation of each row's neighbouring origins, at least 0."""
    pairs = there[:, 1:] & there[:, :-1]
    square = across(off**2)
    each = np.where(
        square > 0, across(np.where(pairs, off[:, 1:] * off[:, :-1], 0.0)) / square, np.nan
    )
    each = each * count / np.maximum(across(pairs) + 1.0, 1.0)
    own = each + (1 + 3 * each) / np.maximum(count, 1.0)
    fit = np.isfinite(own) & (count >= 4)
    if not fit.any():
        return np.zeros(len(off))
    chance = (1 - np.clip(own[fit], -_MOST, _MOST) ** 2) / count[fit]
    pooled = _mean(own[fit], 1 / chance)
    beyond = max(_mean((own[fit] - pooled) ** 2 - chance, 1 / chance), 0.0)
    leans = np.zeros(len(off))
    leans[fit] = beyond / (beyond + chance)
    phi = pooled + leans * (np.where(fit, own, pooled) - pooled)
    return np.clip(phi, 0.0, _MOST)


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.cumsum(values * weights)[-1] / np.cumsum(weights)[-1])
