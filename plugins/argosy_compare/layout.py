"""Lay pairs out as a comparison is handed them: a row per pair, the rows of both sides as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import sums
from argosy_scoring.dependence import BATCHES, LEAST, TIME, batches_of, least, listed
from argosy_scoring.predictions import by_group, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from argosy_scoring.predictions import Predictions

    Ints = NDArray[np.int64]

PAIR = ("model", "champion_version", "challenger", "challenger_version")
"""What tells one pair of versions from another; `challenger` is the alias."""
_OF_A_SIDE = ("prediction", "score", "truth_score")


class Paired(NamedTuple):
    """Pairs of models with one task."""

    task: str
    keys: pl.DataFrame
    """One row per pair: the columns of `PAIR`, `dataset_digest`, `n`, how many batches its rows
    are put into, and how many independent rows they must be worth."""
    table: pa.Table
    """The same rows, as a `Comparison` is handed them."""


def laid_out(
    pairs: pl.DataFrame, champion: Predictions, challenger: Predictions
) -> Iterator[Paired]:
    """Lay out the pairs of each task.

    Args:
        pairs: the columns of `PAIR`, and of either side (as `champion_at`) its place `at` among
            the predictions, `n` rows, `task`, `labels`, `classes` and `dataset_digest`.
        champion: predictions, the rows of each group in an order that both sides have.
        challenger: the same of the other side.
    """
    for (task,), part in pairs.partition_by("champion_task", as_dict=True).items():
        at = [part[f"{name}_at"].to_numpy() for name in ("champion", "challenger")]
        lengths = part["champion_n"].to_numpy()
        rows = [
            side.rows[_ranges(side.lengths, places)]
            for side, places in zip((champion, challenger), at, strict=True)
        ]
        rows[1] = _recoded(rows[1], part, lengths)
        own_columns = declared([str(task)])
        classes = pl.max_horizontal("champion_classes", pl.col("labels").list.len())
        table = part.with_columns(labels=_union(part)).select(
            "model", "champion_version", "challenger_version",
            task=pl.lit(task, pl.String), classes=classes.cast(pl.Int64),
        ).to_arrow()  # fmt: skip
        for name in ("truth", "weight"):
            table = table.append_column(name, _lists(rows[0][name], lengths))
        for column in own_columns:
            if column.of == "truth" and column.name in rows[0].columns:
                values = by_group(rows[0][column.name], lengths, column.kind)
                table = table.append_column(column.name, values)
        for side, own in zip(("champion", "challenger"), rows, strict=True):
            for name in _OF_A_SIDE:
                values = own[name] if name in own.columns else _nothing(own.height)
                table = table.append_column(f"{side}_{name}", _lists(values, lengths))
            for column in own_columns:
                if column.of == "prediction" and column.name in own.columns:
                    values = _of_a_side(own[column.name], part, column.kind)
                    table = table.append_column(f"{side}_{column.name}", values)
        table = table.append_column("time", _lists(rows[0][TIME], lengths))
        batches = batches_of(rows[0], lengths)
        if batches.some:
            table = table.append_column("batch", listed(batches, lengths))
        keys = part.select(
            *PAIR,
            pl.Series(BATCHES, batches.counts),
            pl.Series(LEAST, least(rows[0], lengths)),
            dataset_digest="champion_dataset_digest",
            n="champion_n",
        )
        yield Paired(str(task), keys, table)


def _ranges(lengths: Ints, places: Ints) -> Ints:
    """Return the places of the rows of some groups, group after group."""
    starts, own = (np.cumsum(lengths) - lengths)[places], lengths[places]
    rows: Ints = np.arange(own.sum()) + np.repeat(starts - (np.cumsum(own) - own), own)
    return rows


def _union(part: pl.DataFrame) -> pl.Series:
    both = pl.concat_list("champion_labels", "challenger_labels").list.unique(maintain_order=True)
    return part.select(both).to_series()


def _recoded(rows: pl.DataFrame, part: pl.DataFrame, lengths: Ints) -> pl.DataFrame:
    """Code the challenger's predictions as the champion's: labels that it alone knows come last."""
    differ = part["champion_labels"].ne_missing(part["challenger_labels"]).to_numpy()
    if not differ.any():
        return rows
    prediction = rows["prediction"].to_numpy().copy()
    ends = np.cumsum(lengths)
    union = _union(part).to_list()
    for place in np.flatnonzero(differ).tolist():
        codes = [union[place].index(label) for label in part["challenger_labels"][place]]
        own = slice(ends[place] - lengths[place], ends[place])
        prediction[own] = np.array(codes, np.float64)[prediction[own].astype(np.int64)]
    return rows.with_columns(prediction=pl.Series(prediction))


def _of_a_side(each: pl.Series, part: pl.DataFrame, kind: str) -> pa.LargeListArray:
    """Return a column of one side by group, null where there is nothing of it.

    Elements per class are null too where not all are there, or classes differ.
    """
    lengths = part["champion_n"].to_numpy()
    if kind != "elements" or part["champion_labels"].null_count():
        return by_group(each, lengths, kind)
    sizes = sums(each.list.len().fill_null(0).to_numpy().astype(np.int64), lengths)
    alike = part["champion_labels"].eq_missing(part["challenger_labels"]).to_numpy()
    whole = alike & (sizes == lengths * part["champion_classes"].to_numpy())
    flat = each.explode(empty_as_null=False, keep_nulls=False)
    offsets = pa.array(np.append(0, np.cumsum(sizes)), pa.int64())
    return pa.LargeListArray.from_arrays(offsets, flat.to_arrow(), mask=pa.array(~whole))


def _nothing(rows: int) -> pl.Series:
    return pl.Series(np.full(rows, np.nan))


def _lists(values: pl.Series, lengths: Ints) -> pa.LargeListArray:
    """Return a column as lists; null where a group has none of it."""
    absent = values.is_null() | values.is_nan() if values.dtype.is_float() else values.is_null()
    # a time that some rows lack orders none of them
    missing = sums(absent.to_numpy(), lengths)
    nothing = missing == lengths if values.dtype.is_float() else missing > 0
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    flat = values.to_arrow()
    mask = pa.array(nothing & (lengths > 0))
    return pa.LargeListArray.from_arrays(offsets, flat, mask=mask)
