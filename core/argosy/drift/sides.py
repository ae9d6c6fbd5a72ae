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
from argosy.drift.ragged import MOST, condensed, expanded, known, sort_within
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
    "nulls": pl.Int64,
    "values": pl.List(pl.Float64),
    "weights": pl.List(pl.Int64),
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
    """`model`, `column`, `n` rows, of them `nulls` missing, and the other `values`, sorted.

    Where these are too many, `values` are edges and `weights` their counts; see `condensed`.
    """
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
    parts, end = [pl.DataFrame(schema=_NUMERIC).drop("values", "weights")], 0
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
        kept, many = known(block, lengths)
        flat[end : end + len(kept)] = kept
        end += len(kept)
        sizes.append(many)
        keys = {"model": models[places], "n": lengths, "nulls": lengths - many}
        parts.append(pl.DataFrame(keys).insert_column(1, pl.lit(column).alias("column")))
    return pl.concat(parts).hstack(_listed(flat[:end], np.concatenate(sizes)))


def _listed(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> list[pl.Series]:
    """Return the lists `values` and `weights`, which are few where there are no large groups."""
    if not (lengths > MOST).any():
        return [_lists("values", values, lengths), _no_weights(len(lengths))]
    edges, counts, sizes = condensed(values, lengths)
    weights = _lists("weights", counts, sizes)
    large = pl.Series(lengths > MOST)
    plain = _no_weights(len(lengths))
    return [_lists("values", edges, sizes), weights.zip_with(large, plain)]


def _no_weights(many: int) -> pl.Series:
    return pl.repeat(None, many, dtype=pl.List(pl.Int64), eager=True).alias("weights")


def _lists(name: str, flat: NDArray[Any], lengths: NDArray[np.int64]) -> pl.Series:
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    return pl.Series(name, pa.LargeListArray.from_arrays(offsets, pa.array(flat)))


def unfolded(numeric: pl.DataFrame) -> pl.DataFrame:
    """Return the numeric values of a side with edges and weights as the values they stand for."""
    if numeric["weights"].null_count() == numeric.height:
        return numeric
    weights = pl.coalesce("weights", pl.col("values").list.eval(pl.lit(1, pl.Int64)))
    lists = numeric.select("values", weights=weights)
    sizes = lists["values"].list.len().to_numpy().astype(np.int64)
    edges, counts = (lists[name].explode(empty_as_null=False).to_numpy() for name in lists.columns)
    return numeric.with_columns(_lists("values", *expanded(edges, counts, sizes)))


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
