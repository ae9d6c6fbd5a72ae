"""Open CSV files: every column as the text that is written, which argosy gives types by the whole.

The separator is told by the first two lines where they leave no doubt: one of `;`, tab and `|`
stands in both of them equally often, and no comma in the first.
"""

from __future__ import annotations

import io
import os
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.data.datasets import FAULTS
from argosy.data.text_tables import typed_table
from argosy.data.text_types import Spelling
from argosy.types import SameColumns, Written
from argosy_files import buckets
from argosy_files.elsewhere import reached
from argosy_files.encodings import (
    BEGINNING,
    PACKED,
    decoded,
    encoding_in,
    encoding_of,
    explain_encoding,
    refuse_letters,
    refuse_other_letters,
)
from argosy_files.joined import small
from argosy_files.joined_tables import joined_tables
from argosy_files.paths import found, local

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SUFFIXES = (".csv",)
_HELD = 2**28
"""Bytes that are held in memory between finding types and reading."""
_ASK_AT_ONCE = 16
_OTHERS = (";", "\t", "|")


class Head(NamedTuple):
    """What the first lines of a file say."""

    line: bytes
    """The first; empty where it cannot be compared with that of another file."""
    separator: str

    @property
    def plain(self) -> bool:
        """Whether its names are surely told apart, and as the engine reads them."""
        names = self.line.strip().split(self.separator.encode())
        odd = b'""' in self.line or b"\0" in self.line
        return bool(self.line) and not odd and len(set(names)) == len(names)


