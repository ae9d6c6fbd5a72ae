"""Which files are alike, so that one pass of the engine reads them, and whose rows are whose then.

What is read of a file is what it gives by itself, whatever files stand beside it: sources say which
ones have the very same columns (`argosy.types.SameColumns`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import (
    FAULTS,
)
from argosy.data.guard import guarded
from argosy.data.lazy_sources import calls_python, named
from argosy.data.sources import too_wide
from argosy.plugins import call
from argosy.registry.writing import source_of
from argosy.sql.expression import row_filter
from argosy.sql.refusal import RefusedSQL
from argosy.store.origins import Origins
from argosy.store.web import is_web
from argosy.types import SameColumns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy.store.location import Location

URL = "argosy_path"
"""The column that holds the URL of each row's file."""


def of_each_row(where: str | None) -> bool:
    """Whether a filter looks at each row by itself, whatever rows stand beside it."""
    try:
        return where is None or row_filter(where).meta.is_row_separable()
    except RefusedSQL:
        return False


def alike(binding: Mapping[str, Any], urls: list[str], location: Location) -> list[SameColumns]:
    """Return the files that are alike, their rows behind a guard, as far as their source says so.

    Args:
        binding: what the files have in common.
        urls: of the files.
        location: the fleet's.
    """
    source = source_of(binding)
    if source.scan_files is None:
        return []
    origins = Origins(location)
    urls = [url for url in urls if not is_web(url) and origins.fault(url) is None]
    options = location.table_options(binding["url"])
    offered = ("sources", source.format, source.scan_files)
    try:
        found = call(*offered, urls, options, URL, answers=list)
    except FAULTS:  # a stranger's source may raise anything
        return []
    asked, groups = set(urls), []
    for group in found:
        if not isinstance(group, SameColumns) or not asked.issuperset(group.urls):
            continue
        if isinstance(group.rows, pl.DataFrame):
            groups.append(group)
            continue
        with suppress(*FAULTS):
            if too_wide(group.rows.collect_schema()):
                continue
            rows = group.rows
            own_code = calls_python(rows)
            if not source.raises_only:
                rows = guarded(rows, list(group.urls), location)
            if own_code:
                rows = named(rows, source.format)
            groups.append(SameColumns(group.urls, rows))
    return groups


def taken_out(rows: pl.DataFrame) -> pl.DataFrame:
    """Take the column of URLs out of rows, and return its runs: each `value` and its `len`.

    A text per row is large, so that it is let go before the rows are worked on.
    """
    runs = rows.drop_in_place(URL).rle().struct.unnest()
    return runs.with_columns(pl.col("value").cast(pl.String))


def of_each(values: pl.Series, runs: pl.DataFrame) -> pl.Series:
    """Give each row the value of its run."""
    return values.gather(pl.Series(np.repeat(numbers(runs), runs["len"].to_numpy())))


def numbers(runs: pl.DataFrame) -> NDArray[np.uint32]:
    """Return a number for each run, as rows are gathered by."""
    return np.arange(runs.height, dtype=np.uint32)
