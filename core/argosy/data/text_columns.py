"""Which types columns of text have that a condition names: asked when data is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.data.sources import HELD, spelling_of
from argosy.data.text_tables import typed_table
from argosy.plugins import call
from argosy.registry.writing import source_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from argosy.store.location import Location


def text_columns(
    binding: Mapping[str, Any], location: Location, names: Collection[str]
) -> dict[str, pl.DataType]:
    """Return the types that columns of a table of text have by all of their values.

    They are those that a filter sees, for which a column of numbers is one, whatever it names.

    Args:
        binding: of some models, to a format without types.
        location: the fleet's.
        names: of columns that are there.
    """
    source, url = source_of(binding), binding["url"]
    options = location.table_options(url)
    scan = source.scan_text or source.scan
    text = call("sources", source.format, scan, url, options, answers=pl.LazyFrame)
    spelling = spelling_of({name: binding.get(name) for name in ("decimal", "nulls")})
    rows = typed_table(text.select(by_name(*names)), spelling, held=location.size(url) <= HELD)
    return dict(rows.collect_schema())
