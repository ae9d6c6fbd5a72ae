"""Values of a numeric column beyond everything that its reference has."""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled
from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.shared import sides, taus

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


def measure(table: pa.Table) -> pa.Table:
    """Count the current values below the least or above the greatest reference value.

    Statistic and effect are their share of the current values. The p-value is exact ("exact"):
    if both sides are drawn from the same distribution, so many or more lie outside as often as
    at most one of the first s + 1 values of a random order of all values is a reference value.
    Where values are tied it errs on the quiet side. Where rows depend on each other, there are
    `tau` times fewer of either side, and of those outside.

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Wilks, "Determination of sample sizes for setting tolerance limits", Annals of
    Mathematical Statistics 12 (1941).

    Example:
        >>> import pyarrow as pa
        >>> before, after = [1.0, 2.0, 3.0, 4.0], [0.0, 3.0, 5.0, 6.0]
        >>> row = measure(pa.table({"reference": [before], "current": [after]}))
        >>> row["effect"][0].as_py(), round(row["p_value"][0].as_py(), 4)
        (0.75, 0.2429)
    """
    reference, current = sides(table)
    share, p_value = outside(*reference, *current, taus(table))
    n, m = reference.lengths, current.lengths
    return answer(n, m, "values", share, share, p_value, ["exact"])


@compiled
def outside(
    before: NDArray[np.float64],
    before_starts: NDArray[np.int64],
    before_lengths: NDArray[np.int64],
    after: NDArray[np.float64],
    after_starts: NDArray[np.int64],
    after_lengths: NDArray[np.int64],
    tau: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute shares and p-values, each of shape (rows,), where `tau` rows count as one.

    Example:
        >>> one = np.zeros(1, int), np.ones(1, int)
        >>> share, p = outside(np.array([1.0]), *one, np.array([2.0]), *one, np.ones(1))
        >>> share.tolist(), p.tolist()
        ([1.0], [1.0])
    """
    shares = np.zeros(len(before_lengths))
    p_values = np.ones(len(before_lengths))
    for row in range(len(before_lengths)):
        n, m = before_lengths[row], after_lengths[row]
        if n == 0 or m == 0:
            continue
        least = before[before_starts[row]]
        greatest = before[before_starts[row] + n - 1]
        values = after[after_starts[row] : after_starts[row] + m]
        low = 0
        while low < m and values[low] < least:
            low += 1
        high = m
        while high > low and values[high - 1] > greatest:
            high -= 1
        s = low + m - high
        shares[row] = s / m
        if tau[row] > 1:  # the same with gamma functions: these are no whole numbers
            a, b, c = n / tau[row], m / tau[row], s / tau[row]
            chance = lgamma(b + 1) - lgamma(b - c + 1) + lgamma(a + b - c + 1) - lgamma(a + b + 1)
            p_values[row] = min(1.0, np.exp(chance) * ((b - c) + a * (c + 1)) / (a + b - c))
            continue
        chance = 1.0  # that the first s values are all current
        for k in range(s):
            chance *= (m - k) / (n + m - k)
        p_values[row] = min(1.0, chance * ((m - s) + n * (s + 1.0)) / (n + m - s))
    return shares, p_values


DETECTOR = Detector(
    name="out_of_range",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.01,
    effect="share out of range",
    dependence="rate",
)
