"""Open files of JSON lines, with types by the whole file.

Many files are read in one pass, with the columns of the first one, in half the time that it takes
to ask each file first. The engine raises over a value of another type, but takes a whole number for
one with a fraction, leaves out columns that it was not told of, and fills in those that are
missing. So it is proven afterwards of each file that it has these very columns: every line names
all of them and no other, and of each there is a value that no other type would hold. Files without
this proof are left to be read by themselves.
"""

from __future__ import annotations

import glob
import json
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import FAULTS
from argosy.types import SameColumns, Written
from argosy_files import buckets
from argosy_files.elsewhere import reached
from argosy_files.encodings import decoded, encoding_in, encoding_of, explain_encoding, has_mark
from argosy_files.joined import Batch, batches, count, owned, small
from argosy_files.one_table import common_schema
from argosy_files.paths import found, local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

_SUFFIXES = (".jsonl", ".ndjson")
_ROUNDS = 4
"""So many shapes of files are looked for; what is left is read file by file."""
_FEW = 2
_SHOWN = 80
_IN_PYTHON = {pl.Int64: int, pl.Float64: float, pl.String: str, pl.Boolean: bool}
"""What a value of each type is in Python; files with columns of others are read by themselves."""


def scan(written: Written, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """Open a file, a folder or a glob."""
    if not local(url):
        return _elsewhere(written, url, options)
    paths = found(url, _SUFFIXES).paths
    sources: list[Any] = [glob.escape(path) for path in paths]
    if any(_rewritten(path, written) for path in paths):
        sources = [decoded(Path(path).read_bytes(), written.encoding) for path in paths]
    return _of_one_table(paths, sources)


def _elsewhere(written: Written, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    there = reached(url, options)
    own = (dict(options) or None) if there is url else None
    files = buckets.found(url, _SUFFIXES, options)
    if files is None:
        return _opened(there, infer_schema_length=None, storage_options=own)
    beginnings = buckets.contents(files.paths, options, len(BOM_UTF8) + 1)
    odd = [encoding_in(each, written.encoding) or each.startswith(BOM_UTF8) for each in beginnings]
    odd += [glob.has_magic(path) for path in files.paths]  # the engine takes it for a pattern
    if any(odd):
        texts = buckets.contents(files.paths, options)
        return _of_one_table(files.paths, [decoded(text, written.encoding) for text in texts])
    return _of_one_table(files.paths, files.paths, storage_options=own)


def _of_one_table(paths: Sequence[str], sources: Sequence[Any], **more: Any) -> pl.LazyFrame:  # noqa: ANN401
    """Read files in their order, as the types that they have in common."""
    parts = [_opened(source, infer_schema_length=None, **more) for source in sources]
    if len(parts) == 1:
        return parts[0]
    whole = common_schema(paths, [part.collect_schema() for part in parts])
    return pl.concat([_opened(source, schema=whole, **more) for source in sources])


def scan_files(
    written: Written, urls: Sequence[str], _options: Mapping[str, str], column: str
) -> list[SameColumns]:
    """Read files, those with the very same columns together."""
    able = [url for url in urls if _able(url, written)]
    alike: list[SameColumns] = []
    for _ in range(_ROUNDS):
        if len(able) < _FEW:
            break
        try:
            group = _like_first(able, column)
        except FAULTS:  # the first one is broken, or one that went meanwhile
            group = None
        taken = {able[0], *(group.urls if group else ())}
        alike += [group] if group else []
        able = [path for path in able if path not in taken]
    return alike


def explain(written: Written, url: str, _options: Mapping[str, str], error: str) -> str | None:
    """Say in our words why a file cannot be read, or None where the engine's have to do."""
    if not local(url):
        return None
    told = explain_encoding(url, _SUFFIXES)
    if told is not None and written.encoding is None:
        return told
    for path in found(url, _SUFFIXES).paths:
        told = _first_fault(path)
        if told is not None:
            return told
    return None


def _opened(source: Any, **options: Any) -> pl.LazyFrame:  # noqa: ANN401
    return pl.scan_ndjson(source, **options)


def _rewritten(path: str, written: Written) -> bool:
    """Whether a file has to be made plain UTF-8 before it is read."""
    return encoding_of(path, written.encoding) is not None or has_mark(path)


def _able(url: str, written: Written) -> bool:
    """Whether a file may be read beside others."""
    try:
        return local(url) and not _rewritten(url, written) and small(url)
    except OSError:
        return False


def _like_first(paths: list[str], column: str) -> SameColumns | None:
    """Read files that have the columns of the first one; None where none can be proven to."""
    schema = _opened(glob.escape(paths[0]), infer_schema_length=None).collect_schema()
    if column in schema or not all(kind in _IN_PYTHON for kind in schema.values()):
        return None
    found = (
        Batch(own, [_ended(content) for content in contents]) for own, contents in batches(paths)
    )
    parts = [part for batch in found for part in _proven(batch, schema)]
    if not parts:
        return None
    members = tuple(path for own, _, _ in parts for path in own)
    lengths = np.concatenate([lengths for _, lengths, _ in parts])
    rows = pl.concat([rows for _, _, rows in parts])
    return SameColumns(members, rows.with_columns(owned(column, pl.Enum(members), 0, lengths)))


def _ended(content: bytes) -> bytes:
    """Leave out empty lines at the end."""
    return content.rstrip() + b"\n" if content.endswith((b"\n\n", b"\n\r\n")) else content


def _proven(batch: Batch, schema: pl.Schema) -> Iterator[tuple[list[str], Ints, pl.DataFrame]]:
    """Yield files that are proven to have some columns, how many rows each has, and the rows."""
    lengths = batch.lines
    try:
        rows = _opened(b"".join(batch.contents), schema=schema).collect()
        apart = rows.height != lengths.sum()
    except FAULTS:  # one of them is broken, or of other types
        apart = True
    if apart:
        for half in batch.halves() if len(batch.paths) > 1 else ():
            yield from _proven(half, schema)
        return
    nulls = _nulls(rows, lengths)
    each = zip(batch.contents, lengths.tolist(), nulls.tolist(), strict=True)
    firsts = [_first_names_all(*one, schema) for one in each]
    named = np.array([first is not None for first in firsts])
    proven = named & _of_one_type(rows, lengths, [first or {} for first in firsts])
    if proven.any():
        members = [path for path, sure in zip(batch.paths, proven, strict=True) if sure]
        own = rows if proven.all() else rows.filter(np.repeat(proven, lengths))
        yield members, lengths[proven], own


def _of_one_type(rows: pl.DataFrame, lengths: Ints, firsts: list[dict[str, Any]]) -> Flags:
    """Whether the values of each file can be of no other type, as its first line mostly shows."""
    proven = np.ones(len(lengths), bool)
    for values in rows:
        kind = _IN_PYTHON[values.dtype.base_type()]
        told = np.array([type(first.get(values.name)) is kind for first in firsts])
        if values.dtype != pl.String and not told.all():
            telling = values.is_not_null()
            if values.dtype == pl.Float64:
                telling &= values != values.floor()
            owners = np.repeat(np.arange(len(lengths)), lengths)
            told[owners[telling.fill_null(value=False).to_numpy()]] = True
        proven &= told
    return proven


def _nulls(rows: pl.DataFrame, lengths: Ints) -> Ints:
    """Count the missing values of each file."""
    found = np.zeros(len(lengths), np.int64)
    for values in rows:
        if values.null_count():
            owners = np.repeat(np.arange(len(lengths)), lengths)
            found += np.bincount(owners[values.is_null().to_numpy()], minlength=len(lengths))
    return found


def _first_names_all(
    content: bytes, lines: int, nulls: int, schema: pl.Schema
) -> dict[str, Any] | None:
    """Return the first line of a file if each line names every column and no other, else None."""
    named = lines * len(schema)
    if count(content, b":") != named:
        names = content.count(b'":')
        if names != named and names + content.count(b'" :') != named:
            return None
    if nulls and not _each_named(content, lines, nulls, schema):
        return None
    try:
        first = json.loads(content[: content.index(b"\n")])
    except ValueError:
        return None
    return first if list(first) == list(schema) else None


def _each_named(content: bytes, lines: int, nulls: int, schema: pl.Schema) -> bool:
    """Whether all values that are missing in a file are written as null."""
    if content.count(b":null") + content.count(b": null") != nulls:
        return False
    names = [json.dumps(name, ensure_ascii=False).encode() for name in schema]
    return all(content.count(name + b":") + content.count(name + b" :") == lines for name in names)


def _first_fault(path: str) -> str | None:
    """Name the first line that is no JSON object."""
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            if not text:
                continue
            try:
                row = json.loads(text, parse_constant=_refuse)
            except _NotJson as error:
                return (
                    f"line {number} of {path} holds {error}, which is no JSON; write null where a"
                    " value is missing"
                )
            except ValueError:
                return f"line {number} of {path} is no JSON: {text[:_SHOWN]!r}"
            if not isinstance(row, dict):
                return f"line {number} of {path} is no object with names: {text[:_SHOWN]!r}"
    return None


class _NotJson(Exception):
    """A word for a number that JSON does not have."""


def _refuse(word: str) -> None:
    raise _NotJson(word)
