"""Gather the values of every (model, column) of a chunk, both sides, in one table per kind.

A numeric column becomes its sorted values, a categorical one its counts per category: all that
the detectors need, whatever the shape of the data it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.jobs.datasets import MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.datasets import Dataset

_PAIR = ("model", "column")
_NUMERIC: dict[str, Any] = {
    "model": pl.String,
    "column": pl.String,
    "n": pl.Int64,
    "values": pl.List(pl.Float64),
}
_COUNTS: dict[str, Any] = {
    "model": pl.String,
    "column": pl.String,
    "category": pl.String,
    "count": pl.Int64,
}
_TROUBLE: dict[str, Any] = {"model": pl.String, "column": pl.String, "reason": pl.String}
FEATURES: dict[str, Any] = {"model": pl.String, "column": pl.String, "kind": pl.String}


@dataclass(frozen=True, slots=True)
class Side:
    """One side's values of many (model, column) pairs."""

    numeric: pl.DataFrame
    """`model`, `column`, `n` rows, sorted `values` without missing ones."""
    counts: pl.DataFrame
    """`model`, `column`, `category` (null for missing rows), `count`."""
    trouble: pl.DataFrame
    """`model`, `column` (null: all of the model) and why they have no values."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Both sides of every (model, column) pair that has two."""

    numeric: pl.DataFrame
    categorical: pl.DataFrame
    trouble: pl.DataFrame


def features(datasets: Sequence[Dataset]) -> pl.DataFrame:
    """Return the `model`, `column` and `kind` of every feature, as declared or as the data is."""
    parts = [pl.DataFrame(schema=FEATURES)]
    for dataset in datasets:
        kinds = pl.DataFrame(
            [(name, _kind(dtype)) for name, dtype in dataset.rows.schema.items()],
            schema={"column": pl.String, "found": pl.String},
            orient="row",
        )
        declared = (
            dataset.models.filter(pl.col("features").is_not_null())
            .select("model", "features")
            .explode("features")
            .unnest("features")
            .filter(pl.col("name").is_not_null(), pl.col("role").fill_null("feature") == "feature")
            .select("model", column="name", declared="type")
        )
        open_ = (
            dataset.models.filter(pl.col("features").is_null())
            .select("model")
            .join(
                pl.DataFrame({"column": dataset.features}, schema={"column": pl.String}),
                how="cross",
            )
            .with_columns(declared=pl.lit(None, pl.String))
        )
        parts.append(
            pl.concat([declared, open_])
            .join(kinds, on="column", how="left", maintain_order="left")
            .select(
                "model",
                "column",
                kind=pl.when(pl.col("declared").is_in(["numeric", "categorical"]))
                .then("declared")
                .otherwise(pl.col("found").fill_null("numeric")),
            )
        )
    return pl.concat(parts)


def side(datasets: Sequence[Dataset], wanted: pl.DataFrame, name: str) -> Side:
    """Gather one side (called `name` in reasons) of the wanted (model, column, kind) pairs."""
    numeric: list[pl.LazyFrame] = [pl.LazyFrame(schema=_NUMERIC)]
    counts: list[pl.LazyFrame] = [pl.LazyFrame(schema=_COUNTS)]
    trouble: list[pl.DataFrame] = [pl.DataFrame(schema=_TROUBLE)]
    for dataset in datasets:
        members = dataset.models.select("model")
        if dataset.reason is not None:
            trouble.append(_trouble(members, dataset.reason))
            continue
        present = dataset.rows.select(pl.col(MODEL).unique().alias("model"))
        absent = members.join(present, on="model", how="anti")
        trouble.append(
            _trouble(absent, f"there is no {name} row of the model at {dataset.binding['url']}")
        )
        asked = wanted.join(members, on="model", how="semi")
        for (column, kind), part in asked.partition_by("column", "kind", as_dict=True).items():
            owners = part["model"]
            held = part.join(present, on="model", how="semi").select("model")
            problem = _unfit(dataset.rows.schema.get(str(column)), str(kind), str(column), name)
            if problem is not None:
                trouble.append(_trouble(held, problem, str(column)))
                continue
            rows = (
                dataset.rows.lazy()
                .filter(pl.col(MODEL).is_in(owners.implode()))
                .select(pl.col(MODEL).alias("model"), pl.col(str(column)).alias("value"))
            )
            gather = _values if kind == "numeric" else _category_counts
            (numeric if kind == "numeric" else counts).append(gather(rows, str(column)))
    numbers, categories = pl.collect_all([pl.concat(numeric), pl.concat(counts)])
    return Side(numbers, categories, pl.concat(trouble))


def paired(reference: Side, current: Side, versions: pl.DataFrame) -> Samples:
    """Put both sides beside each other; `versions` gives each `model` its `version`."""
    trouble = pl.concat([reference.trouble, current.trouble])
    numeric = (
        reference.numeric.join(current.numeric, on=_PAIR, how="inner", suffix="_cur")
        .join(versions, on="model")
        .sort(_PAIR)
        .select(
            "model",
            "version",
            "column",
            n_ref="n",
            n_cur="n_cur",
            null_ref=pl.col("n") - pl.col("values").list.len().cast(pl.Int64),
            null_cur=pl.col("n_cur") - pl.col("values_cur").list.len().cast(pl.Int64),
            reference="values",
            current="values_cur",
        )
    )
    both = reference.counts.join(
        current.counts,
        on=[*_PAIR, "category"],
        how="full",
        coalesce=True,
        nulls_equal=True,
        suffix="_cur",
    ).with_columns(pl.col("count", "count_cur").fill_null(0))
    whole = (
        reference.counts.select(_PAIR)
        .unique()
        .join(current.counts.select(_PAIR).unique(), on=_PAIR)
    )
    known = pl.col("category").is_not_null()
    categorical = (
        both.join(whole, on=_PAIR, how="semi")
        .sort(*_PAIR, "category")
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
    return Samples(numeric, categorical, trouble)


def _kind(dtype: pl.DataType) -> str:
    return "numeric" if dtype.is_numeric() or dtype.is_temporal() else "categorical"


def _unfit(dtype: pl.DataType | None, kind: str, column: str, name: str) -> str | None:
    if dtype is None:
        return f"the {name} data has no column {column!r}"
    if dtype.is_nested():
        return f"the {name} column {column!r} is {dtype}, which cannot be compared"
    if kind == "numeric" and _kind(dtype) != "numeric" and dtype not in (pl.Boolean, pl.Null):
        return f"the {name} column {column!r} is {dtype} where numbers are expected"
    return None


def _values(rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    value = pl.col("value")
    return (
        rows.with_columns(_as_number(value))
        .group_by("model")
        .agg(n=pl.len().cast(pl.Int64), values=value.drop_nulls().drop_nans().sort())
        .select("model", pl.lit(column).alias("column"), "n", "values")
    )


def _as_number(value: pl.Expr) -> pl.Expr:
    return value.to_physical().cast(pl.Float64)


def _category_counts(rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    return (
        rows.with_columns(pl.col("value").cast(pl.String))
        .group_by("model", "value")
        .agg(count=pl.len().cast(pl.Int64))
        .select("model", pl.lit(column).alias("column"), pl.col("value").alias("category"), "count")
    )


def _trouble(models: pl.DataFrame, reason: str, column: str | None = None) -> pl.DataFrame:
    return models.select(
        "model", column=pl.lit(column, pl.String), reason=pl.lit(reason, pl.String)
    )
