"""Read the table of a change from a file, so that its values are what is written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyError, BadInput
from argosy.plugins import installed
from argosy.registry.csv_text import read_csv
from argosy.registry.frames import as_frame
from argosy.registry.json_lines import read_json_lines
from argosy.store.damage import FAULTS
from argosy.store.location import absolute

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON_LINES = (".jsonl", ".ndjson")


def read_table(path: str, options: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read a table of registrations, bindings or the like from a file of any format of tables.

    A CSV is read as text, and JSON lines keep the types that JSON gives them; other formats are
    read by their source.

    Args:
        path: a path or URL; its ending says the format.
        options: what a store elsewhere needs to be reached, as polars takes them.

    Raises:
        BadInput: if the file is missing, of another kind or not readable.
    """
    url = absolute(path)
    ending = url.lower()
    try:
        if ending.endswith(".csv"):
            return read_csv(_content(url, options), path)
        if ending.endswith(_JSON_LINES):
            rows = read_json_lines(_content(url, options), path)
            return as_frame(rows, f"be read from {path}")
        return _scanned(url, path, options)
    except ArgosyError:
        raise
    except FileNotFoundError as error:
        raise BadInput(f"there is no file {path!r}") from error
    except FAULTS as error:  # a stranger's source may raise anything
        told = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput(f"cannot read {path!r}: {told[0]}") from error


def _scanned(url: str, path: str, options: Mapping[str, str] | None) -> pl.DataFrame:
    sources = installed().sources
    suffixes = {suffix: source for source in sources.values() for suffix in source.suffixes}
    found = next((source for end, source in suffixes.items() if url.lower().endswith(end)), None)
    if found is None:
        raise BadInput(
            f"cannot tell the format of {path!r}; name a file that ends in one of"
            f" {', '.join(sorted({*suffixes, '.csv', *_JSON_LINES}))}"
        )
    return found.scan(url, options or {}).collect()


def _content(url: str, options: Mapping[str, str] | None) -> bytes:
    if "://" not in url:
        return Path(url).read_bytes()
    lines = pl.scan_lines(url, storage_options=dict(options or {}) or None).collect()
    return "\n".join(lines.to_series().fill_null("")).encode()
