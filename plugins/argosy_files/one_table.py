"""Read files of one table that differ in their columns, as the types that they have in common."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import DataError
from argosy_files.zones import understood

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from polars._typing import TimeUnit

_WORDS = {"String": "text", "Boolean": "true and false", "Null": "nothing"}
_UNITS = ("ns", "us", "ms")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def one_table(
    paths: Sequence[str],
    schemas: Sequence[pl.Schema],
    scan: Callable[[list[str], pl.Schema], pl.LazyFrame],
) -> pl.LazyFrame:
    """Return the rows of files, in their order; a column that one lacks is null there.

    Args:
        paths: of the files.
        schemas: of each.
        scan: opens neighbours of one schema.

    Raises:
        DataError: naming the column and two files, where types have nothing in common.
    """
    whole = common_schema(paths, schemas)
    parts = []
    for schema, members in groupby(zip(schemas, paths, strict=True), key=lambda pair: pair[0]):
        rows = scan([path for _, path in members], schema)
        own = [
            (pl.col(name) if name in schema else pl.lit(None)).cast(kind).alias(name)
            for name, kind in whole.items()
        ]
        parts.append(rows if schema == whole and list(schema) == list(whole) else rows.select(own))
    return parts[0] if len(parts) == 1 else pl.concat(parts)


def common_schema(paths: Sequence[str], schemas: Sequence[pl.Schema]) -> pl.Schema:
    """Return all columns, in the order in which they appear, with the types they have in common.

    Raises:
        DataError: naming the column and two files, where types have nothing in common.
    """
    found: dict[str, tuple[pl.DataType, str]] = {}
    for path, schema in zip(paths, schemas, strict=True):
        for name, kind in schema.items():
            known, where = found.get(name, (pl.Null(), path))
            both = kind if known == kind else common(known, kind)
            if both is None:
                raise DataError(
                    f"the column {name!r} is {_said(known)} in {where} and {_said(kind)} in {path};"
                    " write it as one type, or bind the files by themselves"
                )
            found[name] = both, where if both == known and known != pl.Null else path
    return pl.Schema(understood({name: kind for name, (kind, _) in found.items()}))


def common(one: pl.DataType, two: pl.DataType) -> pl.DataType | None:
    """Return the type that holds what two types hold, or None.

    >>> common(pl.Int32(), pl.Float32()), common(pl.Int64(), pl.String())
    (Float64, None)
    """
    for kind, other in ((one, two), (two, one)):
        if kind == pl.Null:
            return other
        if kind.is_unsigned_integer() and other.is_signed_integer():
            return pl.Int128() if kind == pl.UInt64 else _wider(one, two)
        if kind == pl.Float32 and other.is_integer():
            return pl.Float64()
    if isinstance(one, _TEXTS) and isinstance(two, _TEXTS):
        return pl.String()
    if one.is_temporal() and two.is_temporal():
        return _time(one, two)
    if one.is_numeric() and two.is_numeric():
        return _wider(one, two)
    if isinstance(one, pl.List) and isinstance(two, pl.List):
        inner = common(one.inner, two.inner)  # type: ignore[arg-type]
        return None if inner is None else pl.List(inner)
    return None


def _time(one: pl.DataType, two: pl.DataType) -> pl.DataType | None:
    """Return the type of times that keeps the fractions of both."""
    if isinstance(one, pl.Duration) and isinstance(two, pl.Duration):
        return pl.Duration(_finer(one.time_unit, two.time_unit))
    if isinstance(one, pl.Datetime) and isinstance(two, pl.Datetime):
        if (one.time_zone is None) != (two.time_zone is None):
            return None
        zone = one.time_zone if one.time_zone == two.time_zone else "UTC"
        return pl.Datetime(_finer(one.time_unit, two.time_unit), zone)
    for kind, other in ((one, two), (two, one)):
        if kind == pl.Date and isinstance(other, pl.Datetime) and other.time_zone is None:
            return other
    return None


def _finer(one: TimeUnit, two: TimeUnit) -> TimeUnit:
    return min(one, two, key=_UNITS.index)


def _wider(one: pl.DataType, two: pl.DataType) -> pl.DataType:
    empty = [pl.DataFrame(schema={"": kind}) for kind in (one, two)]
    return pl.concat(empty, how="vertical_relaxed").schema[""]


def _said(kind: pl.DataType) -> str:
    name = str(kind)
    if kind.is_integer():
        return f"a whole number ({name.lower()})"
    return _WORDS.get(name, f"of the type {name.lower()}")
