"""Rows that hang together: all of one customer, device or day, say, which are its cluster.

They say less than as many rows of their own would. Errors of means are those of sums over whole
clusters here, which holds however the rows of one depend on each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import Field

from argosy.errors import BadInput
from argosy.kernels import mean, total
from argosy.kernels.values import spelt
from argosy.types.request import Metavar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

CLUSTER = "cluster"
LEAST = 10
"""Clusters before anything is concluded from them."""
LEAST_EVEN = 5.0
"""How many clusters of one size these must be worth: the variance of a few large ones is unknown
where the many small ones say nothing of it."""
Asked = Annotated[
    str | None,
    Metavar("COLUMN"),
    Field(
        description="The column whose rows hang together, such as a device or a day; defaults to"
        " the cluster of the binding."
    ),
]
"""The option of a job that names the cluster."""


def named(binding: Mapping[str, Any], asked: str | None) -> str | None:
    """Return the column of the cluster: what the request names, else what the binding does.

    Example:
        >>> named({"cluster": "device"}, None), named({"cluster": "device"}, "day")
        ('device', 'day')
    """
    return asked or binding.get(CLUSTER)


def clustered(rows: pl.DataFrame, column: str, what: str) -> pl.DataFrame:
    """Return the rows with the column of their cluster, as text, in `cluster`.

    Raises:
        BadInput: if there is no such column.

    Example:
        >>> clustered(pl.DataFrame({"day": [1]}), "day", "rows")["cluster"].to_list()
        ['1']
        >>> clustered(pl.DataFrame({"day": [1]}), "week", "rows")
        Traceback (most recent call last):
        argosy.errors.BadInput: the rows have no column 'week' to be their cluster; they have: day
    """
    if column not in rows.columns:
        raise BadInput(
            f"the {what} have no column {column!r} to be their cluster; they have:"
            f" {', '.join(rows.columns)}"
        )
    return rows.with_columns(spelt(rows[column]).alias(CLUSTER))


def few(least: int = LEAST, even: float = LEAST_EVEN) -> pl.Expr:
    """Say why the clusters of a model, `clusters` and `even_clusters`, are too few; else null.

    Example:
        >>> known = pl.DataFrame({"clusters": [None, 9, 40], "even_clusters": [None, 9.0, 2.04]})
        >>> known.select(few()).to_series().to_list()[1:]
        ['9 clusters, judged from 10', '40 clusters worth 2.0 even ones, judged from 5']
    """
    # Even clusters that are as many as the floor may miss it by rounding.
    uneven = pl.col("even_clusters") < even * (1 - 1e-9)
    many = pl.col("clusters").cast(pl.Int64)
    return (
        pl.when(pl.col("clusters") < least)
        .then(pl.format("{} clusters, judged from {}", many, pl.lit(least)))
        .when(uneven)
        .then(
            pl.format(
                "{} clusters worth {} even ones, judged from {}",
                many,
                pl.col("even_clusters").round(1),
                pl.lit(f"{even:g}"),
            )
        )
    )


def judgeable(spread: pl.DataFrame) -> tuple[Floats, Truths]:
    """Return the degrees of freedom of each model, NaN without clusters; and which are too few.

    Args:
        spread: a row per model: `clusters` and `even_clusters`.

    Example:
        >>> known = pl.DataFrame({"clusters": [None, 9, 40], "even_clusters": [None, 9.0, 20.0]})
        >>> [part.tolist() for part in judgeable(known)]
        [[nan, 8.0, 39.0], [False, True, False]]
    """
    degrees = (spread["clusters"].cast(pl.Float64) - 1).to_numpy()
    return degrees, spread.select(few().is_not_null()).to_series().to_numpy()


def cluster_errors(rows: pl.DataFrame, numbers: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return the standard errors of the means of numbers over all rows of a model.

    Args:
        rows: one row each, with `model` and `cluster`.
        numbers: by the name of the column that tells its error.

    Returns:
        One row per `model`: `clusters`, `even_clusters` (how many of one size would say as
        much), and the errors; null where there is one cluster.

    Source: Liang and Zeger, Biometrika 73 (1986), with the factor G / (G - 1) of G clusters; Kish,
    "Survey Sampling", Wiley (1965), for the even ones.

    Example:
        >>> rows = pl.DataFrame({"model": "m", "cluster": ["a", "a", "b", "b"],
        ...                      "x": [1.0, 1.0, 0.0, 0.0]})
        >>> cluster_errors(rows, {"error": pl.col("x")}).rows()
        [('m', 2, 2.0, 0.5)]
    """
    off = rows.select(
        "model",
        CLUSTER,
        *((told - mean(told).over("model")).alias(name) for name, told in numbers.items()),
    )
    sums = off.group_by("model", CLUSTER).agg(
        pl.len().alias("rows"), *(total(pl.col(name)).alias(name) for name in numbers)
    )
    many, size = pl.len(), pl.col("rows").cast(pl.Float64)
    return (
        sums.sort("model", CLUSTER)
        .group_by("model", maintain_order=True)
        .agg(
            many.cast(pl.Int64).alias("clusters"),
            (size.sum() ** 2 / total(size**2)).alias("even_clusters"),
            *(
                pl.when(many > 1)
                .then((total(pl.col(name) ** 2) * many / (many - 1)).sqrt() / size.sum())
                .alias(name)
                for name in numbers
            ),
        )
    )
