"""Which edges cannot stand in a hierarchy: cycles, two parents at a time, times that overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.tables import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy.types import FleetView

KEY = ("hierarchy", "parent", "child", "valid_from")
_ROUNDING = 1e-9
"""Weights such as a third, three times, may add up to this more than one."""


def refuse(rows: pa.Table, view: FleetView) -> pa.Table:
    """Refuse edges that cannot be, beside those that stand."""
    written = pl.DataFrame(rows)
    standing = view.table("hierarchies").select(written.columns).collect()
    names = written["hierarchy"].unique().implode()
    others = standing.filter(pl.col("hierarchy").is_in(names)).join(written, on=KEY, how="anti")
    return faults(written, others).to_arrow().cast(REFUSALS)


def faults(written: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Return `row` and `reason` of the edges that cannot be.

    Args:
        written: the edges that are to be written, with the columns of the kind.
        standing: the others of their hierarchies.

    Example:
        >>> from datetime import UTC, datetime
        >>> edge = {"hierarchy": "grid", "valid_from": datetime(2020, 1, 1, tzinfo=UTC)}
        >>> kind = {"valid_until": pl.Datetime("us", "UTC"), "weight": pl.Float64}
        >>> edges = pl.DataFrame([
        ...     edge | {"parent": parent, "child": child, "valid_until": None, "weight": None}
        ...     for parent, child in [("north", "a"), ("a", "north"), ("south", "b")]
        ... ], schema_overrides=kind)
        >>> faults(edges, edges.clear())["reason"].to_list()
        ['it closes a circle: north > a > north', 'it closes a circle: a > north > a']
    """
    numbered = written.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    alone = numbered.with_columns(reason=_alone()).filter(pl.col("reason").is_not_null())
    none = standing.select(pl.lit(None, pl.Int64).alias("row"), pl.all())
    every = pl.concat([numbered, none]).join(alone, on="row", how="anti")
    found = [alone.select("row", "reason"), _at_once(every)]
    found += [_circles(part) for part in every.partition_by("hierarchy")]
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def _alone() -> pl.Expr:
    """Say what is wrong with an edge by itself."""
    blank = [pl.col(name).str.strip_chars() == "" for name in ("hierarchy", "parent", "child")]
    weight = pl.col("weight")
    return (
        pl.when(pl.any_horizontal(blank))
        .then(pl.lit("hierarchy, parent and child need a name each"))
        .when(pl.col("parent") == pl.col("child"))
        .then(pl.lit("nothing is a part of itself"))
        .when(pl.col("valid_until") <= pl.col("valid_from"))
        .then(pl.format("it ends at {}, before it begins", "valid_until"))
        .when(~(weight.is_finite() & (weight > 0)))
        .then(pl.lit("a weight is a number above 0, or empty for all of the child"))
    )


def _at_once(edges: pl.DataFrame) -> pl.DataFrame:
    """Find children that have two parents at a time, or one twice, or more than all of them."""
    several = edges.filter(pl.len().over("hierarchy", "child") > 1)
    numbered = several.with_row_index("edge")
    pairs = numbered.join(numbered, on=["hierarchy", "child"], suffix="_then").filter(
        pl.col("edge") != pl.col("edge_then"),
        pl.col("valid_from") >= pl.col("valid_from_then"),
        (pl.col("valid_from") < pl.col("valid_until_then")).fill_null(value=True),
    )
    weighed = pl.col("weight").is_not_null() & pl.col("weight_then").is_not_null()
    share = pl.col("weight") + pl.col("weight_then").sum().over("edge")
    told = pairs.with_columns(
        reason=pl.when(pl.col("parent") == pl.col("parent_then"))
        .then(pl.format("{} is a part of {} then already; end that first", "child", "parent"))
        .when(~weighed)
        .then(
            pl.format(
                "{} is a part of {} and of {} at one time; end the one, or give both a weight",
                "child", "parent_then", "parent",
            )
        )
        .when(share > 1 + _ROUNDING)
        .then(pl.format("the weights of {} add up to more than 1", "child"))
    ).drop_nulls("reason")  # fmt: skip
    either = (told.select("row", "reason"), told.select(row="row_then", reason="reason"))
    return pl.concat(either).drop_nulls("row").sort("row", "reason")


def _circles(edges: pl.DataFrame) -> pl.DataFrame:
    """Find edges of one hierarchy that close a circle at some time."""
    suspect = edges.filter(_in_circles(edges))
    found: list[tuple[int, str]] = []
    for moment in suspect["valid_from"].unique().sort():
        now = suspect.filter(
            pl.col("valid_from") <= moment,
            pl.col("valid_until").is_null() | (pl.col("valid_until") > moment),
        )
        found += list(_told(now.filter(_in_circles(now))))
    return pl.DataFrame(found, schema={"row": pl.Int64, "reason": pl.String}, orient="row")


def _in_circles(edges: pl.DataFrame) -> pl.Series:
    """Say which edges are left once all that lead nowhere are taken away, again and again.

    Where some are left there is a circle; they are on it, or between two.
    """
    parent, child = _numbered(edges)
    left = np.arange(edges.height)
    while len(left):
        leads = np.isin(child[left], parent[left]) & np.isin(parent[left], child[left])
        if leads.all():
            break
        left = left[leads]
    kept = np.zeros(edges.height, np.bool_)
    kept[left] = True
    return pl.Series(kept)


def _numbered(edges: pl.DataFrame) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    both = pl.concat([edges["parent"], edges["child"]]).rank("dense").to_numpy()
    return both[: edges.height], both[edges.height :]


def _told(edges: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Walk the circles of edges of one time; name each from an edge that is new."""
    above: dict[str, list[str]] = {}
    for parent, child in edges.select("parent", "child").iter_rows():
        above.setdefault(child, []).append(parent)
    for row, parent, child in edges.select("row", "parent", "child").drop_nulls().iter_rows():
        came = {parent: child}
        heads = [parent]
        while heads and child not in came:
            heads = [head for at in heads for head in above.get(at, []) if _first(came, head, at)]
        if child not in came:
            continue  # it lies between two circles
        circle = [child]
        while circle[-1] != parent:
            circle.append(came[circle[-1]])
        yield row, f"it closes a circle: {' > '.join([parent, *circle])}"


def _first(came: dict[str, str], head: str, at: str) -> bool:
    """Note where a node was reached from, unless it was reached before."""
    if head in came:
        return False
    came[head] = at
    return True
