"""Read tables from Parquet, CSV, JSON lines, Arrow files and Delta tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_sources() -> Iterator[Source]:
    """Offer what polars scans."""
    yield Source("parquet", (".parquet", ".pq"), _scanned_by("scan_parquet"))
    yield Source("csv", (".csv",), _scanned_by("scan_csv"))
    yield Source("jsonl", (".jsonl", ".ndjson"), _scanned_by("scan_ndjson"))
    yield Source("arrow", (".arrow", ".feather", ".ipc"), _scanned_by("scan_ipc"))
    yield Source("delta", (), _scanned_by("scan_delta"))


def _scanned_by(name: str) -> Callable[[str, Mapping[str, str]], pl.LazyFrame]:
    def scan(url: str, options: Mapping[str, str]) -> pl.LazyFrame:
        import polars as pl

        frame: pl.LazyFrame = getattr(pl, name)(url, storage_options=dict(options) or None)
        return frame

    return scan
