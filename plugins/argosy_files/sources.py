"""The sources that are offered, none of which imports the engine before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.types import Source, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def sources() -> Iterator[Source]:
    """Yield what polars scans."""
    yield Source(
        "parquet",
        (".parquet", ".pq"),
        _late("scanning", "PARQUET.scan"),
        _late("scanning", "PARQUET.scan_files"),
        _late("spans", "parquet"),
    )
    yield _csv(Written())
    yield _json_lines(Written())
    yield Source(
        "arrow",
        (".arrow", ".feather", ".ipc"),
        _late("scanning", "ARROW.scan"),
        _late("scanning", "ARROW.scan_files"),
    )
    yield Source(
        "delta",
        (),
        _late("scanning", "scan_delta"),
        spans=_late("spans", "delta"),
        explain=_late("scanning", "explain_delta"),
    )


def _csv(written: Written) -> Source:
    """Return the source of CSV files that are written in some way."""
    return Source(
        "csv",
        (".csv",),
        _late("separated", "scan", written),
        _late("separated", "scan_files", written),
        scan_text=_late("separated", "scan_text", written),
        explain=_late("separated", "explain", written),
        written=_csv,
        raises_only=True,
        options=("separator", "encoding"),
    )


def _json_lines(written: Written) -> Source:
    """Return the source of files of JSON lines that are written in some way."""
    return Source(
        "jsonl",
        (".jsonl", ".ndjson"),
        _late("json_lines", "scan", written),
        _late("json_lines", "scan_files", written),
        explain=_late("json_lines", "explain", written),
        written=_json_lines,
        raises_only=True,
        options=("encoding",),
    )


def _late(module: str, name: str, *first: object) -> Callable[..., Any]:
    """Return a function whose module is imported when it is called: the engine takes a while."""

    def function(*arguments: object) -> Any:  # noqa: ANN401
        from importlib import import_module
        from operator import attrgetter

        found = attrgetter(name)(import_module(f"argosy_files.{module}"))
        return found(*first, *arguments)

    return function
