"""How polars opens each format; it is imported when a table is opened, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl


def scanned_by(name: str) -> Callable[[str, Mapping[str, str]], pl.LazyFrame]:
    """Return how one table is opened by the function of polars that has this name."""

    def scan(url: str, options: Mapping[str, str]) -> pl.LazyFrame:
        import polars as pl

        from argosy_files.elsewhere import reached

        place = url if name == "scan_delta" else reached(url, options)
        own = dict(options) if place is url else {}
        frame: pl.LazyFrame = getattr(pl, name)(place, storage_options=own or None)
        return frame

    return scan


def scanned_together_by(
    name: str,
) -> Callable[[Sequence[str], Mapping[str, str], str], pl.LazyFrame]:
    """Return how files of one shape are opened together."""

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


def spans_of(format: str) -> Callable[[str, Mapping[str, str], str], pl.DataFrame | None]:  # noqa: A002
    """Return how a format tells which rows lie together."""

    def spans(url: str, options: Mapping[str, str], column: str) -> pl.DataFrame | None:
        from argosy_files import spans

        found: pl.DataFrame | None = getattr(spans, format)(url, options, column)
        return found

    return spans
