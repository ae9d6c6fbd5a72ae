"""Find the rows of models in a table that they share, by the value of its key.

A key means the same whatever type the table stores it as (`argosy.kernels.values`): the model `7`
has the rows of 7, 7.0 and `7.0`, and the model `007` those of `007`. What is looked for is written
in the type of the column, so that parts of a table in which it cannot be are not read.
"""

from __future__ import annotations

import re

import polars as pl
import pyarrow as pa

from argosy.kernels.values import beside, spell, spelling, spelt

OWNER = "argosy_model"
KEY = "argosy_key"
"""The columns of `keyed`."""
_POINT = ".0"
_SPELT = r"^-?(?:0|[1-9][0-9]*)$"
_TEXT = (pl.String, pl.Categorical, pl.Enum)
_LOOKED_AT, _SHOWN = 10_000, 4
_NOT_HELD = (pa.ArrowException, OverflowError, TypeError, ValueError)


def keyed(models: pl.DataFrame, kind: pl.DataType) -> pl.DataFrame:
    """Return the value of the key that stands for each model, and its name in `argosy_model`.

    Args:
        models: `model` and `binding`.
        kind: the type of the column of the key.

    Returns:
        Keys as `argosy.kernels.values.spelt` writes those of the column.

    Example:
        >>> bound = pl.Series([{"key_value": None}, {"key_value": "True"}])
        >>> models = pl.DataFrame({"model": ["1", "b"], "binding": bound})
        >>> keyed(models, pl.Boolean()).rows()
        [('true', '1'), ('true', 'b')]
    """
    named = pl.coalesce(pl.col("binding").struct.field("key_value"), "model")
    keys = models.select(named.alias(KEY)).to_series()
    return pl.DataFrame([beside(spelt(keys), kind), models["model"].alias(OWNER)])


def in_kind(keys: pl.Series, kind: pl.DataType) -> pl.Series:
    """Return keys in the type of their column, null where it has no such value.

    Args:
        keys: as `keyed` returns them.
        kind: the type of the column.

    Example:
        >>> in_kind(pl.Series(["7", "007", "x"]), pl.Int8()).to_list()
        [7, None, None]
    """
    if kind in _TEXT:
        return keys
    if kind == pl.Boolean:
        return keys.replace_strict({"true": True, "false": False}, default=None)
    if isinstance(kind, pl.Datetime):
        whole = keys.str.replace(r"^(.{10})$", "${1} 00:00:00")
        unit = kind.time_unit
        read = whole.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit=unit)
        if kind.time_zone:
            read = read.dt.replace_time_zone("UTC").dt.convert_time_zone(kind.time_zone)
    elif kind == pl.Date:
        read = keys.str.to_date("%Y-%m-%d", strict=False)
    elif kind.is_numeric():
        read = keys.cast(kind, strict=False)
    else:
        return keys.clear(len(keys)).cast(kind)
    same = (spelt(read) == keys).fill_null(value=False)
    return read.set(~same, None)


def among(column: str, kind: pl.DataType, keys: pl.Series) -> pl.Expr:
    """Say whether a row's key is one of some; never null.

    Args:
        column: of the table.
        kind: its type.
        keys: as `keyed` returns them.
    """
    if kind in _TEXT:
        pointed = keys.filter(keys.str.contains(_SPELT)) + _POINT
        every = pl.concat([keys, pointed]).implode()
        return pl.col(column).cast(pl.String).is_in(every).fill_null(value=False)
    if not (kind.is_numeric() or kind in (pl.Boolean, pl.Date) or isinstance(kind, pl.Datetime)):
        found = spelling(pl.col(column), kind).is_in(keys.implode())
        return found.fill_null(value=False)
    own = in_kind(keys, kind).drop_nulls()
    return pl.col(column).is_in(own.implode()).fill_null(value=False)


def as_held(value: object, kind: pa.DataType) -> list[pa.Scalar]:
    """Return one value in every way in which a column of some Arrow type may hold it.

    >>> [each.as_py() for each in as_held(7.0, pa.string())], as_held("007", pa.int64())
    (['7', '7.0'], [])
    """
    try:
        return _as_held(value, kind)
    except (*_NOT_HELD, pl.exceptions.PolarsError):
        return []


def _as_held(value: object, kind: pa.DataType) -> list[pa.Scalar]:
    text = value if isinstance(value, str) and not value.endswith(_POINT) else spell(value)
    whole = re.match(_SPELT, text) is not None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [pa.scalar(each, kind) for each in ((text, text + _POINT) if whole else (text,))]
    if pa.types.is_integer(kind):
        return [pa.scalar(int(text), kind)] if whole else []
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [pa.scalar(value).cast(kind)]
    empty = pl.Series(pa.array([], kind))
    held = in_kind(beside(pl.Series([text]), empty.dtype), empty.dtype).drop_nulls()
    return [each.cast(kind) for each in held.to_arrow()]


def members(scan: pl.LazyFrame, key: str, keys: pl.Series) -> pl.LazyFrame:
    """Return a table's rows of some models, so that row groups of others are not read.

    Args:
        scan: the table.
        key: the column that tells models apart.
        keys: as `keyed` returns them.
    """
    kind = scan.collect_schema()[key]
    if kind == pl.String or kind.is_integer():
        own = in_kind(keys, kind)
        most = own.max()
        last = f"{most}{_POINT}" if isinstance(most, str) else most
        scan = scan.filter(pl.col(key).is_between(pl.lit(own.min()), pl.lit(last)))
    return scan.filter(among(key, kind, keys))


def few_keys(scan: pl.LazyFrame, key: str) -> str:
    """Return the first few keys of a table to be told; nothing where it has none.

    >>> few_keys(pl.LazyFrame({"k": [2.0, 2.0, 1.0]}), "k")
    "'2', '1'"
    """
    rows = scan.select(key).head(_LOOKED_AT).collect()
    known = rows[key].drop_nulls().unique(maintain_order=True)
    more = " …" if len(known) > _SHOWN else ""
    return ", ".join(f"'{word}'" for word in spelt(known.head(_SHOWN))) + more
