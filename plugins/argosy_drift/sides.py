"""One side of a comparison: the values of every column of a chunk's groups, or why there are none.

A numeric column becomes its sorted values, a categorical one its counts per category: all that
the detectors need, whatever the shape of the data it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput
from argosy_drift.column_values import COUNTS, GROUP, NUMERIC, Wanted, counts, numbers
from argosy_drift.dependence.row_records import Records, order_of
from argosy_drift.features import unfit
from argosy_drift.histograms import MOST
from argosy_drift.row_blocks import uncut
from argosy_drift.taus import DEPENDENCE
from argosy_rows.groups import grouped
from argosy_rows.windows import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.data.datasets import Dataset
    from argosy_rows.windows import WindowSpec

TROUBLE: dict[str, Any] = {"model": pl.String, "column": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Side:
    """One side's values of many columns of many groups, by column and group."""

    numeric: pl.DataFrame
    """The group, `column`, `n` rows, of them `nulls` missing, and the other `values`, sorted.

    Where these are too many, `values` are edges and `weights` their counts; see `condensed`.
    """
    counts: pl.DataFrame
    """The group, `column`, `category` (null for missing rows) and `count`."""
    trouble: pl.DataFrame
    """`model`, `column` (null: all of the model) and why they have no values."""
    dependence: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DEPENDENCE))
    """How rows depend on each other, where there is an order (`argosy_drift.taus`)."""


def side(
    datasets: Sequence[Dataset],
    wanted: pl.DataFrame,
    name: str,
    cut: WindowSpec = WHOLE,
    turns: bool = False,
) -> Side:
    """Gather one side of some columns.

    Args:
        datasets: where the rows are.
        wanted: the `model`, `column`, `kind` and `measure` of what is compared.
        name: what reasons call the side.
        cut: how rows are cut into groups.
        turns: whether the order of values is kept, where there is one.
    """
    return joined([_part(dataset, wanted, name, cut, turns) for dataset in datasets])


def joined(sides: Sequence[Side]) -> Side:
    """Return several parts of a side as one."""
    if len(sides) == 1:
        return sides[0]
    order = ["column", *GROUP]
    numeric = [pl.DataFrame(schema=NUMERIC), *(part.numeric for part in sides)]
    counted = [pl.DataFrame(schema=COUNTS), *(part.counts for part in sides)]
    trouble = [pl.DataFrame(schema=TROUBLE), *(part.trouble for part in sides)]
    dependence = pl.concat([part.dependence for part in sides])
    return Side(pl.concat(numeric).sort(order), pl.concat(counted), pl.concat(trouble), dependence)


def _part(dataset: Dataset, wanted: pl.DataFrame, name: str, cut: WindowSpec, turns: bool) -> Side:
    members = dataset.models.select("model")
    nothing = pl.DataFrame(schema=NUMERIC), pl.DataFrame(schema=COUNTS)
    if dataset.reason is not None:
        return Side(*nothing, _trouble(members, dataset.reason))
    try:
        held = grouped(cut.rows(dataset), cut.by())
        order = order_of(held, dataset)
    except BadInput as error:
        return Side(*nothing, _trouble(members, str(error)))
    groups = cut.named(held.groups)
    bare = dataset.models.join(groups, on="model", how="anti")
    absent = bare.select(
        "model", column=pl.lit(None, pl.String), reason=dataset.absent(bare, f"{name} row")
    )
    trouble = [absent]
    numbered = groups.select("model", place=pl.int_range(pl.len(), dtype=pl.Int64))
    of_kind: dict[str, list[Wanted]] = {"numeric": [], "categorical": []}
    asked = wanted.join(numbered, on="model")
    types = held.rows.schema  # built anew, from all columns, each time that it is asked for
    for part in asked.partition_by("column", "kind", "measure"):
        column, kind, measure = (part[field][0] for field in ("column", "kind", "measure"))
        problem = unfit(types.get(column), kind, measure, column, name)
        if problem is None:
            of_kind[kind].append(_wanted(column, part.sort("place")))
        else:
            trouble.append(_trouble(part.select("model").unique(), problem, column))
    records = None
    if order is not None:
        records = Records(order, uncut(order) if turns else None, MOST)
    numeric = numbers(held, groups, of_kind["numeric"], records)
    counted = counts(held, groups, of_kind["categorical"], records)
    dependence = records.table(groups) if records is not None else pl.DataFrame(schema=DEPENDENCE)
    return Side(numeric, counted, pl.concat(trouble), dependence)


def _wanted(column: str, part: pl.DataFrame) -> Wanted:
    places, bases = part["place"].to_numpy(), part["base"]
    if bases.null_count() == part.height:
        return Wanted(column, places)
    return Wanted(column, places, bases.fill_null(0.0).to_numpy())


def _trouble(models: pl.DataFrame, reason: str, column: str | None = None) -> pl.DataFrame:
    return models.select(
        "model", column=pl.lit(column, pl.String), reason=pl.lit(reason, pl.String)
    )
