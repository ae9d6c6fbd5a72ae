"""The work of one chunk of an evaluation: gather predictions, then measure all groups at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import ArgosyError
from argosy.plugins import installed
from argosy.tables import EVALUATIONS
from argosy.views.counts import NOT_APPLICABLE
from argosy_evaluate.already_measured import mark
from argosy_evaluate.complements import counted, others, pieces, spans
from argosy_evaluate.pairs import Pairs
from argosy_evaluate.slice_gaps import GROUP, with_gaps
from argosy_scoring.batches import blocks
from argosy_scoring.gather import Asked, gather
from argosy_scoring.measure import NO_DRAWS, Draws, fitting, measured, without_value
from argosy_scoring.predictions import Predictions, by_task, together
from argosy_scoring.slices import ALL, cut_by, sliced, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from argosy.store.location import Location
    from argosy.types import Chunk, Metric, Tables

_ROW = ("model", "version")
UNCUT = "?"
"""The slice of rows that could not be cut."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an evaluation is asked to do."""

    metrics: tuple[str, ...]
    """Of models without `metrics` of their own."""
    rows: Asked
    depth: int = 1
    """Of how many expressions together there are slices."""
    least: int = 30
    """A slice with fewer rows is not measured."""
    draws: Draws = NO_DRAWS
    models: int = 1
    """How many the run has, which decides what is worth a permutation."""


def perform(chunk: Chunk) -> Tables:
    """Evaluate the chunk's models; a model that fails is one row with its reason."""
    order: Any = chunk.options["order"]
    location: Any = chunk.options["location"]
    models = pl.DataFrame(chunk.models)
    parts = [_EMPTY]
    for block in blocks(models, location):
        parts += _found(block, location, order)
    rows = pl.concat(parts, how="diagonal_relaxed").select(_COLUMNS)
    return {"evaluations": rows.to_arrow(compat_level=pl.CompatLevel.newest())}


def _found(models: pl.DataFrame, location: Location, order: Order) -> list[pl.DataFrame]:
    """Gather the predictions of some models, and measure them."""
    found = gather(models, location, order.rows)
    parts = [failed(found.trouble), _waiting(found.unlabelled)]
    if found.predictions:
        fresh = _unseen(together(found.predictions), models)
        for predictions in by_task(fresh).values():
            for metrics, part in _by_metrics(predictions, models, order.metrics):
                parts += _rows(part, metrics, order)
    return parts


def _by_metrics(
    predictions: Predictions, models: pl.DataFrame, usual: tuple[str, ...]
) -> Iterator[tuple[list[Metric], Predictions]]:
    """Part models by the metrics that they are measured by: their own, where they have some."""
    known = installed().metrics
    if "metrics" not in models.columns:
        yield [known[name] for name in usual], predictions
        return
    own = predictions.groups.select("model").join(
        models.select("model", "metrics").unique("model"),
        on="model",
        how="left",
        maintain_order="left",
    )["metrics"]
    for names in own.unique(maintain_order=True).to_list():
        mine = own.is_null() if names is None else own == pl.Series([names], dtype=own.dtype)
        part = predictions.only(mine.fill_null(value=False).to_numpy())
        yield [known[name] for name in names or usual], part


def failed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each model that could not be evaluated (`model`, `version`, `reason`)."""
    rows = models.select(*_ROW, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64), slice=pl.lit(ALL)
    )
    return described(rows)


def described(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that say why there is no value with all columns of the table."""
    return pl.concat([_EMPTY, rows], how="diagonal_relaxed")


def _rows(predictions: Predictions, metrics: Sequence[Metric], order: Order) -> list[pl.DataFrame]:
    """Measure models of one task, and their slices."""
    own = fitting(predictions, metrics)
    if not own:
        task = predictions.groups["task"][0]
        reason = pl.lit(f"it does not apply to a {task} model")
        return [without_value(whole(predictions).groups, metrics, NOT_APPLICABLE, reason)]
    if not cut_by(predictions):
        return [measured(whole(predictions), own, order.draws)]
    numbered = replace(predictions, groups=predictions.groups.with_row_index(GROUP))
    parts = [measured(whole(numbered), own, order.draws)]
    try:
        for cut in sliced(numbered, order.depth):
            for piece in pieces(cut, owners(cut)):
                parts += _of_slices(piece, own, order, parts[0])
    except ArgosyError as error:
        groups = whole(numbered).groups.with_columns(slice=pl.lit(UNCUT))
        parts.append(without_value(groups, own, "failed", pl.lit(str(error))))
    return [pl.concat(parts, how="diagonal_relaxed")]


def _of_slices(
    cut: Predictions, metrics: Sequence[Metric], order: Order, every: pl.DataFrame
) -> list[pl.DataFrame]:
    """Measure slices, and those that have other rows beside them, against these.

    Args:
        cut: the slices of all groups by one expression, or several together.
        metrics: what is measured.
        order: what is asked.
        every: what was measured of all rows of each group.
    """
    few = cut.lengths < order.least
    reason = pl.format("only {} rows; {} are needed", "n", pl.lit(order.least))
    parts = [without_value(cut.groups.filter(few), metrics, "insufficient", reason)]
    owner = owners(cut)
    first, last = spans(owner)
    alone = ~few & (first == last)
    if alone.any():
        told = pl.lit("the model has no other rows")
        found = measured(cut.only(alone), metrics, order.draws)
        parts.append(found.with_columns(gap_reason=told))
    beside = ~few & (first != last)
    if not beside.any():
        return parts
    found = measured(cut.only(beside), metrics, order.draws)
    names = found["metric"].unique(maintain_order=True)
    asked = [installed().metrics[name] for name in names]
    rest, rows = others(cut, owner), counted(cut, owner)
    rest = rest.only(beside)
    there = measured(rest, metrics, order.draws)
    pairs = Pairs(
        cut, beside, rest, owner[beside], owner, rows.only(beside), order.models, order.draws.seed
    )
    base = every["error"].cast(pl.Float64).to_numpy().reshape(len(asked), -1)[:, owner[beside]]
    parts.append(with_gaps(found, there, pairs, asked, base))
    return parts


def owners(cut: Predictions) -> NDArray[np.int64]:
    """Return the number of the group that each slice is of."""
    return cut.groups[GROUP].to_numpy().astype(np.int64)


def _unseen(predictions: Predictions, models: pl.DataFrame) -> Predictions:
    """Leave out windows that an earlier run measured on the very same rows."""
    seen = models.select(*_ROW, mark="seen").explode("mark", empty_as_null=False, keep_nulls=False)
    if seen.is_empty():
        return predictions
    of = [*_ROW, "mark"]
    again = predictions.groups.select(*_ROW, mark=mark()).join(
        seen.with_columns(again=True), on=of, how="left", maintain_order="left"
    )
    return predictions.only(again["again"].is_null().to_numpy())


def _waiting(windows: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each window in which no row has its label yet."""
    if windows.is_empty():
        return _EMPTY
    young = pl.col("mature") == 0
    told = (
        pl.when(young)
        .then(pl.lit("no row is old enough to have its label"))
        .otherwise(pl.lit("no row has its label yet"))
    )
    return windows.with_columns(status=pl.lit("insufficient"), reason=told, slice=pl.lit(ALL))


_EMPTY = pl.DataFrame(EVALUATIONS.empty_table()).drop("run_id", "at", "dataset", "q_value")
_COLUMNS = _EMPTY.columns
