"""Hierarchies as of an instant, and when a node changed what it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy_forecast.hierarchy.summing import summing

if TYPE_CHECKING:
    from datetime import datetime

_EVENTS = pl.Schema(
    {
        "node": pl.String(),
        "at": pl.Datetime("us", "UTC"),
        "gained": pl.List(pl.String),
        "lost": pl.List(pl.String),
    }
)


def edges_at(table: pl.DataFrame, hierarchy: str, at: datetime) -> pl.DataFrame:
    """Return `parent`, `child` and `weight` of the edges that are valid at an instant.

    An edge is valid from `valid_from` on, and no longer at `valid_until`.

    Args:
        table: the table `hierarchies` of a fleet.
        hierarchy: its name.
        at: the instant, with a zone.

    Raises:
        BadInput: if there is no such hierarchy.

    Example:
        >>> from datetime import UTC, datetime
        >>> day = [datetime(2024, 1, number, tzinfo=UTC) for number in range(1, 4)]
        >>> table = pl.DataFrame({
        ...     "hierarchy": "grid", "parent": ["north", "south"], "child": "a",
        ...     "valid_from": [day[0], day[1]], "valid_until": [day[1], None],
        ...     "weight": pl.Series([None, None], dtype=pl.Float64),
        ... })
        >>> [edges_at(table, "grid", moment)["parent"].to_list() for moment in day[:2]]
        [['north'], ['south']]
    """
    own = _own(table, hierarchy)
    now = own.filter(
        pl.col("valid_from") <= pl.lit(at),
        pl.col("valid_until").is_null() | (pl.col("valid_until") > pl.lit(at)),
    )
    return now.select("parent", "child", "weight").sort("parent", "child")


def topology_events(table: pl.DataFrame, hierarchy: str) -> pl.DataFrame:
    """Return when each node changed what it adds up: the leaves that it gained and lost.

    A leaf that moves within a node changes nothing for it. A node's first day is no event, and nor
    is its last. A leaf that is weighed otherwise is gained and lost.

    Args:
        table: the table `hierarchies` of a fleet.
        hierarchy: its name.

    Returns:
        `node`, `at`, `gained`, `lost` (lists of leaves), by node and time.

    Raises:
        BadInput: if there is no such hierarchy.
    """
    own = _own(table, hierarchy)
    moments = pl.concat([own["valid_from"], own["valid_until"].drop_nulls()]).unique().sort()
    before: pl.DataFrame | None = None
    found: list[pl.DataFrame] = []
    for moment in moments:
        after = _parts(edges_at(own, hierarchy, moment))
        if before is not None:
            found.append(_changed(before, after).with_columns(at=pl.lit(moment)))
        before = after
    if not found:
        return pl.DataFrame(schema=_EVENTS)
    whole = pl.concat(found).select(*_EVENTS)
    return whole.with_columns(pl.col("at").cast(_EVENTS["at"])).sort("node", "at")


def segments(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Add `segment`: how many events of its series each row has behind it.

    Rows of one segment are of one topology: what is learned or compared over an event is not.

    Args:
        rows: with `series` and `time`.
        events: what `topology_events` finds.

    Example:
        >>> from datetime import UTC, datetime
        >>> day = [datetime(2024, 1, number, tzinfo=UTC) for number in (1, 2, 3)]
        >>> rows = pl.DataFrame({"series": ["north"] * 3 + ["a"], "time": [*day, day[2]]})
        >>> moved = pl.DataFrame({"node": ["north"], "at": [day[1]]})
        >>> segments(rows, moved)["segment"].to_list()
        [0, 1, 1, 0]
    """
    counted = (
        events.select(series="node", at="at")
        .sort("at")
        .with_columns(segment=pl.int_range(1, pl.len() + 1).over("series"))
    )
    placed = rows.with_row_index("argosy_row").sort("time")
    counted = counted.with_columns(pl.col("at").cast(rows.schema["time"]))
    found = placed.join_asof(
        counted, left_on="time", right_on="at", by="series", check_sortedness=False
    )
    kept = found.sort("argosy_row").drop("argosy_row").select(*rows.columns, "segment")
    return kept.with_columns(pl.col("segment").fill_null(0).cast(pl.Int64))


def _own(table: pl.DataFrame, hierarchy: str) -> pl.DataFrame:
    own = table.filter(pl.col("hierarchy") == hierarchy)
    if own.is_empty():
        known = ", ".join(table["hierarchy"].unique().sort()) or "none"
        raise BadInput(f"there is no hierarchy {hierarchy!r}; the fleet has: {known}")
    return own


def _parts(edges: pl.DataFrame) -> pl.DataFrame:
    """Return which leaves each node with children adds up, and with what weight."""
    if edges.is_empty():
        return pl.DataFrame(schema={"node": pl.String, "leaf": pl.String, "weight": pl.Float64})
    found = summing(edges)
    upper = found.matrix[: found.aggregates].tocoo()
    nodes = np.array(found.nodes, np.object_)
    return pl.DataFrame(
        {
            "node": pl.Series(nodes[upper.row], dtype=pl.String),
            "leaf": pl.Series(nodes[found.aggregates + upper.col], dtype=pl.String),
            "weight": upper.data,
        }
    )


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Compare what nodes add up that are there on both sides."""
    lasting = before.select("node").unique().join(after, on="node", how="semi")
    parts = ["node", "leaf", "weight"]
    sides = {
        name: one.join(other, on=parts, how="anti")
        .join(lasting, on="node", how="semi")
        .group_by("node")
        .agg(pl.col("leaf").sort().alias(name))
        for name, one, other in (("gained", after, before), ("lost", before, after))
    }
    both = sides["gained"].join(sides["lost"], on="node", how="full", coalesce=True)
    empty = pl.lit([], pl.List(pl.String))
    return both.with_columns(pl.col("gained", "lost").fill_null(empty))
