"""Which columns of which models are compared, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_drift.wide_numbers import bases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.data.datasets import Dataset

FEATURES: dict[str, Any] = {
    **dict.fromkeys(("model", "column", "kind", "measure"), pl.String),
    "base": pl.Float64,
}


def features(datasets: Sequence[Dataset]) -> pl.DataFrame:
    """Return the `model`, `column`, `kind`, `measure` and `base` of every feature.

    The kind is as declared or as the data is; the measure is what the data's numbers stand for;
    the base is taken off numbers that are too large for a float (`argosy_drift.wide_numbers`).
    Predictions and scores that the binding names are compared like features.
    """
    parts = [pl.DataFrame(schema=FEATURES)]
    for dataset in datasets:
        kinds = pl.DataFrame(
            [(name, _kind(dtype), _measure(dtype)) for name, dtype in dataset.rows.schema.items()],
            schema=dict.fromkeys(("column", "found", "measure"), pl.String),
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
        logged = [dataset.binding[name] for name in ("prediction", "score")]
        answers = (
            dataset.models.select("model")
            .join(
                pl.DataFrame(
                    {"column": [name for name in logged if name in dataset.rows.columns]},
                    schema={"column": pl.String},
                ),
                how="cross",
            )
            .with_columns(declared=pl.lit(None, pl.String))
        )
        parts.append(
            pl.concat([declared, open_, answers])
            .unique(["model", "column"], keep="first", maintain_order=True)
            .join(kinds, on="column", how="left", maintain_order="left")
            .join(bases(dataset.rows), on=["model", "column"], how="left", maintain_order="left")
            .select(
                "model",
                "column",
                kind=pl.when(pl.col("declared").is_in(["numeric", "categorical"]))
                .then("declared")
                .otherwise(pl.col("found").fill_null("numeric")),
                measure="measure",
                base="base",
            )
        )
    return pl.concat(parts)


def unfit(
    dtype: pl.DataType | None, kind: str, measure: str | None, column: str, side: str
) -> str | None:
    """Say why a column cannot be compared as the kind and measure that it is, or None.

    >>> unfit(pl.String(), "numeric", "numbers", "age", "current")
    "the current column 'age' is String where numbers are expected"
    """
    if dtype is None:
        return f"the {side} data has no column {column!r}"
    if dtype.is_nested():
        return f"the {side} column {column!r} is {dtype}, which cannot be compared"
    if kind == "numeric" and dtype != pl.Null:
        expected = measure or _measure(dtype) or "numbers"
        if _measure(dtype) != expected:
            return f"the {side} column {column!r} is {dtype} where {expected} are expected"
    return None


def _measure(dtype: pl.DataType) -> str | None:
    """Name what numbers of this type stand for: those of other measures are no match."""
    if dtype in (pl.Date, pl.Datetime):
        return "times"
    if dtype == pl.Duration:
        return "durations"
    if dtype == pl.Time:
        return "times of day"
    return "numbers" if dtype.is_numeric() or dtype == pl.Boolean else None


def _kind(dtype: pl.DataType) -> str:
    return "numeric" if dtype.is_numeric() or dtype.is_temporal() else "categorical"
