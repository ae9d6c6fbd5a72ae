"""What a chunk cost, and how many of its models failed, by kind of reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.types import Tables

_VARYING = r"""'[^']*'|"[^"]*"|\S*[/\\]\S*|\d[\d.,]*"""
"""The parts that differ between reasons of one kind: names, paths and numbers."""
_LONGEST = 60
_KINDS = 5


def kind(reason: pl.Expr) -> pl.Expr:
    """Return the kind of reasons: without what differs from model to model.

    >>> told = ["cannot read /a/1.parquet: No such file", "cannot read /b/2.parquet: No such file"]
    >>> pl.select(kind(pl.lit(pl.Series(told)))).to_series().unique().to_list()
    ['cannot read … No such file']
    """
    return reason.str.replace_all(_VARYING, "…").str.slice(0, _LONGEST)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a chunk took, and how its models fared."""

    models: int = 0
    failed: int = 0
    """Models all of whose rows failed."""
    reason: str | None = None
    """Why the first of them did."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many failed, by kind of reason; rare kinds are left out."""
    seconds: float = 0.0
    read: int = 0
    """Bytes of rows, at the peak."""
    made: int = 0
    """Bytes of results."""
    left_out: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Rows that count nowhere, as `argosy.data.left_out.LeftOut.told` gives them."""
    unsound: Sequence[str] = ()
    """The URLs that were to be read apart, and could not be read."""


def tallied(tables: Tables, models: int, seconds: float, read: int) -> Tally:
    """Count models that failed, over all tables that have a status."""
    parts = [
        pl.DataFrame(table.select(["model", "status", "reason"]))
        for table in tables.values()
        if {"model", "status", "reason"} <= set(table.column_names)
    ]
    if not parts:
        return Tally(models, seconds=seconds, read=read)
    failed = pl.col("status") == "failed"
    judged = (
        pl.concat(parts, how="vertical_relaxed")
        .group_by("model", maintain_order=True)
        .agg(failed=failed.all(), reason=pl.col("reason").filter(failed).first())
    )
    bad = judged.filter("failed")
    if bad.is_empty():
        return Tally(models, seconds=seconds, read=read)
    kinds = bad.select(kind=kind(pl.col("reason").fill_null("no reason given"))).to_series()
    most = dict(kinds.value_counts(sort=True).head(_KINDS).rows())
    return Tally(models, bad.height, bad["reason"][0], most, seconds, read)
