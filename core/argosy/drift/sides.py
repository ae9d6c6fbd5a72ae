"""Gather one side's values of every (model, column) of a chunk.

A numeric column becomes its sorted values, a categorical one its counts per category: all that
the detectors need, whatever the shape of the data it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.drift.features import unfit
from argosy.drift.grouping import grouped
from argosy.drift.ragged import known, sort_within, thinned
from argosy.jobs.datasets import MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.drift.grouping import Grouped
    from argosy.jobs.datasets import Dataset

    Wanted = tuple[str, NDArray[np.int64]]
    """A column, and the places of the groups that want it."""

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
TROUBLE: dict[str, Any] = {"model": pl.String, "column": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Side:
    """One side's values of many (model, column) pairs."""

    numeric: pl.DataFrame
    """`model`, `column`, `n` rows, sorted `values` without missing ones."""
    counts: pl.DataFrame
    """`model`, `column`, `category` (null for missing rows), `count`; in this order."""
    trouble: pl.DataFrame
    """`model`, `column` (null: all of the model) and why they have no values."""


def side(datasets: Sequence[Dataset], wanted: pl.DataFrame, name: str) -> Side:
    """Gather one side (called `name` in reasons) of the wanted (model, column, kind) pairs."""
    numeric = [pl.DataFrame(schema=_NUMERIC)]
    counts = [pl.DataFrame(schema=_COUNTS)]
    trouble = [pl.DataFrame(schema=TROUBLE)]
    for dataset in datasets:
        members = dataset.models.select("model")
        if dataset.reason is not None:
            trouble.append(_trouble(members, dataset.reason))
            continue
        held = grouped(dataset.rows, [MODEL])
        models = held.groups.select(pl.col(MODEL).alias("model"))
        absent = members.join(models, on="model", how="anti")
        trouble.append(
            _trouble(absent, f"there is no {name} row of the model at {dataset.binding['url']}")
        )
        asked = wanted.join(
            models.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64)), on="model"
        )
        of_kind: dict[str, list[Wanted]] = {"numeric": [], "categorical": []}
        for (column, kind), part in asked.partition_by("column", "kind", as_dict=True).items():
            problem = unfit(held.rows.schema.get(str(column)), str(kind), str(column), name)
            if problem is not None:
                trouble.append(_trouble(part.select("model"), problem, str(column)))
                continue
            of_kind[str(kind)].append((str(column), np.sort(part["place"].to_numpy())))
        numeric.append(_numbers(held, models["model"], of_kind["numeric"]))
        counts.append(_counts(held, models["model"], of_kind["categorical"]))
    order = ["column", "model"]
    return Side(
        pl.concat(numeric).sort(order) if len(numeric) > 2 else numeric[-1],
        pl.concat(counts).sort([*order, "category"]),
        pl.concat(trouble),
    )


def _numbers(held: Grouped, models: pl.Series, wanted: Sequence[Wanted]) -> pl.DataFrame:
    """Sort the values of every wanted numeric column, all in one flat array."""
    flat = np.empty(sum(int(held.lengths[places].sum()) for _, places in wanted))
    parts, end = [], 0
    sizes: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for column, places in sorted(wanted, key=lambda pair: pair[0]):
        lengths = held.lengths[places]
        block = flat[end : end + int(lengths.sum())]
        if len(places) == len(held.lengths):
            _fill(block, held.rows[column])
        else:
            chosen = np.zeros(len(held.lengths), np.bool_)
            chosen[places] = True
            _fill(block, held.rows[column].filter(pl.Series(np.repeat(chosen, held.lengths))))
        sort_within(block, lengths)
        kept, many = thinned(*known(block, lengths))
        flat[end : end + len(kept)] = kept
        end += len(kept)
        sizes.append(many)
        parts.append(
            pl.DataFrame({"model": models[places], "column": column, "n": lengths}, strict=False)
        )
    if not parts:
        return pl.DataFrame(schema=_NUMERIC)
    offsets = pa.array(np.append(0, np.cumsum(np.concatenate(sizes))), pa.int64())
    lists = pa.LargeListArray.from_arrays(offsets, pa.array(flat[:end]))
    return pl.concat(parts).with_columns(pl.Series("values", lists)).cast(pl.Schema(_NUMERIC))


def _fill(block: NDArray[np.float64], column: pl.Series) -> None:
    """Copy a column's values as numbers, missing ones as NaN."""
    if column.dtype.is_temporal():
        column = column.to_physical()
    start = 0
    for chunk in column.get_chunks():
        block[start : start + len(chunk)] = chunk.cast(pl.Float64).to_numpy()
        start += len(chunk)


def _counts(held: Grouped, models: pl.Series, wanted: Sequence[Wanted]) -> pl.DataFrame:
    """Count the categories of every wanted column."""
    if not wanted:
        return pl.DataFrame(schema=_COUNTS)
    place = pl.Series("place", np.repeat(np.arange(len(held.lengths)), held.lengths))
    rows = held.rows.select(column for column, _ in wanted).with_columns(place).lazy()
    counted = pl.collect_all(
        [
            rows.select("place", category=pl.col(column).cast(pl.String))
            .filter(pl.lit(len(places) == len(held.lengths)) | pl.col("place").is_in(list(places)))
            .group_by("place", "category")
            .agg(count=pl.len().cast(pl.Int64))
            for column, places in wanted
        ]
    )
    return pl.concat(
        part.select(
            model=models.gather(part["place"]),
            column=pl.lit(column),
            category="category",
            count="count",
        )
        for (column, _), part in zip(wanted, counted, strict=True)
    )


def _trouble(models: pl.DataFrame, reason: str, column: str | None = None) -> pl.DataFrame:
    return models.select(
        "model", column=pl.lit(column, pl.String), reason=pl.lit(reason, pl.String)
    )
