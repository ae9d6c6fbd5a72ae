"""One answer per column from what was found in each of its series."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from argosy.tables import ANSWERS, DETAIL
from argosy_sequential.changes import changes, clearest
from argosy_sequential.dispersion import dispersion
from argosy_sequential.series import series as series_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_sequential.changes import Test
    from argosy_sequential.series import Series

    Floats = NDArray[np.float64]

WORTH = 0.05
"""The p-value below which it is said when a change began."""
_REASONS = (
    "no reference rows",
    "no current rows",
    "infinite or too large values have no mean",
    "the reference does not vary, so nothing measures the shift",
)


class Found(NamedTuple):
    """What was found in each series; shapes (series,)."""

    statistic: Floats
    """In the unit of the values."""
    step: Floats
    """The difference of the means after and before the change."""
    p_value: Floats
    bucket: NDArray[np.int64]
    """The bucket with which the change began; 0 is the reference."""


def answer(table: pa.Table, test: Test) -> pa.Table:
    """Answer for each column what its clearest series says, corrected for their number.

    Args:
        table: course rows.
        test: what finds the clearest change of each series.

    Returns:
        A table of `argosy.tables.ANSWERS`, with `detail`.

    Source: Bonferroni's inequality for the p-value of several series.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is infinite has a reason
        return _answer(table, series_of(table), test)


def _answer(table: pa.Table, series: Series, test: Test) -> pa.Table:
    rows = table.num_rows
    if not rows:
        return ANSWERS.append(DETAIL).empty_table()
    noise = dispersion(series)
    found = clearest(series, noise, test)
    spread = series.spread()
    varies = spread > 0
    many = np.bincount(series.row[varies], minlength=rows)
    odd = ~(np.isfinite(series.reach) & np.isfinite(spread))
    rigid = varies & (series.unit == 0)
    sides = [table[name].to_numpy() == 0 for name in ("n_ref", "n_cur")]
    masks = [*sides, *(_any(series.row[mask], rows) for mask in (odd, rigid))]
    undefined = np.any(masks, axis=0)
    p_value = np.where(varies & ~odd, found.p_value, 1.0)
    size = np.where(
        varies & ~odd, np.abs(found.step) / np.where(series.unit > 0, series.unit, 1), 0
    )
    order = np.lexsort((-size, p_value, series.row))
    first = order[np.searchsorted(series.row[order], np.arange(rows))]
    unit = np.where(series.unit > 0, series.unit, 1.0)[first]
    whole = np.minimum(p_value[first] * np.maximum(many, 1), 1.0)
    moving = varies[first] & ~odd[first]
    statistic = np.where(moving, found.statistic[first], 0.0) / unit
    effect = np.where(moving, np.abs(found.step[first]), 0.0) / unit
    said = np.flatnonzero((whole < WORTH) & ~undefined)
    of = first[said]
    began = changes(series, noise, of, found.bucket[of], np.maximum(many[said], 1), test, WORTH)
    detail: list[str | None] = [None] * rows
    for row, place, buckets in zip(said, of, began, strict=True):
        names = table["windows"][int(row)].as_py()
        with_values = np.flatnonzero(series.n[place] > 0)  # a window without is no beginning
        since = with_values[np.searchsorted(with_values, buckets)] - 1
        windows = [repr(names[window]) for window in since]
        detail[row] = f"its {series.what[place]} changed with {_and(windows)}"
    reasons = [_REASONS[place] for place in np.argmax(masks, axis=0)]
    numbers = [pa.array(each, pa.float64(), mask=undefined) for each in (statistic, effect, whole)]
    told = [
        pa.array(["bound"] * rows, pa.string(), mask=undefined),
        pa.array(reasons, pa.string(), mask=~undefined),
        pa.array(detail, pa.string()),
    ]
    return pa.table([*numbers, *told], schema=ANSWERS.append(DETAIL))


def _and(names: list[str]) -> str:
    """Write names as a sentence has them.

    >>> _and(["'a'"]), _and(["'a'", "'b'", "'c'"])
    ("'a'", "'a', 'b' and 'c'")
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _any(rows: NDArray[np.int64], many: int) -> NDArray[np.bool_]:
    found = np.zeros(many, np.bool_)
    found[rows] = True
    return found
