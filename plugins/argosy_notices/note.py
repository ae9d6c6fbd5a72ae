"""Notes that people attach to models: what the next one on call should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.types import EntityKind

if TYPE_CHECKING:
    from argosy.types import FleetView

_SCHEMA = pa.schema([("model", pa.string()), ("topic", pa.string()), ("text", pa.string())])


def refuse(notes: pa.Table, fleet: FleetView) -> pa.Table:
    """Refuse notes of models that are not there, and those that say nothing."""
    known = fleet.state.lookup("model", pl.Series(notes["model"]), live=True)["model"]
    rows = pl.DataFrame(notes).with_row_index("row")
    nobody = pl.format("no model is called '{}'", "model")
    told = (
        pl.when(~pl.col("model").is_in(known.implode()))
        .then(nobody)
        .when(pl.col("text").fill_null("").str.strip_chars() == "")
        .then(pl.lit("it says nothing; `argosy remove note` takes a note away"))
    )
    return rows.select("row", reason=told).drop_nulls("reason").to_arrow()


NOTE = EntityKind(
    name="note",
    table="notes",
    schema=_SCHEMA,
    key=("model", "topic"),
    summary="What people should know of a model, by topic.",
    refuse=refuse,
)
