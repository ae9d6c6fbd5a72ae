"""Predictions beside the truth, for many groups of rows (models, their windows, their slices)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import sums
from argosy.plugins import installed
from argosy_rows.flat_lists import lists
from argosy_scoring.dependence import batches_of, listed
from argosy_scoring.join_labels import PLACE
from argosy_scoring.row_digest import digests, row_hash, totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.kernels import Batches
    from argosy.types import Alike, Readout, TaskColumn
    from argosy_scoring.join_labels import Labelled

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint64]

USUAL = ("truth", "prediction", "score", "truth_score")
"""The columns of rows that any task may read."""
NUMBERS = (*USUAL, "weight", "latency")
"""The columns of rows that metrics are handed as lists, whatever the task."""
TROUBLE: dict[str, Any] = dict.fromkeys(("model", "version", "reason"), pl.String)
"""The columns of what says why a model has no predictions."""
ROW = "argosy_row"
"""What identifies a row: a column of rows that are asked for so."""
_ALWAYS = ("truth", "prediction", "weight")


@dataclass(frozen=True, slots=True)
class Predictions:
    """Rows with truth and prediction, those of each group together."""

    rows: pl.DataFrame
    """The columns of `NUMBERS`, float64, NaN where a row has none; those that the models' tasks
    declare; and whatever else the rows are cut by."""
    groups: pl.DataFrame
    """One row per group: `model`, `version`, `task`, `labels` (those of its classes, in the order
    of their codes; null for a regression), `classes` (how many), the columns of its window,
    `dataset_digest`, and what `labelled` counted."""
    lengths: Ints
    """How many rows each group has; shape (groups,)."""

    def only(self, groups: NDArray[np.bool_]) -> Predictions:
        """Keep some groups."""
        if groups.all():
            return self
        rows = np.repeat(groups, self.lengths)
        return Predictions(self.rows.filter(rows), self.groups.filter(groups), self.lengths[groups])

    def table(self) -> pa.Table:
        """Lay the groups out as a metric is handed them: a row per group, its rows as lists."""
        told = self.groups.select("model", "version", "task", "classes").to_arrow()
        for name in NUMBERS:
            if name in self.rows.columns:
                values = self.rows[name].to_numpy()
                column = lists(values, self.lengths)
                if name not in _ALWAYS:
                    column = _or_null(column, _bare(values, self.lengths))
                told = told.append_column(name, column)
        for column in declared(self.groups["task"].unique().to_list()):
            if column.name in self.rows.columns:
                values = by_group(self.rows[column.name], self.lengths, column.kind)
                told = told.append_column(column.name, values)
        found = self.batches
        return told.append_column("batch", listed(found, self.lengths)) if found.some else told

    @property
    def batches(self) -> Batches:
        """The batches of rows that depend on each other, by their time and cluster."""
        return batches_of(self.rows, self.lengths)


def declared(tasks: Iterable[str]) -> list[TaskColumn]:
    """Return the columns that some tasks declare, each once."""
    kinds = [installed().tasks[task] for task in tasks]
    return list({column.name: column for kind in kinds for column in kind.columns}.values())


def by_group(column: pl.Series, lengths: Ints, kind: str) -> pa.Array:
    """Lay a column that a task declares out by group, null where a group has nothing of it."""
    if kind == "elements":
        sizes = sums(column.list.len().fill_null(0).to_numpy().astype(np.int64), lengths)
        flat = column.explode(empty_as_null=False, keep_nulls=False).to_numpy()
        return _or_null(lists(flat, sizes), sizes == 0)
    if kind == "number":
        values = column.fill_null(float("nan")).to_numpy()
        return _or_null(lists(values, lengths), _bare(values, lengths))
    nothing = sums(column.is_null().to_numpy(), lengths) == lengths
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    mask = pa.array(nothing) if nothing.any() else None
    return pa.LargeListArray.from_arrays(offsets, column.rechunk().to_arrow(), mask=mask)


def beside(
    found: Labelled, told: Readout, identity: Hashes | None, cuts: Mapping[str, pl.Expr]
) -> Predictions:
    """Put together what is known of the rows of a dataset.

    Args:
        found: the rows that count.
        told: what their task read, with `weight` and `latency`, and all of its fields but
            `labels` and `classes`.
        identity: hashes of what identifies each row, where anything does.
        cuts: expressions over the data's columns that rows are cut by, by the name to give them.
    """
    groups, rows = found.groups, found.dataset.rows
    place = groups[PLACE].to_numpy()
    labels = [None] * found.dataset.models.height if told.labels is None else told.labels
    sizes = [None if each is None else len(each) for each in labels]
    models = found.dataset.models.select("model", "version").with_columns(
        task=pl.Series(told.tasks, dtype=pl.String),
        labels=_as_series(labels),
        classes=pl.Series(sizes if told.classes is None else told.classes, dtype=pl.Int64),
    )
    weight = told.rows["weight"].to_numpy() if found.dataset.binding["weight"] else None
    truth = cast("Hashes | Alike", told.truth)
    digest = digests(totals(identity, truth, weight, found.lengths), found.lengths)
    named = models[place].hstack(groups.drop(PLACE)).with_columns(dataset_digest=digest)
    extra = rows.select(**cuts) if cuts else pl.DataFrame()
    if ROW in cuts:
        extra = extra.with_columns(pl.Series(ROW, row_hash(identity, truth, weight)))
    return Predictions(told.rows.hstack(extra.get_columns()), named, found.lengths)


def _as_series(labels: Sequence[Sequence[str] | None]) -> pl.Series:
    kind = pl.List(pl.String)
    if labels and all(each is labels[0] for each in labels):  # as of zeros and ones: much faster
        return pl.Series([labels[0]], dtype=kind).new_from_index(0, len(labels))
    return pl.Series(labels, dtype=kind)


def together(parts: Sequence[Predictions]) -> Predictions:
    """Put the groups of several datasets one after the other."""
    if len(parts) == 1:
        return parts[0]
    rows = pl.concat([part.rows for part in parts], how="diagonal")
    numbers = [name for name in NUMBERS if name in rows.columns]
    return Predictions(
        rows.with_columns(pl.col(numbers).fill_null(float("nan"))),
        pl.concat([part.groups for part in parts]),
        np.concatenate([part.lengths for part in parts]),
    )


def by_task(predictions: Predictions) -> dict[str, Predictions]:
    """Part groups by what their models predict."""
    tasks = predictions.groups["task"]
    found = {
        str(task): predictions.only((tasks == task).to_numpy())
        for task in tasks.unique(maintain_order=True)
    }
    every = _names(installed().tasks)
    return {
        task: replace(part, rows=part.rows.drop(every - _names([task]), strict=False))
        for task, part in found.items()
    }


def _names(tasks: Iterable[str]) -> set[str]:
    return {column.name for column in declared(tasks)}


def _bare(values: Floats, lengths: Ints) -> NDArray[np.bool_]:
    """Whether a group has nothing but NaN; where its first value is a number it does not."""
    starts, filled = np.cumsum(lengths) - lengths, lengths > 0
    found = ~filled
    found[filled] = np.isnan(values[starts[filled]])
    return sums(~np.isnan(values), lengths) == 0 if found.any() else found


def _or_null(column: pa.Array, nothing: NDArray[np.bool_]) -> pa.Array:
    """Make lists null; those must be empty or hold nothing that is looked at."""
    if not nothing.any():
        return column
    buffers = column.buffers()
    valid = np.packbits(~nothing, bitorder="little")
    return pa.LargeListArray.from_buffers(
        column.type, len(column), [pa.py_buffer(valid), buffers[1]], children=[column.values]
    )
