"""Open what a binding names, by the source of its format, as the binding says it is written.

A format without types is opened as text, and its columns get types by all values of the table
(`argosy.data.text_types`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.data.guard import guarded
from argosy.data.lazy_sources import calls_python, named
from argosy.data.text_tables import typed_table
from argosy.data.text_types import Spelling
from argosy.errors import DataError
from argosy.plugins import call
from argosy.registry.bindings import named_columns
from argosy.registry.writing import source_of
from argosy.sql.expression import row_filter
from argosy.store.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from argosy.store.location import Location

    Need = Callable[[list[str]], Collection[str]]

NAMING = ("key", "id", "version", "cluster")
"""The fields of a binding whose columns name something, as segments do."""
LABELS = ("truth", "prediction", "score")
"""The fields of a binding whose columns may hold classes."""
RESERVED = "argosy_"
"""Columns whose names begin so are ours; in the data they are left alone."""
_DIGITS = 38
_PATTERN = re.compile(r"\*$|\^.*\$$")
HELD = 2**28
"""Bytes of a table of text that is held in memory between finding its types and reading it."""


def spelling_of(binding: Mapping[str, Any]) -> Spelling:
    """Return how the values of a table of text are written, and what its columns are."""
    names = [binding.get(field) for field in NAMING] + list(binding.get("segments") or ())
    labels = [binding.get(field) for field in LABELS]
    return Spelling(
        binding.get("decimal"),
        tuple(binding.get("nulls") or ()),
        frozenset(name for name in names if name),
        frozenset(name for name in labels if name),
    )


def scanned(
    binding: Mapping[str, Any], location: Location, need: Need | None = None
) -> pl.LazyFrame:
    """Open the table at a binding's URL, its own rows only.

    Args:
        binding: of some models.
        location: the fleet's.
        need: which of the columns are needed, where types have to be found; defaults to all.

    Raises:
        DataError: if the fleet may not read there.
    """
    source, url, where = source_of(binding), binding["url"], binding.get("where")
    Origins(location).refuse(url)
    options = location.table_options(url)
    scan = source.scan_text or source.scan
    rows = call("sources", source.format, scan, url, options, answers=pl.LazyFrame)
    if source.scan_text is None:
        rows = _without_wide(rows, need)
    own_code = calls_python(rows)
    if not source.raises_only:
        rows = guarded(rows, [url], location)
    if own_code:
        rows = named(rows, source.format)
    if source.scan_text is None:
        rows = by_storage(rows)
        return rows.filter(row_filter(where)) if where else rows
    names = rows.collect_schema().names()
    if need is not None:
        asked = {*need(names), *(row_filter(where).meta.root_names() if where else ())}
        rows = rows.select(by_name([name for name in names if name in asked]))
    held = location.size(url) <= HELD
    return typed_table(rows, spelling_of(binding), where, held)


def by_storage(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return columns of extension types, such as JSON, as what they are stored as."""
    kinds = rows.collect_schema().items()
    extended = [name for name, kind in kinds if isinstance(kind, pl.BaseExtension)]
    return rows.with_columns(pl.col(name).ext.storage() for name in extended) if extended else rows


def too_wide(schema: Mapping[str, pl.DataType]) -> dict[str, pl.Decimal]:
    """Return the columns of numbers with more digits than the engine reads."""
    decimals = {name: kind for name, kind in schema.items() if isinstance(kind, pl.Decimal)}
    return {name: kind for name, kind in decimals.items() if kind.precision > _DIGITS}


def _without_wide(rows: pl.LazyFrame, need: Need | None) -> pl.LazyFrame:
    """Leave columns out that nothing can read.

    Raises:
        DataError: naming one that is needed.
    """
    wide = too_wide(rows.collect_schema())
    for name in need(list(wide)) if need is not None else ():
        raise DataError(
            f"the column {name!r} is decimal({wide[name].precision}, {wide[name].scale}), and no"
            f" more than {_DIGITS} digits can be read; write it with fewer, or declare the features"
            " without it"
        )
    return rows.drop(wide) if wide else rows


def refuse_reserved(binding: Mapping[str, Any], names: Collection[str]) -> None:
    """Raise if a binding names a column by a name that is ours, or that the engine misunderstands.

    Raises:
        DataError: naming the column.
    """
    for name in (*named_columns(binding).values(), *(binding["segments"] or ())):
        if name.startswith(RESERVED) and name in names:
            raise DataError(
                f"the column {name!r} has a name that begins with {RESERVED!r}, as only argosy's"
                " own columns do; rename it"
            )
        if name in names and _PATTERN.match(name):
            raise DataError(
                f"the engine would take the name of the column {name!r} for a pattern; rename it"
            )
