"""What was measured of models since they were moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import FleetView

_VERSION = "version"


def measured_since(fleet: FleetView, tables: Sequence[str], moved: pl.DataFrame) -> pl.DataFrame:
    """Return the models (`model`) of which a run has told something since they were moved.

    A row counts that is about the version that was moved, of a run that was begun after the move:
    one that was under way before has measured what it found before. A row about a pair of versions
    counts for either, unless both are the same: that is a pair that was not compared.

    Args:
        fleet: to be read.
        tables: of facts.
        moved: `model`, `version`, and in `since` when it was moved.
    """
    parts = [part for name in tables for part in _about(fleet.table(name))]
    begun = fleet.runs().select("run_id", "started")
    return (
        pl.concat(parts)
        .join(moved.lazy().select("model", _VERSION, "since"), on=["model", _VERSION])
        .join(begun, on="run_id")
        .filter(pl.col("started") > pl.col("since"))
        .select("model")
        .unique()
        .collect()
    )


def _about(rows: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return which version of which model the rows are about, once for each column of versions."""
    columns = rows.collect_schema().names()
    versions = [name for name in columns if name == _VERSION or name.endswith(f"_{_VERSION}")]
    if len(versions) > 1:
        first, *others = (pl.col(name) for name in versions)
        rows = rows.filter(pl.any_horizontal(first != other for other in others))
    return [rows.select("run_id", "model", version=name) for name in versions]
