"""Kinds of entities that plugins bring: which there are, and their columns as text and back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.types as of

from argosy.errors import BadInput, PluginError
from argosy.plugins import installed
from argosy.plugins.discovery import BLOCK
from argosy.plugins.guarded_call import origin
from argosy.tables import BESIDES, FACTS, KINDS, VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import EntityKind

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = ("key", "deleted", "since", "by")
"""What every entity has besides its columns."""
_OF_OUTCOMES = ("outcome", "reason")
"""What stands beside the key in an outcome."""
_TABLES = {*VIEWS, *FACTS, *BESIDES}
_TELLING = (of.is_string, of.is_large_string, of.is_integer, of.is_boolean, of.is_temporal)
_KEPT = (*_TELLING, of.is_floating, of.is_decimal)
_NOT_KEPT = (of.is_duration, of.is_interval)


def entity_kinds() -> Mapping[str, EntityKind]:
    """Return every kind of entity that a plugin brings here, by name.

    Raises:
        PluginError: naming what one of them clashes with, or what cannot be kept.
    """
    offered = installed().entity_kinds
    _refuse_unfit(tuple(offered.values()))
    return offered


def kind_called(name: str) -> EntityKind:
    """Return a kind of entity that a plugin brings, by its name.

    Raises:
        UnknownName: if there is none of that name.
        BadInput: for one of the core's, whose entities change through verbs of their own.
    """
    if name in KINDS:
        raise BadInput(
            f"the kind {name!r} is argosy's own and changes through verbs of its own;"
            " `argosy --help` lists them"
        )
    return entity_kinds()[name]


def kind_of_table(table: str) -> EntityKind | None:
    """Return the kind of entity that a plugin brings as a table of that name, if one does."""
    return next((kind for kind in entity_kinds().values() if kind.table == table), None)


def kind_of_rows(kind: str) -> EntityKind | None:
    """Return the kind that rows of the ledger are of, unless its plugin is not installed here."""
    return entity_kinds().get(kind)


def as_payload(rows: pl.DataFrame, kind: EntityKind) -> pl.Series:
    """Return the columns of entities as one text each."""
    return rows.select(kind.schema.names).to_struct("payload").struct.json_encode()


def from_payload(rows: pl.DataFrame, kind: EntityKind) -> pl.DataFrame:
    """Return entities with the columns of their kind in place of `payload`.

    Args:
        rows: `payload`, and besides only what no column of a kind can be called.
        kind: of the entities.

    Raises:
        PluginError: where these are not those that were written.
    """
    types = pl.Struct(pl.DataFrame(kind.schema.empty_table()).schema)
    try:
        decoded = rows.with_columns(pl.col("payload").str.json_decode(types))
        return decoded.unnest("payload")
    except pl.exceptions.PolarsError as error:
        raise PluginError(
            f"{origin('entity_kinds', kind.name)} cannot read what the fleet holds of it"
            f" ({str(error).splitlines()[0]}): a column may be added or dropped, never change its"
            " type; install the release that wrote it"
        ) from error


@lru_cache(maxsize=8)
def _refuse_unfit(kinds: tuple[EntityKind, ...]) -> None:
    tables: dict[str, str] = {}
    for kind in kinds:
        fault = _fault(kind)
        if kind.table in tables:
            other = origin("entity_kinds", tables[kind.table])
            fault = f"has the table {kind.table!r}, and so has {other}"
        if fault:
            raise PluginError(
                f"{origin('entity_kinds', kind.name)} {fault}; change it, or leave the plugin out"
                f" with {BLOCK}"
            )
        tables[kind.table] = kind.name


def _fault(kind: EntityKind) -> str | None:
    """Say why a kind cannot be kept."""
    for what, name in (("name", kind.name), ("table", kind.table)):
        if not _NAME.fullmatch(name):
            return f"has the {what} {name!r}, which is not lowercase letters, digits and _"
    if kind.name in KINDS:
        return "has the name of a kind of argosy's own"
    if kind.table in _TABLES:
        return f"has the table {kind.table!r}, and argosy has a table of that name"
    names = kind.schema.names
    taken = [name for name in names if name in _RESERVED or names.count(name) > 1]
    taken += [name for name in kind.key if name in _OF_OUTCOMES]
    if taken:
        return f"has a column {taken[0]!r}, which is taken"
    if not kind.key or not set(kind.key) <= set(names) or len(set(kind.key)) < len(kind.key):
        return f"has the key {kind.key!r}, which is not some of its columns"
    for field in kind.schema:
        if not _is_kept(field.type):
            return f"has a column {field.name!r} of {field.type}, which cannot be kept"
    for name in kind.key:
        if not _is_one(kind.schema.field(name).type, _TELLING):
            return f"has {name!r} in its key, and a {kind.schema.field(name).type} tells none apart"
    return None


def _is_kept(type_: pa.DataType) -> bool:
    if of.is_map(type_):
        return of.is_string(type_.key_type) and _is_kept(type_.item_type)
    if of.is_list(type_) or of.is_large_list(type_):
        return _is_kept(type_.value_type)
    if of.is_struct(type_):
        return all(_is_kept(type_.field(place).type) for place in range(type_.num_fields))
    return _is_one(type_, _KEPT)


def _is_one(type_: pa.DataType, kinds: tuple[object, ...]) -> bool:
    return any(is_(type_) for is_ in kinds) and not any(is_(type_) for is_ in _NOT_KEPT)  # type: ignore[operator]
