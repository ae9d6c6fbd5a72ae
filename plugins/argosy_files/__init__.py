"""Read tables from Parquet, CSV, JSON lines, Arrow files and Delta tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Source

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_sources() -> Iterator[Source]:
    """Offer what polars scans."""
    from argosy_files.sources import sources

    yield from sources()
