"""How probable a value is that no draw reached, from the greatest ones that were drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GREATEST = 250
"""How many of the greatest values tell how a tail goes on, of at least ten times as many."""


def tail(values: Floats, observed: float, far: bool = False) -> float:
    """Return the probability of a value at least as great as the observed one.

    What the greatest values exceed the rest by is a generalised Pareto distribution, whose shape
    and scale probability-weighted moments give. A shape below zero would mean that nothing lies
    beyond some value: it counts as zero, an exponential tail, which makes the probability greater.
    Of n values nothing is told below 1 / n², but of what lies far off all of them.

    Args:
        values: drawn, in any order.
        observed: greater than nearly all of them.
        far: whether it is far off.

    Source: Knijnenburg, Wessels, Reinders and Shmulevich, "Fewer permutations, more accurate
    P-values", Bioinformatics 25 (2009); Hosking and Wallis, Technometrics 29 (1987).

    Example:
        >>> drawn = np.random.default_rng(1).exponential(size=10_000)
        >>> round(np.log10(np.exp(-12.0)), 1), round(np.log10(tail(drawn, 12.0)), 1)
        (np.float64(-5.2), np.float64(-5.1))
    """
    many = min(GREATEST, len(values) // 10)
    ascending = np.sort(values)
    last, greatest = ascending[-many - 1], ascending[-many:]
    threshold = (last + greatest[0]) / 2
    excess = greatest - threshold
    reached = (1 + np.count_nonzero(values >= observed)) / (1 + len(values))
    mean = float(across(excess[None])[0]) / many
    rank = (np.arange(1, many + 1) - 0.35) / many
    weighted = float(across((excess * (1 - rank))[None])[0]) / many
    if not mean > 0 or observed <= threshold:
        return float(reached)
    shape = max(2 - mean / (mean - 2 * weighted), 0.0) if mean > 2 * weighted else 0.0
    scale = mean * (1 - shape) if shape < 1 else mean / 2
    beyond = (observed - threshold) / scale
    survival = np.exp(-beyond) if shape < 1e-9 else (1 + shape * beyond) ** (-1 / shape)
    return max(float(many / len(values) * survival), 1e-12 if far else 1 / len(values) ** 2)
