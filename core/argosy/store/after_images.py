"""After-images as rows of the ledger: the columns of the commit, and all else as one payload.

The payload is a JSON object of the kind's columns. So a kind of entity is data, never a column of
the ledger, and every engine reads it. Of a kind that a plugin brings the payload stays as it is:
such entities are kept, changed and put back where nobody knows their columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.tables import COMMIT, KINDS, LEDGER

if TYPE_CHECKING:
    from argosy.types import FleetState

EMPTY_LEDGER = pl.DataFrame(LEDGER.empty_table())
_COMMIT = pl.DataFrame(COMMIT.empty_table()).schema
_KINDS = {kind: pl.DataFrame(schema.empty_table()).schema for kind, schema in KINDS.items()}
EMPTY = {kind: pl.DataFrame(schema={**_COMMIT, **own}) for kind, own in _KINDS.items()}
"""No entity of each kind, with the columns of the commit and of the kind."""
OPAQUE = EMPTY_LEDGER
"""No entity of a kind that a plugin brings: the columns of the commit, and the payload."""


def columns_of(kind: str) -> list[str]:
    """Return the columns that entities of a kind have in a state, besides those of the commit."""
    return list(_KINDS[kind]) if kind in _KINDS else ["payload"]


@dataclass(frozen=True, slots=True)
class Change:
    """New after-images of entities of one kind."""

    kind: str
    rows: pl.DataFrame
    """`key`, the kind's columns (of a kind that a plugin brings, `payload`), perhaps `deleted`."""


def images_of(
    change: Change, state: FleetState, commit: dict[str, Any], start: int
) -> pl.DataFrame:
    """Give one kind's after-images the columns of their commit.

    Built column by column: a single row is the common case, and each query of the engine costs
    more than the row.
    """
    rows = change.rows
    held = state.lookup(change.kind, rows["key"])
    rev = constant("rev", 1, rows.height)
    if held.height and rows.height == 1:
        rev = held["rev"] + 1
    elif held.height:
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
    types = EMPTY.get(change.kind, OPAQUE).schema
    columns = [given[name] if name in given else rows[name] for name in types]
    return pl.DataFrame([_typed(column, types[column.name]) for column in columns])


def packed(images: pl.DataFrame) -> pl.DataFrame:
    """Return after-images of one kind as rows of the ledger."""
    own = _KINDS.get(images["kind"][0])
    if own is None:
        return images.select(LEDGER.names)
    payload = images.select(list(own)).to_struct("payload").struct.json_encode()
    return images.select(COMMIT.names).with_columns(payload.alias("payload"))


def unpacked(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return the rows of the ledger that are of one kind as its after-images, in their order.

    Raises:
        polars.exceptions.PolarsError: if a payload is not an object of the kind's columns.
    """
    own = rows.filter(pl.col("kind") == kind)
    if kind not in _KINDS:
        return own.select(LEDGER.names)
    if own.is_empty():
        return EMPTY[kind]
    payload = pl.col("payload").str.json_decode(pl.Struct(_KINDS[kind]))
    return own.select(*COMMIT.names, payload.alias("payload")).unnest("payload")


def fields(payload: str | None) -> dict[str, str | None]:
    """Return what a payload holds by column, as text, whatever kind it is of.

    >>> fields('{"model":"churn","steps":[1,2],"note":null}')
    {'model': 'churn', 'steps': '[1, 2]', 'note': None}
    """
    if payload is None:
        return {}
    try:
        held = json.loads(payload)
    except ValueError:
        held = None
    if not isinstance(held, dict):  # somebody edited it
        return {"payload": payload}
    return {name: _as_text(value) for name, value in held.items()}


def constant(name: str, value: object, height: int) -> pl.Series:
    """Return a column of the commit that is the same in every row."""
    one = _once(name, value)
    return one if height == 1 else one.new_from_index(0, height)


@lru_cache(maxsize=256)  # most of a change's columns are those of the change before
def _once(name: str, value: object) -> pl.Series:
    return pl.Series(name, [value], dtype=_COMMIT[name])


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _typed(column: pl.Series, wanted: pl.DataType) -> pl.Series:
    return column if column.dtype == wanted else column.cast(wanted)
