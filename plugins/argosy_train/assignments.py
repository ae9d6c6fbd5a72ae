"""What each model is to learn: the name of its new version, its seed, and where its rows lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.lessons import FIELDS, TIMES
from argosy.kernels.hashing import text_hash

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.types import FleetState


def named() -> pl.Expr:
    """Return the key of a version on the ledger."""
    return pl.concat_str("model", "version", separator="@")


def next_versions(state: FleetState, lessons: pl.DataFrame, version: str | None) -> pl.DataFrame:
    """Name the version that is to be made of each model.

    The names of deleted versions count, because a name is never used again.

    Args:
        state: of the fleet.
        lessons: `model` and `reason`.
        version: a name for all; defaults to each model's newest number plus 1.

    Returns:
        The lessons with `version`; where the name is taken, `reason` says so.
    """
    whole = state.whole("version").select("model", "version")
    if version is None:
        number = pl.col("version").cast(pl.Int64, strict=False)
        newest = whole.group_by("model").agg(number.max())
        numbered = lessons.join(newest, on="model", how="left", maintain_order="left")
        return numbered.with_columns(
            version=(pl.col("version").fill_null(0).clip(lower_bound=0) + 1).cast(pl.String)
        )
    alike = lessons.with_columns(version=pl.lit(version))
    there = whole.with_columns(there=True)
    known = alike.join(there, on=["model", "version"], how="left", maintain_order="left")
    taken = pl.when("there").then(
        pl.format("its version '{}' is there already, and a version never changes", "version")
    )
    return known.with_columns(reason=pl.coalesce("reason", taken)).drop("there")


def seeds(lessons: pl.DataFrame) -> pl.Series:
    """Return a seed for each version, the same whenever and wherever it is made.

    >>> seeds(pl.DataFrame({"model": ["a", "a"], "version": ["1", "2"]})).to_list()
    [1123274939, 2000847328]
    """
    names = lessons.select(named()).to_series()
    return pl.Series("seed", text_hash(names) % np.uint64(2**31), dtype=pl.UInt64).cast(pl.Int64)


def laid_out(dataset: Dataset, rows: pl.DataFrame, lengths: dict[str, int]) -> pl.DataFrame:
    """Return the lessons of a dataset's models that have rows, in the order of the rows.

    Args:
        dataset: whose models are to be trained.
        rows: theirs, model after model.
        lengths: how many rows each model has, in the order of the rows.

    Returns:
        The columns that `argosy.types.Trainer` names, and all that is known of the models.
    """
    sizes = pl.DataFrame(
        {"model": list(lengths), "length": list(lengths.values())},
        schema={"model": pl.String, "length": pl.Int64},
    ).with_columns(start=pl.col("length").cum_sum() - pl.col("length"))
    lessons = sizes.join(dataset.models, on="model", how="left", maintain_order="left")
    declared = pl.col("features").list.filter(
        pl.element().struct.field("role").fill_null("feature") == "feature"
    )
    names = declared.list.eval(pl.element().struct.field("name"))
    usual = pl.lit(pl.Series([dataset.features], dtype=pl.List(pl.String)))
    binding: dict[str, Any] = dataset.binding
    columns = [
        pl.lit(binding[field] if binding[field] in rows.columns else None, pl.String).alias(field)
        for field in FIELDS
    ]
    columns += [pl.lit(binding.get(field), pl.String).alias(field) for field in TIMES]
    return lessons.with_columns(*columns, names=pl.coalesce(names, usual.first()))
