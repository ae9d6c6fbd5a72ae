"""Forecasts beside what came true, as flat arrays in an order that depends on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ROW = ("series", "method", "origin", "horizon")
"""What tells two forecasts apart, and orders those of a group."""
ANSWERED = {
    *("metric", "level", "value", "naive", "skill", "n", "left_out"),
    *("quantiles", "reason", "skill_reason"),
}
"""The columns of scores besides those of groups."""
_MOST = 1 << 62


class Points(NamedTuple):
    """Forecasts, group after group; in a group by series, method, origin and horizon."""

    groups: pl.DataFrame
    """The columns that groups are made of, a row per group, sorted."""
    starts: Ints
    """Where each group begins."""
    lengths: Ints
    """How many rows it has."""
    truth: Floats
    """What came true; NaN where that is not known, or no number."""
    value: Floats
    """What was forecast; NaN likewise."""
    naive: Floats
    scale: Floats
    """MASE's denominator; NaN where it is not known, zero or no number."""
    quantiles: Floats
    """Shape (rows, levels); those of a row count where all are finite."""
    rows: pl.DataFrame
    """The same rows, with all their columns."""


def laid_out(points: pl.DataFrame, by: Sequence[str], levels: Sequence[float] = ()) -> Points:
    """Lay forecasts out in groups.

    Args:
        points: `series`, `method`, `origin`, `horizon`, `truth`, `value` and, where known,
            `naive`, `scale` and `quantiles` (a list of one number per level).
        by: the columns that groups are made of; none puts all into one.
        levels: of the quantiles, ascending, between 0 and 1.

    Raises:
        BadInput: if a column is missing or has nulls where none can be, if one forecast is there
            twice, or if quantiles and levels differ in number.

    Example:
        >>> points = pl.DataFrame({
        ...     "series": ["b", "a"], "method": "x", "origin": 0, "horizon": 1,
        ...     "truth": [1.0, None], "value": [2.0, 5.0],
        ... })
        >>> found = laid_out(points, ["series"])
        >>> found.groups["series"].to_list(), found.truth.tolist()
        (['a', 'b'], [nan, 1.0])
    """
    _refuse_unfit(points, by)
    order, group = _order(points, by)
    if order is not None:
        points = points[order]
    heads = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    wanted = _quantiles(points, tuple(levels))
    return Points(
        points[heads].select(by),
        heads,
        np.diff(np.append(heads, len(group))),
        _numbers(points, "truth"),
        _numbers(points, "value"),
        _numbers(points, "naive"),
        _positive(_numbers(points, "scale")),
        wanted,
        points,
    )


def _refuse_unfit(points: pl.DataFrame, by: Sequence[str]) -> None:
    needed = dict.fromkeys((*ROW, *by))
    if missing := [name for name in (*needed, "truth", "value") if name not in points.columns]:
        raise BadInput(
            f"forecasts to score have no column {', '.join(map(repr, missing))};"
            f" they have {', '.join(points.columns)}"
        )
    if taken := [name for name in by if name in ANSWERED]:
        raise BadInput(
            f"groups cannot be made of {', '.join(map(repr, taken))}: scores have columns of that"
            " name; rename it"
        )
    if empty := [name for name in needed if points[name].null_count()]:
        raise BadInput(f"{', '.join(map(repr, empty))} cannot be null in forecasts to score")


def _order(points: pl.DataFrame, by: Sequence[str]) -> tuple[Ints | None, Ints]:
    """Return the order that rows come into (None: they stand in it), and each one's group."""
    group = _combined(points, by)
    each = _combined(points, ROW)
    if len(group) and int(group.max()) < _MOST // (int(each.max()) + 1):
        key = group * (int(each.max()) + 1) + each
        ordered = bool((key[1:] > key[:-1]).all())
        order = None if ordered else np.argsort(key)
    else:
        order = np.lexsort((each, group))
    if order is not None:
        group, each = group[order], each[order]
    twice = np.flatnonzero((group[1:] == group[:-1]) & (each[1:] == each[:-1]))
    if len(twice):
        place = int(twice[0]) if order is None else int(order[twice[0]])
        told = ", ".join(f"{name} {points[name][place]}" for name in ROW)
        raise BadInput(f"there are two forecasts of {told}; keep one of them")
    return order, group


def _combined(points: pl.DataFrame, names: Sequence[str]) -> Ints:
    """Return numbers that order rows as the columns do, the first counting most."""
    found, many = np.zeros(points.height, np.int64), 1
    for name in names:
        column = points[name]
        known = column.unique().sort()
        if many > _MOST // max(len(known), 1):
            _, found = np.unique(found, return_inverse=True)
            many = int(found.max()) + 1
        if column.dtype == pl.String:
            codes = column.cast(pl.Enum(known)).to_physical()
        else:
            codes = known.search_sorted(column)
        found = found * len(known) + codes.to_numpy().astype(np.int64)
        many *= len(known)
    return found


def _numbers(points: pl.DataFrame, name: str) -> Floats:
    """Return a column with NaN for all that is no finite number."""
    if name not in points.columns:
        return np.full(points.height, np.nan)
    found: Floats = points[name].cast(pl.Float64).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)


def _positive(scale: Floats) -> Floats:
    return np.where(scale > 0, scale, np.nan)


def _quantiles(points: pl.DataFrame, levels: tuple[float, ...]) -> Floats:
    if not levels:
        return np.empty((points.height, 0))
    if not all(
        0 < low < high < 1 for low, high in zip(levels, (*levels[1:], 1 - 1e-15), strict=True)
    ):
        raise BadInput(f"levels of quantiles ascend between 0 and 1, unlike {levels}")
    if "quantiles" not in points.columns:
        return np.full((points.height, len(levels)), np.nan)
    column = points["quantiles"]
    if isinstance(column.dtype, pl.Array):
        lengths = [column.dtype.size] if column.null_count() < len(column) else []
    else:
        lengths = column.list.len().drop_nulls().unique().to_list()
    if lengths not in ([], [len(levels)]):
        raise BadInput(
            f"forecasts have {' or '.join(map(str, sorted(lengths)))} quantiles, and"
            f" {len(levels)} levels are named"
        )
    flat = column.drop_nulls().explode().cast(pl.Float64).to_numpy().reshape(-1, len(levels))
    if not column.null_count():
        return flat
    found = np.full((points.height, len(levels)), np.nan)
    found[column.is_not_null().to_numpy()] = flat
    return found
