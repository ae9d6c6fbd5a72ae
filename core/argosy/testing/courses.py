"""Courses as a detector through windows is handed them: one row of the table per column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

WINDOWS = 10
CHANGED = 6
"""The window, from 0, with which `sampled_courses` moves."""
_VALUES = ("mean", "sd", "least", "greatest")
_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("model", "version", "column", "window", "kind"), pl.String),
    **dict.fromkeys(("n_ref", "null_ref", "n_cur", "null_cur"), pl.Int64),
    **dict.fromkeys([f"{name}_ref" for name in _VALUES], pl.Float64),
    "windows": pl.List(pl.String),
    **dict.fromkeys(("n", "nulls"), pl.List(pl.Int64)),
    **dict.fromkeys(_VALUES, pl.List(pl.Float64)),
    "categories": pl.List(pl.String),
    **dict.fromkeys(("ref_counts", "counts"), pl.List(pl.Int64)),
}


def course_table(
    courses: Sequence[tuple[ArrayLike, Sequence[ArrayLike]]], kind: str = "numeric"
) -> pa.Table:
    """Lay out one row per course.

    Args:
        courses: the reference's values and those of each window; NaN is missing. The categories
            of a categorical column are whole numbers.
        kind: numeric or categorical.

    Example:
        >>> course_table([([1.0, 2.0], [[1.0], [3.0, float("nan")]])])["mean"].to_pylist()
        [[1.0, 3.0]]
    """
    rows = []
    for place, (reference, windows) in enumerate(courses):
        sides = [np.asarray(side, np.float64) for side in (reference, *windows)]
        known = [side[~np.isnan(side)] for side in sides]
        n, nulls = [len(side) for side in sides], [int(np.isnan(side).sum()) for side in sides]
        labels = [f"2026-01-{day:02}" for day in range(1, len(windows) + 1)]
        told = _numbers(known) if kind == "numeric" else _counts(known)
        rows.append(
            {
                "model": f"m{place}",
                "version": "1",
                "column": "x",
                "kind": kind,
                "window": labels[-1] if labels else None,
                "windows": labels,
                "n_ref": n[0],
                "null_ref": nulls[0],
                "n_cur": sum(n[1:]),
                "null_cur": sum(nulls[1:]),
                "n": n[1:],
                "nulls": nulls[1:],
                **told,
            }
        )
    return pl.DataFrame(rows, schema=_SCHEMA).to_arrow()


def _numbers(known: Sequence[Floats]) -> dict[str, Any]:
    with np.errstate(invalid="ignore", over="ignore"):
        told = [
            [float(what(side)) if len(side) else None for side in known]
            for what in (np.mean, np.std, np.min, np.max)
        ]
    return {
        **{f"{name}_ref": each[0] for name, each in zip(_VALUES, told, strict=True)},
        **{name: each[1:] for name, each in zip(_VALUES, told, strict=True)},
    }


def _counts(known: Sequence[Floats]) -> dict[str, Any]:
    names, counts = np.unique(known[0], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:8]
    each = [[int((side == name).sum()) for name in names[order]] for side in known]
    return {
        "categories": [f"{name:g}" for name in names[order]],
        "ref_counts": each[0],
        "counts": [count for window in each[1:] for count in window],
    }


def sampled_courses(rows: int, sizes: tuple[int, int], moved: bool, seed: int) -> pa.Table:
    """Draw ten windows like the reference, or the last four of them from elsewhere."""
    generator = np.random.default_rng(seed)
    each = sizes[1] // WINDOWS
    return course_table(
        [
            (
                _side(generator, sizes[0], far=False),
                [_side(generator, each, moved and place >= CHANGED) for place in range(WINDOWS)],
            )
            for _ in range(rows)
        ]
    )


def _side(generator: np.random.Generator, size: int, far: bool) -> Floats:
    drawn: Floats = generator.normal(3.0 * far, 1.0, size)
    drawn[generator.random(size) < 0.1] = np.nan
    return drawn


def odd_courses() -> pa.Table:
    """Lay out constants, infinities, single rows, windows without values, and one window."""
    infinity, nothing = float("inf"), float("nan")
    some = [0.0, 1.0, 2.0] * 9
    return course_table(
        [
            ([2.0] * 30, [[2.0] * 5] * 4),
            ([2.0] * 30, [[3.0] * 5] * 4),
            ([2.0] * 30, [[2.0] * 5, [3.0] * 5]),
            (some, [[infinity, 0.0], [1.0]]),
            ([-infinity, *some], [some] * 3),
            ([1.0], [[1.0], [5.0]]),
            (some, [some]),
            (some, [[], some, []]),
            (some, [[nothing] * 4, some]),
            ([nothing, *some], [[nothing], [nothing]]),
            ([1e-300, 0.0] * 9, [[1e300], [0.0, -1e300]]),
        ]
    )


def one_sided_courses() -> pa.Table:
    """Lay out courses of which the reference, or the windows, have no rows."""
    some = [0.0, 1.0, 2.0]
    return course_table([([], [some, some]), (some, [[], []]), ([], [[]])])


def lacking_courses() -> pa.Table:
    """Lay out courses of which the reference, or the windows, have no values."""
    some, none = [0.0, 1.0, 2.0], [float("nan")] * 4
    return course_table([(none, [some, some]), (some, [none, none])])


def identical_courses() -> pa.Table:
    """Lay out a course whose windows are all as the reference is."""
    some = [0.0, 1.0, 1.0, 2.0, 3.5] * 20
    return course_table([(some, [some] * WINDOWS)])
