"""A job that finds features which have one value only: a row per model, and one per such column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import pyarrow as pa
from pydantic import Field

from argosy.data.datasets import MODEL, read
from argosy.types import FactTable, Job
from argosy.types.request import Request, Role, Texts

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, Tables


class Constants(Request):
    """Find features that have one value only, model by model."""

    data: Role = Field("current", description="The role of the data.")
    least: int = Field(2, ge=1, description="Judge no model with fewer rows.")
    missing: Literal["count", "ignore"] = Field(
        "ignore", description="Whether a missing cell is a value too."
    )
    columns: Texts = Field((), description="A feature to look at; all unless given.")


_FIRST = [
    ("run_id", pa.string()),
    ("at", pa.timestamp("us", tz="UTC")),
    ("model", pa.string()),
    ("version", pa.string()),
]
MODELS = FactTable(
    "constants",
    pa.schema(
        [
            *_FIRST,
            ("rows", pa.int64()),
            ("constant", pa.int64()),
            ("status", pa.string()),
            ("reason", pa.string()),
        ]
    ),
    "A row per model: how many of its features have one value only.",
)
COLUMNS = FactTable(
    "constant_columns",
    pa.schema([*_FIRST, ("column", pa.string()), ("value", pa.string())]),
    "A row per feature that has one value only.",
)


def perform(chunk: Chunk) -> Tables:
    """Look at all models of a chunk, those that share a table at once."""
    options: Any = chunk.options
    request, location = options["request"], options["location"]
    models, columns = [], []
    for dataset in read(pl.DataFrame(chunk.models), location):
        who = dataset.models.select("model", "version")
        if dataset.reason is not None:
            why = pl.lit(dataset.reason)
            models.append(who.with_columns(status=pl.lit("failed"), reason=why))
            continue
        found = who.join(_constant(dataset, request), on="model")
        rows = dataset.rows.group_by(pl.col(MODEL).alias("model")).agg(rows=pl.len().cast(pl.Int64))
        counted = found.group_by("model").agg(constant=pl.len().cast(pl.Int64))
        told = who.join(rows, on="model", how="left").join(counted, on="model", how="left")
        few = pl.col("rows").fill_null(0) < request.least
        models.append(
            told.with_columns(
                constant=pl.when(~few).then(pl.col("constant").fill_null(0)),
                status=pl.when(few).then(pl.lit("failed")).otherwise(pl.lit("ok")),
                reason=pl.when(few).then(pl.format("only {} rows", pl.col("rows").fill_null(0))),
            )
        )
        columns.append(found.join(told.filter(~few), on="model", how="semi"))
    tables = {MODELS.name: pl.concat(models, how="diagonal_relaxed").to_arrow()}
    if columns:
        tables[COLUMNS.name] = pl.concat(columns).to_arrow()
    return tables


def _constant(dataset: Dataset, request: Constants) -> pl.DataFrame:
    """Return `model`, `column` and `value` of each feature that has one value only."""
    names = [name for name in dataset.features if not request.columns or name in request.columns]
    declared = pl.col("features").list.eval(pl.element().struct.field("name"))
    own = dataset.models.select("model", declared=declared)
    text = dataset.rows.select(MODEL, pl.col(names).cast(pl.String))
    cells = text.unpivot(names, index=MODEL, variable_name="column").rename({MODEL: "model"})
    if request.missing == "ignore":
        cells = cells.drop_nulls("value")
    one = cells.group_by("model", "column").agg(
        pl.col("value").first(), several=pl.col("value").n_unique() > 1
    )
    mine = pl.col("declared").is_null() | pl.col("column").is_in("declared")
    return (
        one.filter(~pl.col("several"))
        .join(own, on="model")
        .filter(mine)
        .select("model", "column", "value")
    )


JOB = Job(Constants, (MODELS, COLUMNS), perform, done="looked at", doing="looking")
