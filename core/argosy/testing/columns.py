"""Columns as a detector is handed them: one row per (model, column), in one table per kind.

Rows for joint detectors and courses for those through windows are made in
`argosy.testing.joint_rows` and `argosy.testing.courses`; what is asked for by kind gives them too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.testing import courses, joint_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from argosy.types import Kind

    Pair = tuple[Sequence[float], Sequence[float]]

_INFINITY = float("inf")
_SHARES = (0.6, 0.25, 0.1, 0.05)
_SIDES: dict[Kind, Pair] = {
    "numeric": ([1.0, 2.0, 3.0], []),
    "categorical": ([2, 1], [0, 0]),
}

_ODD: dict[Kind, list[Pair]] = {
    "numeric": [
        ([2.0] * 30, [2.0] * 30),
        ([2.0] * 30, [3.0] * 25),
        ([0.0, 1.0] * 20, [0.0] * 5 + [1.0] * 35),
        ([-_INFINITY, 0.0, 1.0, _INFINITY], [0.0, 1.0, 2.0]),
        ([0.0, 1.0, 2.0], [-_INFINITY, 0.0, _INFINITY]),
        ([_INFINITY] * 9, [_INFINITY] * 9),
        ([_INFINITY] * 9, [-_INFINITY] * 9),
        ([1.0], [1.0]),
        ([1.0], [5.0]),
        ([1.0], [0.0, 1.0, 2.0] * 9),
        ([0.0, 1.0, 2.0] * 9, [1.0]),
        ([-0.0, 5e-324] * 9, [0.0, 1e-300] * 9),
    ],
    "categorical": [
        ([30], [25]),
        ([30, 0], [0, 25]),
        ([20, 20, 0], [15, 5, 20]),
        ([1], [1]),
        ([1, 0], [0, 1]),
        ([1, 0, 0], [3, 9, 20]),
        ([1] * 50, [1] * 50),
        ([1] * 50 + [0] * 50, [0] * 50 + [1] * 50),
    ],
}


def table(
    kind: Kind, pairs: Sequence[Pair], missing: Sequence[tuple[int, int]] | None = None
) -> pa.Table:
    """Lay out one row per pair of sides.

    Args:
        kind: the sides of a numeric column are its values, in any order; those of a
            categorical one are the counts of its categories, as many on both sides.
        pairs: reference and current side of each row.
        missing: how many rows are missing on either side of each row, besides; defaults to none.

    Example:
        >>> table("numeric", [([3.0, 1.0], [2.0])], [(0, 4)])["n_cur"].to_pylist()
        [5]
    """
    gaps = missing or [(0, 0)] * len(pairs)
    sizes = [
        [len(side) if kind == "numeric" else int(sum(side)) for side in pair] for pair in pairs
    ]
    counted = pl.DataFrame(
        {
            "model": [f"m{place}" for place in range(len(pairs))],
            "version": ["1"] * len(pairs),
            "column": ["x"] * len(pairs),
            "n_ref": [size[0] + gap[0] for size, gap in zip(sizes, gaps, strict=True)],
            "n_cur": [size[1] + gap[1] for size, gap in zip(sizes, gaps, strict=True)],
            "null_ref": [gap[0] for gap in gaps],
            "null_cur": [gap[1] for gap in gaps],
        },
        schema=dict.fromkeys(("model", "version", "column"), pl.String)
        | dict.fromkeys(("n_ref", "n_cur", "null_ref", "null_cur"), pl.Int64),
    )
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if kind == "numeric":
        values = pl.List(pl.Float64)
        return counted.with_columns(
            pl.Series("reference", [sorted(side) for side in before], values),
            pl.Series("current", [sorted(side) for side in after], values),
        ).to_arrow()
    names = [[f"category {place:03}" for place in range(len(side))] for side in before]
    return counted.with_columns(
        pl.Series("categories", names, pl.List(pl.String)),
        pl.Series("ref_counts", before, pl.List(pl.Int64)),
        pl.Series("cur_counts", after, pl.List(pl.Int64)),
    ).to_arrow()


def sampled(
    kind: Kind,
    rows: int = 1,
    sizes: tuple[int, int] = (300, 200),
    moved: bool = False,
    seed: int = 7,
) -> pa.Table:
    """Draw both sides of each row from one distribution, or from two that lie far apart.

    Args:
        kind: numbers are normal, categories have unequal shares. A tenth of the rows is missing.
            Rows have two numeric columns and a categorical one. A course has ten windows.
        rows: how many rows the table has.
        sizes: how many rows a column has on either side, missing ones included.
        moved: the current side has another centre and a wider spread, or its common categories
            are the rare ones of the reference; and two thirds of its rows are missing. A course
            moves with its seventh window.
        seed: of the generator.

    Example:
        >>> sampled("categorical", rows=3, sizes=(10, 5))["n_ref"].to_pylist()
        [10, 10, 10]
    """
    if kind == "joint":
        return joint_rows.sampled_rows(rows, sizes, moved, seed)
    if kind == "course":
        return courses.sampled_courses(rows, sizes, moved, seed)
    generator = np.random.default_rng(seed)
    pairs: list[Pair] = []
    missing: list[tuple[int, int]] = []
    for _ in range(rows):
        gap = generator.binomial(sizes, (0.1, 0.67 if moved else 0.1)).tolist()
        sides = [
            _side(kind, generator, size - lost, far)
            for size, lost, far in zip(sizes, gap, (False, moved), strict=True)
        ]
        pairs.append((sides[0], sides[1]))
        missing.append((gap[0], gap[1]))
    return table(kind, pairs, missing)


def dependent(table: pa.Table, tau: float) -> pa.Table:
    """Say of all columns that so many of their rows, missing or not, count as one.

    Args:
        table: of any kind; samples of rows get blocks of twice as many.
        tau: at least 1, at which rows stand by themselves.

    Example:
        >>> dependent(sampled("joint"), 4.0).select(["tau", "block_cur"]).to_pylist()
        [{'tau': 4.0, 'block_cur': 8}]
    """
    said = {"tau": pl.lit(float(tau))}
    if "block_ref" in table.column_names:
        rows = pl.lit(math.ceil(2 * tau) if tau > 1 else 1, pl.Int64)
        said |= {"block_ref": rows, "block_cur": rows}
    elif "windows" not in table.column_names:
        said["tau_nulls"] = said["tau"]
    return pl.DataFrame(table).with_columns(**said).to_arrow()


def odd(kind: Kind) -> pa.Table:
    """Lay out constants, ties, infinities, samples of one row, and sides that share nothing.

    Example:
        >>> odd("categorical").num_rows
        8
    """
    wider = {"joint": joint_rows.odd_rows, "course": courses.odd_courses}
    return wider[kind]() if kind in wider else table(kind, _ODD[kind])


def one_sided(kind: Kind) -> pa.Table:
    """Lay out three rows: the reference is empty, the current side is, both are.

    Example:
        >>> one_sided("numeric")["n_ref"].to_pylist()
        [0, 3, 0]
    """
    wider = {"joint": joint_rows.one_sided_rows, "course": courses.one_sided_courses}
    if kind in wider:
        return wider[kind]()
    some, none = _SIDES[kind]
    return table(kind, [(none, some), (some, none), (none, none)])


def lacking(kind: Kind) -> pa.Table:
    """Lay out two rows: all reference rows are missing, all current rows are.

    Example:
        >>> lacking("numeric")["null_ref"].to_pylist()
        [4, 0]
    """
    wider = {"joint": joint_rows.lacking_rows, "course": courses.lacking_courses}
    if kind in wider:
        return wider[kind]()
    some, none = _SIDES[kind]
    return table(kind, [(none, some), (some, none)], [(4, 0), (0, 4)])


def identical(kind: Kind) -> pa.Table:
    """Lay out a row of which both sides are the same.

    Example:
        >>> identical("categorical")["n_ref"].to_pylist()
        [107]
    """
    wider = {"joint": joint_rows.identical_rows, "course": courses.identical_courses}
    if kind in wider:
        return wider[kind]()
    side = [0.0, 1.0, 1.0, 2.0, 3.5] * 20 if kind == "numeric" else [50, 30, 20]
    return table(kind, [(side, side)], [(7, 7)])


def _side(kind: Kind, generator: np.random.Generator, size: int, far: bool) -> list[float]:
    if kind == "numeric":
        drawn: list[float] = generator.normal(5.0 * far, 3.0 if far else 1.0, size).tolist()
        return drawn
    counts: list[float] = generator.multinomial(size, _SHARES[::-1] if far else _SHARES).tolist()
    return counts
