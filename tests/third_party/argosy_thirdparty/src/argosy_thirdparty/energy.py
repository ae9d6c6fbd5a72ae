"""Energy distance of two samples.

Source: Székely and Rizzo, "Energy statistics: a class of statistics based on distances", Journal
of Statistical Planning and Inference 143 (2013); for the tail, Buckley and Eagleson, "An
approximation to the distribution of quadratic forms in normal random variables", Australian Journal
of Statistics 30A (1988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from argosy.kernels import single_threaded

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA = pa.schema(
    [
        ("statistic", pa.float64()),
        ("effect", pa.float64()),
        ("p_value", pa.float64()),
        ("p_method", pa.string()),
        ("reason", pa.string()),
    ]
)


def measure(table: pa.Table) -> pa.Table:
    """Compare each row's sides: one answer per row, in the same order.

    Statistic: the energy distance. Effect: the same over twice the mean distance between a
    reference and a current value, 0 to 1. The p-value is the tail of the gamma distribution
    that has the first three cumulants of the statistic's limit under permutations. It takes time
    in proportion to the cube of the number of values.
    """
    sides = (table[name].to_pylist() for name in ("reference", "current"))
    answers = [_compare(np.array(a), np.array(b)) for a, b in zip(*sides, strict=True)]
    return pa.Table.from_pylist(answers, SCHEMA)


def _compare(reference: NDArray[np.float64], current: NDArray[np.float64]) -> dict[str, Any]:
    from scipy.special import gammaincc

    n, m = len(reference), len(current)
    if not n or not m:
        return {"reason": "no reference values" if not n else "no current values"}
    values = np.concatenate([reference, current])
    if not np.isfinite(values).all():
        return {"reason": "some values are infinite"}
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    labels = np.repeat([1.0, 0.0], [n, m])[order]
    observed, between = (found[0] for found in _distances(labels[None], gaps, n, m))
    first, second, third = _cumulants(gaps, n, m)
    if second == 0:
        p_value = 1.0
    else:
        shape = 4 * second**3 / third**2
        p_value = gammaincc(shape, max(0.0, shape + 2 * second / third * (observed - first)))
    return {
        "statistic": observed,
        "effect": observed / (2 * between) if between else 0.0,
        "p_value": p_value,
        "p_method": "gamma",
    }


def _cumulants(gaps: NDArray[np.float64], n: int, m: int) -> tuple[float, float, float]:
    """Return three cumulants of the energy distance where the labels are shuffled.

    The distance is twice the squared gap of two step functions, over the gaps between values; that
    gap is a bridge, whose covariance is known.
    """
    total = n + m
    step = np.arange(1, total)
    least, most = np.minimum.outer(step, step), np.maximum.outer(step, step)
    form = least * (total - most) / (n * m * (total - 1)) * (2 * gaps)
    with single_threaded():
        square = form @ form
    return np.trace(form), 2 * np.trace(square), 8 * (square * form.T).sum()


def _distances(
    labels: NDArray[np.float64], gaps: NDArray[np.float64], n: int, m: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the energy distance and the mean distance between the sides, per row of labels."""
    below = np.cumsum(labels, axis=1)[:, :-1] / n
    other = np.cumsum(1 - labels, axis=1)[:, :-1] / m
    energy = 2 * ((below - other) ** 2 @ gaps)
    return energy, (below * (1 - other) + other * (1 - below)) @ gaps
