"""Put the rows of each group (a model's, or one of its windows) side by side, in place order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Grouped(NamedTuple):
    """Rows, those of each group together."""

    rows: pl.DataFrame
    """The rows, group after group, each in its old order."""
    groups: pl.DataFrame
    """One row per group, with the columns that tell groups apart; sorted by them."""
    lengths: NDArray[np.int64]
    """How many rows each group has, at least one; shape (groups,)."""


def grouped(rows: pl.DataFrame, by: Sequence[str]) -> Grouped:
    """Order rows by group.

    A table that is clustered already is not touched: only its runs are looked at, of which there
    are as many as groups. Null is a group like any other.

    Args:
        rows: any.
        by: the columns that tell groups apart.

    Example:
        >>> found = grouped(pl.DataFrame({"model": ["b", "a", "b"], "x": [1, 2, 3]}), ["model"])
        >>> found.rows["x"].to_list(), found.lengths.tolist()
        ([2, 1, 3], [1, 2])
    """
    starts = _starts(rows, by)
    runs = rows.select(by)[starts]
    lengths = np.diff(np.append(starts, rows.height))
    groups = runs.unique().sort(by, nulls_last=True)
    place = pl.int_range(pl.len(), dtype=pl.Int64).alias("argosy_group")
    codes = (
        runs.join(
            groups.with_columns(place), on=by, how="left", nulls_equal=True, maintain_order="left"
        )["argosy_group"]
        .to_numpy()
        .astype(np.int64)
    )
    if len(codes) > 1 and (np.diff(codes) <= 0).any():
        of_rows = np.repeat(codes, lengths)
        rows = rows[np.argsort(of_rows, kind="stable")]
        lengths = np.bincount(of_rows, minlength=groups.height)
    return Grouped(rows, groups, lengths)


def _starts(rows: pl.DataFrame, by: Sequence[str]) -> NDArray[np.int64]:
    """Return where runs of equal keys start."""
    if len(by) == 1 and rows.schema[by[0]] == pl.String:
        runs: NDArray[np.int64] = rows[by[0]].rle().struct.field("len").to_numpy().astype(np.int64)
        starts: NDArray[np.int64] = np.cumsum(runs) - runs
        return starts
    changes = [pl.col(name).ne_missing(pl.col(name).shift()) for name in by]
    first = pl.int_range(pl.len()) == 0
    heads = rows.select(pl.any_horizontal(first, *changes).arg_true())
    return heads.to_series().to_numpy().astype(np.int64)
