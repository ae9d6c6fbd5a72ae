"""Put both sides of every (model, column) beside each other, one table per kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.drift.sides import unfolded

if TYPE_CHECKING:
    from argosy.drift.sides import Side

_PAIR = ("model", "column")


@dataclass(frozen=True, slots=True)
class Samples:
    """Both sides of every (model, column) pair that has two; see `argosy.types.Detector`."""

    numeric: pl.DataFrame
    categorical: pl.DataFrame
    trouble: pl.DataFrame


def paired(reference: Side, current: Side, versions: pl.DataFrame) -> Samples:
    """Put both sides beside each other; `versions` gives each `model` its `version`."""
    return Samples(
        _numeric(unfolded(reference.numeric), unfolded(current.numeric), versions),
        _categorical(reference.counts, current.counts, versions),
        pl.concat([reference.trouble, current.trouble]),
    )


def _numeric(before: pl.DataFrame, after: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    if before.select(_PAIR).equals(after.select(_PAIR)):  # lists are not copied
        both = before.hstack(after.select(n_cur="n", nulls_cur="nulls", values_cur="values"))
    else:
        both = before.join(after, on=_PAIR, how="inner", suffix="_cur", maintain_order="left")
    return both.join(versions, on="model", maintain_order="left").select(
        "model",
        "version",
        "column",
        n_ref="n",
        n_cur="n_cur",
        null_ref="nulls",
        null_cur="nulls_cur",
        reference="values",
        current="values_cur",
    )


def _categorical(before: pl.DataFrame, after: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    both = before.join(
        after,
        on=[*_PAIR, "category"],
        how="full",
        coalesce=True,
        nulls_equal=True,
        suffix="_cur",
    ).with_columns(pl.col("count", "count_cur").fill_null(0))
    whole = before.select(_PAIR).unique().join(after.select(_PAIR).unique(), on=_PAIR)
    known = pl.col("category").is_not_null()
    return (
        both.join(whole, on=_PAIR, how="semi")
        .sort("column", "model", "category")
        .group_by(_PAIR, maintain_order=True)
        .agg(
            n_ref=pl.col("count").sum(),
            n_cur=pl.col("count_cur").sum(),
            null_ref=pl.col("count").filter(~known).sum(),
            null_cur=pl.col("count_cur").filter(~known).sum(),
            categories=pl.col("category").filter(known),
            ref_counts=pl.col("count").filter(known),
            cur_counts=pl.col("count_cur").filter(known),
        )
        .join(versions, on="model", maintain_order="left")
        .select("model", "version", "column", pl.exclude("model", "version", "column"))
    )
