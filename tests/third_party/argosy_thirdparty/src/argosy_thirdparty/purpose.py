"""A champion has a stated purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import ChangeEvent


def check(event: ChangeEvent, options: None) -> pa.Table:
    """Object to models whose purpose is not stated, where `champion` is moved."""
    moved = pl.DataFrame(event.after["alias"]).filter(alias="champion").select("model")
    models = pl.DataFrame(event.models).join(moved, on="model", how="semi")
    silent = models.filter(pl.col("purpose").fill_null("").str.strip_chars() == "")
    return silent.select("model", reason=pl.lit("nobody said what it is for")).to_arrow()
