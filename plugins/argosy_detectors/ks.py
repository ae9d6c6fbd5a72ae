"""Two-sample Kolmogorov-Smirnov test of a numeric column."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.ragged import ragged

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_detectors.ragged import Ragged

FLOOR = 0.1
METHODS = ["limit", "exact", "asymptotic"]
LIMIT, EXACT, ASYMPTOTIC = range(3)
# The limit overstates small p-values. A tinier one alerts among fifty million columns anyway, a
# larger one among none.
DOUBTFUL = (1e-9, 0.2)
# Some megabytes of keys at a time: the sort stays near the processor's cache.
BLOCK = 1 << 18


def measure(table: pa.Table) -> pa.Table:
    """Compare the distribution functions of each row's reference and current values.

    Statistic and effect are D, the largest distance between the two empirical distribution
    functions. The p-value is Kolmogorov's limit (`p_method` "limit"). Rows whose effect reaches
    the floor and whose limit is neither large nor tiny are tested again by
    `scipy.stats.ks_2samp`: exactly up to 10,000 values a side ("exact"), else asymptotically
    ("asymptotic"). Small p-values are overstated by the limit, and by all three where values are
    tied: the test errs on the quiet side.

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för
    Matematik 3 (1958).

    Example:
        >>> import pyarrow as pa
        >>> before, after = [0.0, 1.0, 2.0, 3.0], [2.5, 3.0, 4.0, 5.0]
        >>> row = measure(pa.table({"reference": [before], "current": [after]}))
        >>> row["statistic"][0].as_py(), round(row["p_value"][0].as_py(), 4)
        (0.75, 0.2106)
    """
    from scipy.special import kolmogorov

    reference, current = ragged(table["reference"]), ragged(table["current"])
    n, m = reference.lengths, current.lengths
    gap = np.zeros(len(n), np.int64)
    for block in _blocks(n + m):
        gap[block] = _widest_gap(_slice(reference, block), _slice(current, block))
    pairs = np.maximum(n * m, 1)
    distance = gap / pairs
    p_value = kolmogorov(np.sqrt(pairs / np.maximum(n + m, 1)) * distance)
    method = np.full(len(n), LIMIT)
    doubtful = (p_value > DOUBTFUL[0]) & (p_value < DOUBTFUL[1]) & (distance >= FLOOR)
    known: dict[tuple[int, int, int], tuple[float, int]] = {}
    for row in np.flatnonzero(doubtful):
        # Where nothing is tied, p depends on the sizes and the gap alone.
        key = int(n[row]), int(m[row]), int(gap[row])
        if key not in known:
            one = slice(row, row + 1)
            known[key] = _retested(_slice(reference, one).values, _slice(current, one).values)
        p_value[row], method[row] = known[key]
    return answer(n, m, "values", distance, distance, p_value, METHODS, method)


def _blocks(sizes: NDArray[np.int64]) -> Iterator[slice]:
    """Cut the rows into runs of at most BLOCK values, or of one row."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK, "right")))
        yield slice(start, stop)
        start = stop


def _slice(lists: Ragged, rows: slice) -> Ragged:
    starts, lengths = lists.starts[rows], lists.lengths[rows]
    return type(lists)(
        lists.values[starts[0] : starts[-1] + lengths[-1]], starts - starts[0], lengths
    )


def _widest_gap(reference: Ragged, current: Ragged) -> NDArray[np.int64]:
    """D times n times m, a whole number.

    All rows are merged in one stable sort by (row, value): complex numbers order that way, and
    two sorted runs merge in linear time. Walking along, a reference value is m steps up and a
    current one n steps down, so every row ends at zero, where the next begins.
    """
    n, m = reference.lengths, current.lengths
    rows = np.arange(len(n))
    key = np.empty((int(n.sum() + m.sum()), 2))
    key[:, 0] = np.concatenate([np.repeat(rows, n), np.repeat(rows, m)])
    key[:, 1] = np.concatenate([reference.values, current.values])
    keys = key.view(np.complex128).ravel()
    order = np.argsort(keys, kind="stable")
    steps = np.concatenate([np.repeat(m, n), np.repeat(-n, m)])
    height = np.abs(np.cumsum(steps[order]))
    merged = keys[order]
    # Inside a run of ties the walk has not yet taken all its steps.
    height[:-1][merged[1:] == merged[:-1]] = 0
    gap = np.zeros(len(n), np.int64)
    filled = n + m > 0
    starts = np.cumsum(n + m) - (n + m)
    if filled.any():
        gap[filled] = np.maximum.reduceat(height, starts[filled])
    return gap


def _retested(reference: NDArray[np.float64], current: NDArray[np.float64]) -> tuple[float, int]:
    from scipy.stats import ks_2samp  # a second to import, so only when in doubt

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        p_value = float(ks_2samp(reference, current, method="auto").pvalue)
    # SciPy warns where it meant to be exact and fell back.
    exact = max(len(reference), len(current)) <= 10_000 and not caught
    return p_value, EXACT if exact else ASYMPTOTIC


DETECTOR = Detector(
    name="ks",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=FLOOR,
    effect="KS distance",
)
