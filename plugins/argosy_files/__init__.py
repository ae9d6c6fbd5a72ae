"""Read tables from Parquet, CSV, JSON lines, Arrow files and Delta tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_sources() -> Iterator[Source]:
    """Offer what polars scans."""
    from argosy_files.scanning import scanned_by, scanned_together_by, spans_of

    for name, suffixes, function in (
        ("parquet", (".parquet", ".pq"), "scan_parquet"),
        ("csv", (".csv",), "scan_csv"),
        ("jsonl", (".jsonl", ".ndjson"), "scan_ndjson"),
        ("arrow", (".arrow", ".feather", ".ipc"), "scan_ipc"),
    ):
        together = scanned_together_by(function)
        spans = spans_of("parquet") if name == "parquet" else None
        yield Source(name, suffixes, scanned_by(function), together, spans)
    yield Source("delta", (), scanned_by("scan_delta"), spans=spans_of("delta"))
