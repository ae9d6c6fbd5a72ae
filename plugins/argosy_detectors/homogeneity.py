"""Do two sides fill their buckets alike? Statistics of 2 x K tables, and their p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_detectors.fisher import fisher_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_detectors.buckets import Buckets

TAIL = 0.01
"""Below it a p-value needs the assent of a second statistic."""


def pearson(buckets: Buckets) -> NDArray[np.float64]:
    """Pearson's chi-squared statistic of homogeneity, one per table.

    Example:
        >>> from argosy_detectors.buckets import Buckets
        >>> pearson(Buckets(np.zeros(2, int), np.array([9.0, 1]), np.array([5.0, 5]), 1)).round(3)
        array([3.81])
    """
    excess, expected, other = _expectations(buckets)
    return buckets.total(excess**2 / expected + excess**2 / other)


def likelihood_ratio(buckets: Buckets) -> NDArray[np.float64]:
    """Twice the logarithm of the likelihood ratio of homogeneity (the G-test), one per table.

    Example:
        >>> from argosy_detectors.buckets import Buckets
        >>> table = Buckets(np.zeros(2, int), np.array([9.0, 1]), np.array([5.0, 5]), 1)
        >>> likelihood_ratio(table).round(3)
        array([4.07])
    """
    from scipy.special import xlogy

    _, expected, other = _expectations(buckets)
    reference, current = buckets.reference, buckets.current
    terms = xlogy(reference, reference / expected) + xlogy(current, current / other)
    return 2 * buckets.total(terms)


def stability(buckets: Buckets) -> NDArray[np.float64]:
    """Measure the population stability index in nats, each count half a row larger.

    Half a row keeps the logarithm finite where a side's bucket is empty. One per table.

    Example:
        >>> from argosy_detectors.buckets import Buckets
        >>> table = Buckets(np.zeros(2, int), np.array([9.0, 1]), np.array([5.0, 5]), 1)
        >>> stability(table).round(3)
        array([0.671])
    """
    owner, half = buckets.owner, buckets.sizes() / 2
    before = (buckets.reference + 0.5) / (buckets.total(buckets.reference) + half)[owner]
    after = (buckets.current + 0.5) / (buckets.total(buckets.current) + half)[owner]
    return buckets.total((after - before) * np.log(after / before))


def divergence(buckets: Buckets, more: float = 0.0) -> NDArray[np.float64]:
    """Measure the Jensen-Shannon divergence of both sides' shares in nats, one per table.

    Args:
        buckets: the counts.
        more: rows that are added to every count.

    Example:
        >>> from argosy_detectors.buckets import Buckets
        >>> table = Buckets(np.zeros(2, int), np.array([9.0, 0]), np.array([0.0, 5]), 1)
        >>> bool(np.isclose(divergence(table), np.log(2))[0])
        True
    """
    from scipy.special import rel_entr

    owner, added = buckets.owner, buckets.sizes() * more
    n = np.maximum(buckets.total(buckets.reference) + added, np.finfo(float).tiny)[owner]
    m = np.maximum(buckets.total(buckets.current) + added, np.finfo(float).tiny)[owner]
    before, after = (buckets.reference + more) / n, (buckets.current + more) / m
    mean = (before + after) / 2
    found = buckets.total(rel_entr(before, mean) + rel_entr(after, mean)) / 2
    # Rounding can leave a trace below zero, of which there is no root.
    return np.maximum(found, 0.0)


def p_values(
    statistic: NDArray[np.float64],
    second: NDArray[np.float64],
    buckets: Buckets,
    sparse: NDArray[np.bool_],
    tau: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Chi-squared survival of a statistic, guarded in the tail by that of a second.

    For every statistic there are thin tables whose tail is heavier than the limit's, up to seven
    times at 1e-5, where a fleet's false discoveries come from. They are not the same tables for
    two statistics, so below `TAIL` the larger p-value of the two stands; the README has figures.

    Args:
        statistic: one per table; chi-squared in the limit, as the second.
        second: the guard.
        buckets: their tables, which give the degrees of freedom. One bucket means p = 1.
        sparse: the tables of two buckets that want Fisher's exact test instead.
        tau: how many rows of a table count as one in that test; defaults to one.

    Returns:
        The p-values and their origin: 0 the statistic, 1 the second, 2 the exact test.

    Example:
        >>> from argosy_detectors.buckets import Buckets
        >>> table = Buckets(np.zeros(2, int), np.ones(2), np.ones(2), 1)
        >>> p, origin = p_values(np.array([20.0]), np.array([15.0]), table, np.zeros(1, bool))
        >>> p.round(5).tolist(), origin.tolist()
        ([0.00011], [1])
    """
    from scipy.special import chdtrc

    sizes = buckets.sizes()
    degrees = np.maximum(sizes - 1, 1)
    p_value = np.where(sizes > 1, chdtrc(degrees, statistic), 1.0)
    tail = np.flatnonzero(p_value < TAIL)
    guard = chdtrc(degrees[tail], second[tail])
    guarded = np.zeros(len(p_value), np.bool_)
    guarded[tail] = guard > p_value[tail]
    p_value[tail] = np.fmax(guard, p_value[tail])
    last = (np.cumsum(sizes) - 1)[sparse]
    n, m = buckets.total(buckets.reference)[sparse], buckets.total(buckets.current)[sparse]
    square = (buckets.reference[last], n, buckets.current[last], m)
    one = np.ones(len(last)) if tau is None else tau[sparse]
    p_value[sparse] = fisher_of(*square, one)
    return p_value, np.where(sparse, 2, guarded)


def _expectations(
    buckets: Buckets,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """How far the reference count is above what it expects, and what either side expects."""
    n = buckets.total(buckets.reference)[buckets.owner]
    m = buckets.total(buckets.current)[buckets.owner]
    together = buckets.reference + buckets.current
    # An empty side has no expectation; its table is undefined and any number will do.
    expected = np.maximum(together * n / (n + m), np.finfo(float).tiny)
    other = np.maximum(together * m / (n + m), np.finfo(float).tiny)
    return buckets.reference - expected, expected, other
