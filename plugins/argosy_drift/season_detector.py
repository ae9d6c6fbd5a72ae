"""Judge a window against what windows of its season were in earlier years: the detector `seasons`.

What differs from year to year, and how much, only years can tell: a thousand rows of one March say
nothing of how Marches differ. So a window is one number here, and so are the earlier ones of its
season; rows that depend on each other inside a window do no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.special import stdtr

from argosy.kernels import ragged
from argosy.tables import ANSWERS, DETAIL
from argosy.types import Detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NAME = "seasons"
LEAST = 3
"""Earlier windows of a season, under which nobody knows how they differ."""
WEIGHT = 6
"""The degrees of freedom that the spread of all seasons together counts as."""
_ROUNDING = 1e-12
"""The part of a number below which a difference is none."""
_NO_SEASON = "windows are not compared with those of their season; say which, as 'seasonal 12mo'"
_ODD = "infinite or too large values have no mean"
_RIGID = "earlier windows do not differ at all, so nothing measures the shift"


def measure(table: pa.Table) -> pa.Table:
    """Compare the mean of each window with the means of all earlier ones of its season.

    The statistic is how far it lies from their mean, t; the effect is the same in year-to-year
    standard deviations. Their variance is shrunk, with the weight of six degrees, to that of all
    seasons together, so that t has five degrees more than there are earlier years. Of a column that
    is followed by several numbers the clearest is told, corrected for their number.

    Args:
        table: course rows, each of one window beside those of its season; see
            `argosy_drift.seasons`. Others are not judged.

    Returns:
        One row per row of the table; `detail` says what it was compared with.

    Source: Smyth, "Linear models and empirical Bayes methods for assessing differential
    expression", Statistical Applications in Genetics and Molecular Biology 3 (2004), for the
    shrunk variance and its degrees of freedom.

    Example:
        >>> rows = pa.table({"what": [["mean"]], "now": [[5.0]], "earlier": [[1.0]],
        ...     "years": [[4]], "own": [[3.0]], "all": [[33.0]], "degrees": [[33]],
        ...     "baseline": ["March of 2021, 2022, 2023 and 2024"]})
        >>> found = measure(rows)
        >>> found["effect"].to_pylist(), found["p_value"].to_numpy().round(4).tolist()
        ([4.0], [0.006])
        >>> found["detail"][0].as_py()
        'its mean against March of 2021, 2022, 2023 and 2024'
    """
    rows = table.num_rows
    if "now" not in table.column_names or not rows:
        return _undefined([_NO_SEASON] * rows)
    what = ragged(table["now"])
    owner = np.repeat(np.arange(rows), what.lengths)
    now, earlier, own, whole = (_flat(table, name) for name in ("now", "earlier", "own", "all"))
    years, degrees = (_flat(table, name) for name in ("years", "degrees"))
    odd = ~np.isfinite(now)
    now = np.where(odd, earlier, now)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pooled = np.where(degrees > 0, whole / np.maximum(degrees, 1), 0.0)
        freedom = WEIGHT + np.maximum(years - 1, 0)
        spread = np.sqrt((WEIGHT * pooled + own) / freedom)
        size = np.abs(now - earlier)
        none = _ROUNDING * np.maximum(np.abs(now), np.abs(earlier))
        moved, varies = size > none, spread > none
        effect = np.where(moved, size / np.where(varies, spread, 1.0), 0.0)
        t = np.where(moved, effect / np.sqrt(1 + 1 / np.maximum(years, 1)), 0.0)
    p_value = np.minimum(2 * stdtr(freedom, -t), 1.0)
    p_value = np.where(moved, p_value, 1.0)
    tests = np.maximum(np.bincount(owner[varies], minlength=rows), 1)
    order = np.lexsort((-effect, p_value, owner))
    best = order[np.searchsorted(owner[order], np.arange(rows))]
    fewest = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(fewest, owner, years.astype(np.int64))
    rigid, endless = (
        np.bincount(owner[mask], minlength=rows) > 0 for mask in (moved & ~varies, odd)
    )
    named = table["baseline"].to_pylist()
    reasons = [
        _few(int(many), name) if many < LEAST else _ODD if mad else _RIGID if stiff else None
        for many, name, mad, stiff in zip(fewest, named, endless, rigid, strict=True)
    ]
    names = table["what"].combine_chunks().flatten().to_pylist()
    undefined = np.array([reason is not None for reason in reasons])
    numbers = (t[best], effect[best], np.minimum(p_value[best] * tests, 1.0))
    detail = [
        None if gone else f"its {names[place]} against {name}"
        for place, name, gone in zip(best, named, undefined, strict=True)
    ]
    told = [
        pa.array(["Student's t"] * rows, pa.string(), mask=undefined),
        pa.array(reasons, pa.string()),
        pa.array(detail, pa.string()),
    ]
    columns = [pa.array(each, pa.float64(), mask=undefined) for each in numbers]
    return pa.table([*columns, *told], schema=ANSWERS.append(DETAIL))


def _flat(table: pa.Table, name: str) -> Floats:
    return ragged(table[name]).values.astype(np.float64)


def _few(many: int, named: str) -> str:
    known = f" ({named})" if many else ""
    return f"its season has {many} whole earlier windows{known}; {LEAST} are needed"


def _undefined(reasons: list[str]) -> pa.Table:
    nothing = [pa.nulls(len(reasons), kind) for kind in (pa.float64(),) * 3]
    texts = [pa.nulls(len(reasons), pa.string()), pa.array(reasons, pa.string())]
    return pa.table(
        [*nothing, *texts, pa.nulls(len(reasons), pa.string())], schema=ANSWERS.append(DETAIL)
    )


DETECTOR = Detector(
    name=NAME,
    kinds=frozenset({"course"}),
    measure=measure,
    floor=1.0,
    effect="shift in year-to-year standard deviations",
    default=False,
)
"""What the plugin offers."""
