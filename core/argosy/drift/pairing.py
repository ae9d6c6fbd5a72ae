"""Put both sides of every column beside each other, one table per kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.drift.gathering import GROUP, unfolded

if TYPE_CHECKING:
    from argosy.drift.sides import Side

KEYS = ("model", "version", "column", *list(GROUP)[1:])


@dataclass(frozen=True, slots=True)
class Samples:
    """Both sides of every column that has two; see `argosy.types.Detector`."""

    numeric: pl.DataFrame
    categorical: pl.DataFrame
    trouble: pl.DataFrame


def paired(reference: Side, current: Side, versions: pl.DataFrame, windowed: bool) -> Samples:
    """Put both sides beside each other.

    Args:
        reference: the side that the models know.
        current: the side that they meet.
        versions: gives each `model` its `version`.
        windowed: whether the reference is of windows too; else one serves all of them.
    """
    windows = list(GROUP)[2:]
    group = list(GROUP) if windowed else ["model", "segment"]
    before = reference.numeric, reference.counts
    if not windowed:
        before = before[0].drop(windows), before[1].drop(windows)
    on = [*group, "column"]
    numeric = _numeric(unfolded(before[0]), unfolded(current.numeric), on)
    categorical = _categorical(before[1], current.counts, on)
    trouble = pl.concat([reference.trouble, current.trouble])
    return Samples(_versioned(numeric, versions), _versioned(categorical, versions), trouble)


def _versioned(pairs: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    names = pairs.select("model").join(versions, on="model", how="left", maintain_order="left")
    return pairs.with_columns(names["version"]).select(*KEYS, pl.exclude(KEYS))


def _numeric(before: pl.DataFrame, after: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    known = before.select(*on, n_ref="n", null_ref="nulls", reference="values")
    met = after.select(*GROUP, "column", n_cur="n", null_cur="nulls", current="values")
    if known.select(on).equals(met.select(on)):  # lists are not copied
        return met.hstack(known.drop(on))
    return met.join(known, on=on, nulls_equal=True, maintain_order="left")


def _categorical(before: pl.DataFrame, after: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Count every category that either side has, for every group that both have."""
    group = [*GROUP, "column"]
    groups = after.select(group).unique()
    known = groups.join(before, on=on, nulls_equal=True)  # once for every window
    whole = groups.join(known.select(group).unique(), on=group, how="semi", nulls_equal=True)
    both = known.join(
        after,
        on=[*group, "category"],
        how="full",
        coalesce=True,
        nulls_equal=True,
        suffix="_cur",
    ).with_columns(pl.col("count", "count_cur").fill_null(0))
    is_known = pl.col("category").is_not_null()
    return (
        both.join(whole, on=group, how="semi", nulls_equal=True)
        .sort("column", *GROUP, "category")
        .group_by(group, maintain_order=True)
        .agg(
            n_ref=pl.col("count").sum(),
            n_cur=pl.col("count_cur").sum(),
            null_ref=pl.col("count").filter(~is_known).sum(),
            null_cur=pl.col("count_cur").filter(~is_known).sum(),
            categories=pl.col("category").filter(is_known),
            ref_counts=pl.col("count").filter(is_known),
            cur_counts=pl.col("count_cur").filter(is_known),
        )
    )
