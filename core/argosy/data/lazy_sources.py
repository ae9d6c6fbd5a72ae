"""Name a source for what it does when its rows are read, long after it was called.

A source answers with a lazy frame, which is read deep inside the engine. What the engine does by
itself is no fault of the source; but where its plan calls Python, that is the source's own code,
and it is called as all that strangers wrote: with a limit of time, a breadcrumb and a name.
"""

from __future__ import annotations

import re
from contextvars import copy_context
from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from argosy.data.guard import query_of
from argosy.plugins import call

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = re.compile(r"^\s*(PYTHON SCAN|OPAQUE_PYTHON)|python_udf|\.map_", re.MULTILINE)
"""How a plan shows that it calls Python."""


def calls_python(rows: pl.LazyFrame) -> bool:
    """Whether reading what a source answered calls code of its own.

    >>> calls_python(pl.LazyFrame({"a": [1]}).map_batches(lambda part: part))
    True
    """
    return _PYTHON.search(rows.explain(optimized=False)) is not None


def named(rows: pl.LazyFrame, format: str) -> pl.LazyFrame:  # noqa: A002
    """Return the same table; what goes wrong when it is read is told by the source.

    Args:
        rows: what a source answered.
        format: of the source.

    Collecting it raises PluginError, naming the source.
    """
    surroundings = copy_context()  # the engine reads in threads of its own

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        query = query_of(rows, columns, predicate, most)
        yield surroundings.copy().run(
            lambda: call("sources", format, query.collect, answers=pl.DataFrame)
        )

    return register_io_source(read, schema=rows.collect_schema())
