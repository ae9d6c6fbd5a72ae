"""Describe every column window by window, for detectors that follow it through time.

A window is its number of rows and what of the values adds up: mean, spread and extremes of
numbers, counts of the reference's most common categories. Where the reference is earlier windows,
the first window of a column takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import ragged, sums
from argosy.views.facts import in_order
from argosy_drift.column_values import GROUP, unfolded
from argosy_drift.pairs import KEYS
from argosy_drift.spellings import alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_drift.sides import Side

MOST_CATEGORIES = 8
_SERIES = ["model", "segment", "column"]
_VALUES = ("mean", "sd", "least", "greatest")


def courses(reference: Side | None, current: Side, versions: pl.DataFrame) -> pl.DataFrame:
    """Return one row per (model, segment, column), named after its newest window.

    Args:
        reference: what the windows are compared with; none where it is the first of them.
        current: the windows.
        versions: gives each `model` its `version`.

    Returns:
        `KEYS` and what `argosy.types.Detector` says of a course row.
    """
    numbers, counts = described(current.numeric), current.counts
    if reference is None:
        known, numbers = _split(numbers)
        known_counts, counts = _split(counts)
    else:
        known = described(reference.numeric)
        known_counts, counts = alike(reference.counts, counts)
    found = pl.concat(
        [_numeric(known, numbers), _categorical(known_counts, counts)], how="diagonal"
    )
    return (
        found.join(versions, on="model")
        .sort("column", "model", "segment")
        .select(*KEYS, pl.exclude(KEYS))
    )


def _split(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take the first window of every series for its reference."""
    earliest = pl.col("window").sort_by(*in_order()).first().over(_SERIES)
    first = pl.col("window") == earliest
    return rows.filter(first), rows.filter(~first)


def described(numeric: pl.DataFrame, cell: Sequence[str] = (*GROUP, "column")) -> pl.DataFrame:
    """Return `n`, `nulls`, and the mean, spread and extremes of each cell's values.

    Args:
        numeric: the columns of `argosy_drift.column_values.NUMERIC`.
        cell: what cells are called by.
    """
    shown, values = unfolded(numeric), pl.col("values").list
    flat, _, lengths = ragged(pa.chunked_array([shown["values"].to_arrow()]))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = sums(flat, lengths) / lengths
        sd = np.sqrt(sums((flat - np.repeat(mean, lengths)) ** 2, lengths) / lengths)
    some = pl.when(values.len() > 0)
    return shown.select(
        *cell,
        "n",
        "nulls",
        mean=some.then(pl.Series(mean)),
        sd=some.then(pl.Series(sd)),
        least=values.first(),
        greatest=values.last(),
    )


def _numeric(known: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    each = [pl.col(name) for name in ("n", "nulls", *_VALUES)]
    return _listed(windows, each, "numeric").join(
        known.select(
            *_SERIES,
            n_ref="n",
            null_ref="nulls",
            **{f"{name}_ref": pl.col(name) for name in _VALUES},
        ),
        on=_SERIES,
        nulls_equal=True,
    )


def _listed(windows: pl.DataFrame, each: list[pl.Expr], kind: str) -> pl.DataFrame:
    """Gather the windows of every series, oldest first."""
    labels = [name for name in GROUP if name.startswith("window")]
    return (
        windows.sort(*_SERIES, *in_order())
        .group_by(_SERIES, maintain_order=True)
        .agg(
            pl.col(labels).last(),
            *each,
            kind=pl.lit(kind),
            windows=pl.col("window"),
            n_cur=pl.col("n").sum(),
            null_cur=pl.col("nulls").sum(),
        )
    )


def _categorical(known: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    missing = pl.col("category").is_null()
    totals = {"n": pl.col("count").sum(), "nulls": pl.col("count").filter(missing).sum()}
    reference = known.group_by(_SERIES).agg(
        n_ref=totals["n"],
        null_ref=totals["nulls"],
        categories=_common("category", missing),
        ref_counts=_common("count", missing),
    )
    chosen = reference.select(*_SERIES, "categories").explode("categories", empty_as_null=False)
    windows = counts.group_by(*GROUP, "column").agg(**totals)
    cells = (
        windows.select(*_SERIES, "window")
        .join(chosen, on=_SERIES, nulls_equal=True, maintain_order="left_right")
        .join(
            counts.select(*_SERIES, "window", categories="category", counts="count"),
            on=[*_SERIES, "window", "categories"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.col("counts").fill_null(0))
        .group_by(*_SERIES, "window", maintain_order=True)
        .agg("counts")
    )
    full = windows.join(cells, on=[*_SERIES, "window"], how="left", nulls_equal=True)
    each = [pl.col("n"), pl.col("nulls"), pl.col("counts").explode(empty_as_null=False)]
    return _listed(full, each, "categorical").join(reference, on=_SERIES, nulls_equal=True)


def _common(column: str, missing: pl.Expr) -> pl.Expr:
    """Return a column of the reference's most common categories, most common first."""
    order = [pl.col("count").filter(~missing), pl.col("category").filter(~missing)]
    chosen = pl.col(column).filter(~missing)
    return chosen.sort_by(order, descending=[True, False]).head(MOST_CATEGORIES)
