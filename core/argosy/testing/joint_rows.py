"""Rows as a joint detector is handed them: one row of the table per model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Rows = NDArray[np.float64]

KINDS = ("numeric", "numeric", "categorical")
_COUNTS = ("n_ref", "n_cur", "null_ref", "null_cur")
_LISTS = {"columns": pl.String, "kinds": pl.String, "reference": pl.Float64, "current": pl.Float64}


def joint_table(
    pairs: Sequence[tuple[Rows, Rows]],
    kinds: Sequence[str] = KINDS,
    blocks: tuple[int, int] = (1, 1),
) -> pa.Table:
    """Lay out one row per pair of sides.

    Args:
        pairs: reference and current rows, each of shape (rows, columns); NaN is missing, a
            category is its code.
        kinds: of the columns, which are called `x0`, `x1` and so on.
        blocks: how many rows of either side make a block.

    Example:
        >>> joint_table([(np.zeros((5, 3)), np.ones((2, 3)))])["n_cur"].to_pylist()
        [2]
    """
    columns = [f"x{place}" for place in range(len(kinds))]
    rows = [
        {
            "model": f"m{place}",
            "version": "1",
            "column": "*",
            "n_ref": len(before),
            "n_cur": len(after),
            "block_ref": blocks[0],
            "block_cur": blocks[1],
            "columns": columns,
            "kinds": list(kinds),
            "reference": before.reshape(-1).tolist(),
            "current": after.reshape(-1).tolist(),
        }
        for place, (before, after) in enumerate(pairs)
    ]
    names = dict.fromkeys(("model", "version", "column"), pl.String)
    counts = dict.fromkeys((*_COUNTS, "block_ref", "block_cur"), pl.Int64)
    lists = {name: pl.List(kind) for name, kind in _LISTS.items()}
    return pl.DataFrame(rows, schema={**names, **counts, **lists}).to_arrow()


def sampled_rows(rows: int, sizes: tuple[int, int], moved: bool, seed: int) -> pa.Table:
    """Draw both sides of each row from one distribution, or from two that lie far apart."""
    generator = np.random.default_rng(seed)
    pairs = [
        (_side(generator, sizes[0], far=False), _side(generator, sizes[1], far=moved))
        for _ in range(rows)
    ]
    return joint_table(pairs)


def _side(generator: np.random.Generator, size: int, far: bool) -> Rows:
    shares = (0.1, 0.2, 0.7) if far else (0.6, 0.3, 0.1)
    drawn = np.column_stack(
        [
            generator.normal(2.0 * far, 1.0, size),
            generator.lognormal(0.0, 1.0, size),
            generator.choice(3, size, p=shares).astype(np.float64),
        ]
    )
    drawn[:, 1] += drawn[:, 0]
    drawn[generator.random(drawn.shape) < (0.3 if far else 0.1)] = np.nan
    return drawn


def odd_rows() -> pa.Table:
    """Lay out constants, infinities, few rows, sides that share nothing, and identifiers."""
    infinite = np.column_stack([[-np.inf, np.inf] * 15, [0.0, 1.0, np.inf] * 10, [0.0] * 30])
    several = np.arange(90.0).reshape(30, 3)
    pairs = [
        (np.zeros((30, 3)), np.zeros((25, 3))),
        (np.zeros((30, 3)), np.ones((25, 3))),
        (infinite, infinite[::-1] * -1),
        (several, several + 90),
        (several, several[:1]),
        (several[:1], several),
        (several[:1], several[:1]),
        (np.full((30, 3), np.nan), np.full((30, 3), np.nan)),
        (several[:4], several[:9]),
    ]
    return joint_table([(before, after) for before, after in pairs])


def one_sided_rows() -> pa.Table:
    """Lay out rows of which a side, or both, are empty."""
    some, none = np.arange(60.0).reshape(20, 3), np.zeros((0, 3))
    return joint_table([(none, some), (some, none), (none, none)])


def lacking_rows() -> pa.Table:
    """Lay out rows of which a side has no value."""
    some, none = np.arange(90.0).reshape(30, 3), np.full((30, 3), np.nan)
    return joint_table([(none, some), (some, none)])


def identical_rows() -> pa.Table:
    """Lay out a row of which both sides are the same."""
    some = np.column_stack([np.arange(100.0), np.arange(100.0) % 7, np.arange(100.0) % 3])
    return joint_table([(some, some)])
