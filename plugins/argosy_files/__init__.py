"""Read tables from Parquet, CSV, JSON lines, Arrow files and Delta tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_sources() -> Iterator[Source]:
    """Offer what polars scans."""
    for name, suffixes, function in (
        ("parquet", (".parquet", ".pq"), "scan_parquet"),
        ("csv", (".csv",), "scan_csv"),
        ("jsonl", (".jsonl", ".ndjson"), "scan_ndjson"),
        ("arrow", (".arrow", ".feather", ".ipc"), "scan_ipc"),
    ):
        together = _scanned_together_by(function)
        spans = _spans("parquet") if name == "parquet" else None
        yield Source(name, suffixes, _scanned_by(function), together, spans)
    yield Source("delta", (), _scanned_by("scan_delta"), spans=_spans("delta"))


def _scanned_by(name: str) -> Callable[[str, Mapping[str, str]], pl.LazyFrame]:
    def scan(url: str, options: Mapping[str, str]) -> pl.LazyFrame:
        import polars as pl

        from argosy_files.elsewhere import reached

        place = url if name == "scan_delta" else reached(url, options)
        own = dict(options) if place is url else {}
        frame: pl.LazyFrame = getattr(pl, name)(place, storage_options=own or None)
        return frame

    return scan


def _scanned_together_by(
    name: str,
) -> Callable[[Sequence[str], Mapping[str, str], str], pl.LazyFrame]:
    def scan_files(urls: Sequence[str], options: Mapping[str, str], column: str) -> pl.LazyFrame:
        import polars as pl

        literal = {} if name == "scan_ndjson" else {"glob": False}
        frame: pl.LazyFrame = getattr(pl, name)(
            list(urls),
            storage_options=dict(options) or None,
            include_file_paths=column,
            **literal,
        )
        return frame

    return scan_files


def _spans(name: str) -> Callable[[str, Mapping[str, str], str], pl.DataFrame | None]:
    def spans(url: str, options: Mapping[str, str], column: str) -> pl.DataFrame | None:
        from argosy_files import spans

        found: pl.DataFrame | None = getattr(spans, name)(url, options, column)
        return found

    return spans
