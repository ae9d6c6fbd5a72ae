"""How many rows of pairs of columns count as one, because they depend on each other.

Each side of a column keeps a record of its rows' dependence (`argosy_drift.dependence`); both
together give the tau that detectors are handed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import ragged
from argosy_drift.column_values import GROUP
from argosy_drift.dependence.inflation import pooled
from argosy_drift.dependence.lag_records import merged
from argosy_drift.dependence.row_records import RECORDS, listed
from argosy_drift.dependence.turns import TURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPENDENCE: dict[str, Any] = {
    **GROUP,
    "column": pl.String,
    **dict.fromkeys(RECORDS, pl.List(pl.Float64)),
    **TURNS,
}
"""The group, the column, its records, and the order of its values where that was asked for."""


def together(dependence: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return, for windows that are compared with earlier ones, the records of these together.

    An order of the values of several windows is not kept.

    Args:
        dependence: the columns of `DEPENDENCE`, window by window.
        pairs: `GROUP`, and in `of` the name of an earlier window: one row for each.
    """
    past = dependence.drop("window_start", "window_end").rename({"window": "of"})
    of = [*GROUP, "column"]
    found = pairs.join(past, on=["model", "segment", "of"], nulls_equal=True).sort(*of, "of")
    if found.is_empty():
        return pl.DataFrame(schema=DEPENDENCE)
    groups = found.select(of).unique(maintain_order=True)
    many = found.group_by(of, maintain_order=True).len()["len"].to_numpy().astype(np.int64)
    each = (merged(ragged(_chunked(found[name])), many) for name in RECORDS)
    return groups.hstack(
        [listed([record]).alias(name) for name, record in zip(RECORDS, each, strict=True)]
    ).with_columns(pl.lit(None, kind).alias(name) for name, kind in TURNS.items())


def with_taus(
    pairs: pl.DataFrame, reference: pl.DataFrame, current: pl.DataFrame, on: Sequence[str]
) -> pl.DataFrame:
    """Add `tau` and `tau_nulls`: as how many rows of theirs independent ones would count.

    Args:
        pairs: `GROUP` and `column`, one row per pair.
        reference: the columns of `DEPENDENCE`.
        current: the same.
        on: what tells references apart.

    Returns:
        The pairs; both are null where rows are taken for independent.
    """
    nothing = pl.lit(None, pl.Float64)
    if reference.is_empty() and current.is_empty():
        return pairs.with_columns(tau=nothing, tau_nulls=nothing)
    before, after = _of(pairs, reference, on), _of(pairs, current, [*GROUP, "column"])
    tau, tau_nulls = (
        pl.Series(pooled(ragged(_chunked(before[name])), ragged(_chunked(after[name]))))
        for name in RECORDS
    )
    known = tau.is_not_nan()
    return pairs.with_columns(
        tau=tau.fill_nan(None), tau_nulls=pl.when(known).then(tau_nulls.fill_nan(1.0))
    )


def with_turns(pairs: pl.DataFrame, reference: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Add the columns of `TURNS` of the reference, where they were asked for.

    Args:
        pairs: `GROUP` and `column`, one row per pair.
        reference: the columns of `DEPENDENCE`.
        on: what tells references apart.
    """
    if reference["turns"].null_count() == reference.height:
        return pairs
    return pairs.hstack(_of(pairs, reference, on).select(list(TURNS)))


def _of(pairs: pl.DataFrame, side: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Return the records of each pair's side; null where it has none."""
    keys = pairs.select(on)
    for rows in (side.head(keys.height), side.tail(keys.height)):
        if rows.select(on).equals(keys):  # as a rule: numeric columns stand first
            return rows
    return keys.join(side, on=on, how="left", nulls_equal=True, maintain_order="left")


def _chunked(column: pl.Series) -> pa.ChunkedArray:
    return pa.chunked_array([column.to_arrow()])
