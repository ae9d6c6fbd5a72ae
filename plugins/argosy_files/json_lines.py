"""Open files of JSON lines, with types by the whole file.

Many files are read in one pass, with the columns of the first one, in half the time that it takes
to ask each file first. The engine leaves out columns that it was not told of, and fills in those
that are missing, so that it is proven afterwards of each file that it has these very columns: every
line names all of them and no other, and of each there is a value that no other type would hold.
Files without this proof are left to be read by themselves.
"""

from __future__ import annotations

import glob
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import FAULTS
from argosy.types import SameColumns, Written
from argosy_files.elsewhere import reached
from argosy_files.encodings import decoded, encoding_of, explain_encoding
from argosy_files.one_table import common_schema
from argosy_files.paths import found, local

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

_SUFFIXES = (".jsonl", ".ndjson")
_ROUNDS = 4
"""So many shapes of files are looked for; what is left is read file by file."""
_FEW = 2
_HALVINGS = 3
"""How often files are parted to find the ones that cannot be read beside others."""
_SHOWN = 80
_PLAIN = (pl.Int64, pl.Float64, pl.String, pl.Boolean)


def scan(written: Written, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """Open a file, a folder or a glob."""
    if not local(url):
        there = reached(url, options)
        own = dict(options) if there is url else {}
        return _opened(there, infer_schema_length=None, storage_options=own or None)
    paths = found(url, _SUFFIXES).paths
    sources: list[Any] = [glob.escape(path) for path in paths]
    if any(encoding_of(path, written.encoding) for path in paths):
        sources = [decoded(Path(path).read_bytes(), written.encoding) for path in paths]
    if len(sources) == 1:
        return _opened(sources[0], infer_schema_length=None)
    schemas = [_opened(source, infer_schema_length=None).collect_schema() for source in sources]
    whole = common_schema(paths, schemas)
    return pl.concat([_opened(source, schema=whole) for source in sources])


def scan_files(
    written: Written, urls: Sequence[str], _options: Mapping[str, str], column: str
) -> list[SameColumns]:
    """Read files, those with the very same columns together."""
    able = [url for url in urls if local(url) and not encoding_of(url, written.encoding)]
    return _grouped(able, column, _HALVINGS)


def explain(_: Written, url: str, _options: Mapping[str, str], error: str) -> str | None:
    """Say in our words why a file cannot be read, or None where the engine's have to do."""
    if not local(url):
        return None
    if "utf-8" in error.lower() or "utf8" in error.lower():
        return explain_encoding(url, _SUFFIXES)
    for path in found(url, _SUFFIXES).paths:
        told = _first_fault(path)
        if told is not None:
            return told
    return None


def _opened(source: Any, **options: Any) -> pl.LazyFrame:  # noqa: ANN401
    return pl.scan_ndjson(source, **options)


def _grouped(paths: list[str], column: str, halvings: int) -> list[SameColumns]:
    alike: list[SameColumns] = []
    for _ in range(_ROUNDS):
        if len(paths) < _FEW:
            break
        try:
            group = _like_first(paths, column)
        except FAULTS:  # one of them is broken, or of other types
            if halvings:
                for half in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
                    alike += _grouped(half, column, halvings - 1)
            break
        taken = {paths[0]}
        if group is not None:
            alike.append(group)
            taken.update(group.urls)
        paths = [path for path in paths if path not in taken]
    return alike


def _like_first(paths: list[str], column: str) -> SameColumns | None:
    """Read files that have the columns of the first one; None where none can be proven to."""
    schema = _opened(glob.escape(paths[0]), infer_schema_length=None).collect_schema()
    if not all(kind in _PLAIN for kind in schema.values()):
        return None
    sources = [glob.escape(path) for path in paths]
    rows = _opened(sources, schema=schema, include_file_paths=column).collect()
    runs = rows[column].cast(pl.String).rle().struct.unnest()
    lengths = runs["len"].to_numpy().astype(np.int64)
    values = rows.drop(column)
    proven = _of_one_type(values, lengths)
    nulls = _nulls(values, lengths)
    for place in np.flatnonzero(proven):
        content = Path(runs["value"][int(place)]).read_bytes()
        proven[place] = _names_all(content, int(lengths[place]), int(nulls[place]), schema)
    if not proven.any():
        return None
    members = tuple(runs["value"].filter(pl.Series(proven)))
    whole = bool(proven.all())
    return SameColumns(members, rows if whole else rows.filter(np.repeat(proven, lengths)))


def _of_one_type(rows: pl.DataFrame, lengths: Ints) -> Flags:
    """Whether the numbers and truth values of each file can be of no other type."""
    proven, owners = np.ones(len(lengths), bool), np.repeat(np.arange(len(lengths)), lengths)
    for values in rows:
        if values.dtype == pl.String:
            continue
        telling = values.is_not_null()
        if values.dtype == pl.Float64:
            telling &= values != values.floor()
        told = np.zeros(len(lengths), bool)
        told[owners[telling.fill_null(value=False).to_numpy()]] = True
        proven &= told
    return proven


def _nulls(rows: pl.DataFrame, lengths: Ints) -> Ints:
    """Count the missing values of each file."""
    found = np.zeros(len(lengths), np.int64)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    for values in rows:
        if values.null_count():
            found += np.bincount(owners[values.is_null().to_numpy()], minlength=len(lengths))
    return found


def _names_all(content: bytes, lines: int, nulls: int, schema: pl.Schema) -> bool:
    """Whether each line names every column and no other, and the first one each text as text."""
    names, named = content.count(b'":'), lines * len(schema)
    if names != named and names + content.count(b'" :') != named:
        return False
    if nulls and content.count(b":null") + content.count(b": null") != nulls:
        return False
    try:
        first = json.loads(content.lstrip().split(b"\n", 1)[0])
    except ValueError:
        return False
    return list(first) == list(schema) and all(
        isinstance(first[name], str) for name, kind in schema.items() if kind == pl.String
    )


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
