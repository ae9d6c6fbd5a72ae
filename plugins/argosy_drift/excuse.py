"""Columns that a person excuses: they need not be judged for a model to be clear."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.tables import REFUSALS
from argosy.types import EntityKind

if TYPE_CHECKING:
    from argosy.types import FleetView

SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("column", pa.string()),
        ("why", pa.string()),
        ("until", pa.timestamp("us", tz="UTC")),
    ]
)


def refuse(rows: pa.Table, view: FleetView) -> pa.Table:
    """Refuse an excuse for no model, without a reason, or that is over already."""
    known = view.models().select("model").collect()["model"]
    over = pl.col("until") <= pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC"))
    why = (
        pl.when(~pl.col("model").is_in(known.implode()))
        .then(pl.format("no model is called '{}'", "model"))
        .when(pl.col("why").fill_null("").str.strip_chars() == "")
        .then(pl.lit("say why, in `why`"))
        .when(over)
        .then(pl.format("it is over since {}; leave `until` empty, or name a later time", "until"))
    )
    judged = pl.DataFrame(rows).with_row_index("row").with_columns(reason=why)
    refused = judged.filter(pl.col("reason").is_not_null())
    return refused.select("row", "reason").to_arrow().cast(REFUSALS)


EXCUSE = EntityKind(
    "excuse",
    "excuses",
    SCHEMA,
    ("model", "column"),
    "A column of a model that need not be judged, why, and until when.",
    refuse,
)


def excused(view: FleetView, at: datetime) -> pl.DataFrame:
    """Return the `model` and `column` of what is excused at a time."""
    if EXCUSE.table not in view.tables():
        return pl.DataFrame(schema={"model": pl.String, "column": pl.String})
    lasting = pl.col("until").is_null() | (pl.col("until") > pl.lit(at))
    return view.table(EXCUSE.table).filter(lasting).select("model", "column").collect()