def scan(written: Written, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """Open a file, a folder or a glob, with types."""
    text = scan_text(written, url, options)
    held = not local(url) or sum(map(os.path.getsize, found(url, _SUFFIXES).paths)) <= _HELD
    return typed_table(text, Spelling(), held=held)


def scan_text(written: Written, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """Open a file, a folder or a glob, with text as it is written."""
    if not local(url):
        there = reached(url, options)
        files = buckets.found(url, _SUFFIXES, options)
        if files is not None:
            return _in_buckets(files.paths, options, written)
        if isinstance(there, str):
            rows = _opened(url, written.separator or ",", storage_options=dict(options) or None)
            return _renamed(rows)
        return _joined([content.read() for content in there], written)
    paths = found(url, _SUFFIXES).paths
    if any(encoding_of(path, written.encoding) for path in paths):
        return _joined([Path(path).read_bytes() for path in paths], written)
    for path in paths:
        refuse_other_letters(path)
    heads = [head(path, written.separator) for path in paths]
    runs: list[tuple[Head, list[str]]] = []
    for path, own in zip(paths, heads, strict=True):
        if runs and own.line and runs[-1][0] == own:
            runs[-1][1].append(path)
        else:
            runs.append((own, [path]))
    parts = [
        rows if own.plain else _renamed(rows)
        for own, rows in (
            (own, _opened(members, own.separator, glob=False)) for own, members in runs
        )
    ]
    return parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal")


def _in_buckets(urls: Sequence[str], options: Mapping[str, str], written: Written) -> pl.LazyFrame:
    beginnings = buckets.contents(urls, options, BEGINNING)
    if any(encoding_in(each, written.encoding) for each in beginnings):
        return _joined(buckets.contents(urls, options), written)
    parts = []
    for url, beginning in zip(urls, beginnings, strict=True):
        refuse_letters(beginning, url)
        own = _head(io.BytesIO(beginning), written.separator)
        more = {"glob": False, "storage_options": dict(options) or None}
        parts.append(_renamed(_opened(url, own.separator, **more)))
    return parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal")


def scan_files(
    written: Written, urls: Sequence[str], options: Mapping[str, str], column: str
) -> list[SameColumns]:
    """Open files with text as it is written, those of the very same header together."""
    alike: dict[Head, list[str]] = defaultdict(list)
    with ThreadPoolExecutor(_ASK_AT_ONCE) as threads:  # started for files elsewhere only
        heads = [
            _told(url, written)
            if local(url)
            else threads.submit(copy_context().run, _elsewhere, url, options, written)
            for url in urls
        ]
        for url, asked in zip(urls, heads, strict=True):
            own = asked.result() if isinstance(asked, Future) else asked
            if own is not None:
                alike[own].append(url)
    return [
        SameColumns(tuple(members), _together(members, own, options, column))
        for own, members in alike.items()
    ]


def _together(paths: list[str], own: Head, options: Mapping[str, str], column: str) -> pl.LazyFrame:
    if own.line.strip() and all(local(path) and small(path) for path in paths):
        return joined_tables(paths, own.line, own.separator, column)
    return _opened(
        paths,
        own.separator,
        glob=False,
        include_file_paths=column,
        storage_options=dict(options) or None,
    )


def explain(written: Written, url: str, _options: Mapping[str, str], error: str) -> str | None:
    """Say in our words why a file cannot be read, or None where the engine's have to do."""
    if "invalid utf-8" in error.lower():
        return explain_encoding(url, _SUFFIXES)
    if "more fields than defined" in error and local(url):
        return _ragged(url, written)
    if ("malformed" in error or "could not parse" in error) and local(url):
        return _open_quote(url, written)
    if "empty CSV" in error:
        return f"{url} is empty: it has not even a header"
    return None


def head(path: str, separator: str | None) -> Head:
    """Read the first lines of a file on this machine."""
    with open(path, "rb") as file:  # noqa: PTH123  (thousands of them)
        return _head(file, separator)


def _head(file: IO[bytes], separator: str | None) -> Head:
    first, second = file.readline(), file.readline()
    if first.startswith(PACKED):
        return Head(b"", separator or ",")
    whole = b"" if first.count(b'"') % 2 else first
    return Head(whole, separator or _separator(first, second))


def _separator(first: bytes, second: bytes) -> str:
    one, two = _bare(first), _bare(second)
    if "," in one:
        return ","
    able = [
        mark
        for mark in _OTHERS
        if mark in one and (not two.strip() or two.count(mark) == one.count(mark))
    ]
    return able[0] if len(able) == 1 else ","


def _bare(line: bytes) -> str:
    """Leave what stands outside of quotes."""
    return "".join(line.decode("latin-1").split('"')[::2])


def _told(url: str, written: Written) -> Head | None:
    """Return the head of a file that can be read beside others, or None."""
    if encoding_of(url, written.encoding):
        return None
    try:
        own = head(url, written.separator)
    except OSError:
        return None
    return own if own.plain else None


def _elsewhere(url: str, options: Mapping[str, str], written: Written) -> Head | None:
    """Return the same of a file that is not on this machine."""
    if written.encoding is not None:
        return None
    separator = written.separator or ","
    try:
        if buckets.in_bucket(url):
            (beginning,) = buckets.contents([url], options, BEGINNING)
            own = _head(io.BytesIO(beginning), written.separator)
            return own if own.plain and not encoding_in(beginning, None) else None
        rows = _opened(url, separator, glob=False, storage_options=dict(options) or None)
        names = rows.collect_schema().names()
        return Head(repr(names).encode(), separator) if _names(names) == names else None
    except FAULTS:  # whoever reads it by itself says what is wrong
        return None


def _opened(source: object, separator: str, **options: object) -> pl.LazyFrame:
    return pl.scan_csv(source, separator=separator, infer_schema=False, **options)  # type: ignore[arg-type]


def _renamed(rows: pl.LazyFrame) -> pl.LazyFrame:
    names = rows.collect_schema().names()
    return rows.rename(dict(zip(names, _names(names), strict=True)))


def _names(read: list[str]) -> list[str]:
    """Return what columns are called, those of one name by number, so that it means none of them.

    >>> _names(["t", "t_duplicated_0", 'a""b'])
    ['t (1)', 't (2)', 'a"b']
    """
    first = {name for name in read if f"{name}_duplicated_0" in read}
    found = []
    for name in read:
        bare, mark, number = name.rpartition("_duplicated_")
        again = mark and bare in first and number.isdigit()
        called = f"{bare} ({int(number) + 2})" if again else f"{name} (1)" * (name in first) or name
        found.append(called.replace('""', '"'))
    return found


def _joined(contents: list[bytes], written: Written) -> pl.LazyFrame:
    parts = [
        _renamed(_opened(text, _head(io.BytesIO(text), written.separator).separator))
        for text in (decoded(content, written.encoding) for content in contents)
    ]
    return parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal")


def _open_quote(url: str, written: Written) -> str | None:
    """Name the first line from which on all quotes stand the wrong way round."""
    for path in found(url, _SUFFIXES).paths:
        start = None
        text = decoded(Path(path).read_bytes(), written.encoding)
        for number, line in enumerate(text.splitlines(), 1):
            if line.count(b'"') % 2:
                start = number if start is None else None
        if start is not None:
            return (
                f"line {start} of {path} has a quote that nothing closes; quote values that hold"
                " one, and write it twice"
            )
    return None


def _ragged(url: str, written: Written) -> str | None:
    """Name the first line that has more values than the header."""
    import csv

    for path in found(url, _SUFFIXES).paths:
        text = decoded(Path(path).read_bytes(), written.encoding).decode("utf-8", "replace")
        own = head(path, written.separator)
        lines = csv.reader(io.StringIO(text), delimiter=own.separator)
        names = next(lines, [])
        for values in lines:
            if len(values) > len(names):
                return (
                    f"line {lines.line_num} of {path} has {len(values)} values, and its header"
                    f" {len(names)} names; quote values that hold {own.separator!r}, or name the"
                    " `separator`"
                )
    return None
