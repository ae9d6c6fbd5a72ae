"""Read the table of a change from a file, so that its values are what is written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyError, BadInput
from argosy.plugins import options as options_of
from argosy.plugins.settings import CORE
from argosy.registry.frames import as_frame
from argosy.registry.suffixes import by_suffix
from argosy.store.damage import FAULTS
from argosy.store.location import absolute
from argosy_cli.csv_text import read_csv, refuse_large
from argosy_cli.json_lines import read_json_lines

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
        BadInput: if the file is missing, of another kind, not readable, or larger than the option
            `core.largest_table` lets it be.
    """
    url = absolute(path)
    ending = url.lower()
    try:
        if ending.endswith(".csv"):
            return read_csv(_content(url, options), path, _most())
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
    suffixes = by_suffix()
    found = next((source for end, source in suffixes.items() if url.lower().endswith(end)), None)
    if found is None:
        raise BadInput(
            f"cannot tell the format of {path!r}; name a file that ends in one of"
            f" {', '.join(sorted({*suffixes, '.csv', *_JSON_LINES}))}"
        )
    if "://" not in url and Path(url).is_file() and Path(url).stat().st_size > _most():
        refuse_large(path, _most())
    return found.scan(url, options or {}).collect()


def _content(url: str, options: Mapping[str, str] | None) -> bytes:
    most = _most()
    if "://" not in url:
        with Path(url).open("rb") as file:  # perhaps a pipe, which has no size
            content = file.read(most + 1)
        if len(content) > most:
            refuse_large(url, most)
        return content
    lines = pl.scan_lines(url, storage_options=dict(options or {}) or None)
    size = lines.select(pl.all().str.len_bytes().sum() + pl.len()).collect(engine="streaming")
    if size.item() > most:
        refuse_large(url, most)
    return "\n".join(lines.collect().to_series().fill_null("")).encode()


def _most() -> int:
    return int(options_of(CORE).largest_table)
