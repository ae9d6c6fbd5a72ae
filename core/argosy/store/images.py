"""After-images as rows of the ledger."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.store.state import EMPTY_LEDGER
from argosy.tables import COMMIT, KINDS

if TYPE_CHECKING:
    from argosy.store.state import Change, State

_TYPES = EMPTY_LEDGER.schema


def images_of(change: Change, state: State, commit: dict[str, Any], start: int) -> pl.DataFrame:
    """Lay one kind's after-images out as rows of the ledger.

    Built column by column: a single row is the common case, and each query of the engine costs
    more than the row.
    """
    rows = change.rows
    held = state.lookup(change.kind, rows["key"])
    rev = constant("rev", 1, rows.height)
    if held.height:
        known = rows.select("key").join(
            held.select("key", "rev"), on="key", how="left", maintain_order="left"
        )
        rev = (known["rev"].fill_null(0) + 1).alias("rev")
    given = {
        "ord": pl.int_range(start, start + rows.height, dtype=pl.Int64, eager=True).alias("ord"),
        "rev": rev,
        **{
            name: constant(name, value, rows.height)
            for name, value in {**commit, "kind": change.kind, "chain": None}.items()
        },
    }
    if "deleted" not in rows.columns:
        given["deleted"] = constant("deleted", False, rows.height)
    names = [*COMMIT.names, *KINDS[change.kind].names]
    columns = [given[name] if name in given else rows[name] for name in names]
    return pl.DataFrame([_typed(column) for column in columns])


def constant(name: str, value: object, height: int) -> pl.Series:
    """Return a column of the ledger that is the same in every row."""
    one = _once(name, value)
    return one if height == 1 else one.new_from_index(0, height)


@lru_cache(maxsize=256)  # most of a change's columns are those of the change before
def _once(name: str, value: object) -> pl.Series:
    return pl.Series(name, [value], dtype=_TYPES[name])


def _typed(column: pl.Series) -> pl.Series:
    wanted = _TYPES[column.name]
    return column if column.dtype == wanted else column.cast(wanted)
