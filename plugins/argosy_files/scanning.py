"""How polars opens formats that keep types; it is imported when a table is opened, not before."""

from __future__ import annotations

import glob
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import FAULTS
from argosy.types import SameColumns
from argosy_files import buckets
from argosy_files.elsewhere import reached
from argosy_files.footers import Footers
from argosy_files.limits import refuse_large
from argosy_files.one_table import one_table
from argosy_files.paths import Files, found, local
from argosy_files.zones import as_understood, take_any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

take_any()

_ASK_AT_ONCE = 16
_WHOLE = r"^(0|-?[1-9][0-9]*)$"
_PLAIN = re.compile(r"^[A-Za-z0-9_./:=~+,@\[\]^|-]*$")
_DATE = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True)
class Typed:
    """A format whose files say of themselves which columns they have."""

    name: str
    suffixes: tuple[str, ...]
    function: str
    """The function of polars that opens it."""
    reader: Callable[[], Callable[[str], Any]]
    """Returns what reads the columns of files on this machine, one after the other."""

    def scan(self, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
        """Open a file, a folder or a glob."""
        if not local(url):
            return self._elsewhere(url, options)
        files = found(url, self.suffixes)
        if len(files.paths) == 1 and files.folder is None:
            return self._open(files.paths[0], glob=False, hive_partitioning=False)
        columns = self.reader()
        schemas = [pl.Schema(columns(path)) for path in files.paths]
        partitions = _typed(files.partitions())
        if files.whole and partitions and all(schema == schemas[0] for schema in schemas):
            kinds = {name: values.dtype for name, values in partitions.items()}
            return self._open(files.folder, glob=False, hive_partitioning=True, hive_schema=kinds)
        return self._joined(files, schemas, partitions, {})

    def _elsewhere(self, url: str, options: Mapping[str, str]) -> pl.LazyFrame:
        there = reached(url, options)
        if not isinstance(there, str):
            return self._open(there)
        own = dict(options) or None
        files = buckets.found(url, self.suffixes, options)
        if files is None:
            return self._open(url, storage_options=own)
        if files.folder is None:
            return self._open(url, glob=False, storage_options=own)
        with ThreadPoolExecutor(_ASK_AT_ONCE) as threads:
            scans = threads.map(
                lambda path: self._open(path, glob=False, storage_options=own), files.paths
            )
            schemas = [scan.collect_schema() for scan in scans]
        return self._joined(files, schemas, _typed(files.partitions()), {"storage_options": own})

    def scan_files(
        self, urls: Sequence[str], options: Mapping[str, str], column: str
    ) -> list[SameColumns]:
        """Open files, those with the very same columns together."""
        alike: dict[tuple[tuple[str, pl.DataType], ...], list[str]] = defaultdict(list)
        before, members = None, []
        for url, schema in zip(urls, self._schemas(urls, options), strict=True):
            if schema is None:
                continue
            if schema is not before:
                before, members = schema, alike[tuple(schema.items())]
            members.append(url)
        return [
            SameColumns(
                tuple(members),
                self._open(
                    members,
                    glob=False,
                    hive_partitioning=False,
                    storage_options=dict(options) or None,
                    include_file_paths=column,
                ),
            )
            for members in alike.values()
        ]

    def _open(self, *arguments: Any, **options: Any) -> pl.LazyFrame:  # noqa: ANN401
        rows: pl.LazyFrame = getattr(pl, self.function)(*arguments, **options)
        return as_understood(rows, rows.collect_schema())

    def _schemas(
        self, urls: Sequence[str], options: Mapping[str, str]
    ) -> list[Mapping[str, pl.DataType] | None]:
        columns = self.reader()

        def ask(url: str) -> Mapping[str, pl.DataType] | None:
            if url.endswith("/"):
                return None  # its files are called by other names, and may be asked for too
            try:
                if local(url):  # where a folder raises, too
                    own: Mapping[str, pl.DataType] = columns(url)
                    return own
                buckets.refuse_large_file(url, options)
                there = self._open(url, glob=False, storage_options=dict(options) or None)
                return there.collect_schema()
            except FAULTS:  # whoever reads it by itself says what is wrong
                return None

        if all(local(url) for url in urls):
            return [ask(url) for url in urls]
        asked = [copy_context() for _ in urls]  # threads have no options of their own
        with ThreadPoolExecutor(_ASK_AT_ONCE) as threads:
            return list(threads.map(lambda own, url: own.run(ask, url), asked, urls))

    def _joined(
        self,
        files: Files,
        schemas: Sequence[pl.Schema],
        partitions: Mapping[str, pl.Series],
        more: Mapping[str, Any],
    ) -> pl.LazyFrame:
        names = list(partitions)
        rows_of = zip(*partitions.values(), strict=True) if names else [()] * len(files.paths)
        told = dict(zip(files.paths, rows_of, strict=True))

        def scan(paths: list[str], _: pl.Schema) -> pl.LazyFrame:
            parts = []
            for values, members in groupby(paths, key=lambda path: told[path]):
                rows = self._open(list(members), glob=False, hive_partitioning=False, **more)
                own = zip(names, values, strict=True)
                parts.append(
                    rows.with_columns(
                        pl.lit(value, partitions[name].dtype).alias(name) for name, value in own
                    )
                )
            return pl.concat(parts)

        if not partitions:
            return one_table(files.paths, schemas, scan)
        own = {name: values.dtype for name, values in partitions.items()}
        wide = [pl.Schema({**schema, **own}) for schema in schemas]
        return one_table(files.paths, wide, scan)


def _parquet_schema(path: str) -> Mapping[str, pl.DataType]:
    return pl.read_parquet_schema(glob.escape(path))  # it takes names for patterns


def _parquet_reader() -> Callable[[str], Mapping[str, pl.DataType]]:
    return Footers(_parquet_schema).columns


PARQUET = Typed("parquet", (".parquet", ".pq"), "scan_parquet", _parquet_reader)
ARROW = Typed("arrow", (".arrow", ".feather", ".ipc"), "scan_ipc", lambda: pl.read_ipc_schema)


def explain_delta(url: str, _options: Mapping[str, str], error: str) -> str | None:
    """Say in our words why a Delta table cannot be read, or None where the engine's have to do."""
    if local(url) and "No such file" in error and not _PLAIN.match(url):
        return (
            "the engine finds no Delta table below a folder whose name holds a blank, '#', a quote"
            " or a letter beyond ASCII; rename the folder"
        )
    return None


def scan_delta(url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """Open a Delta table.

    Raises:
        DataError: for a table elsewhere one of whose files is too large.
    """
    if not local(url):
        from deltalake import DeltaTable

        table = DeltaTable(url, storage_options=dict(options) or None)
        sizes = pl.DataFrame(table.get_add_actions(flatten=True)).select("path", "size_bytes")
        for path, size in sizes.iter_rows():
            refuse_large(f"{url}/{path}", size)
    return pl.scan_delta(url, storage_options=dict(options) or None)


def _typed(partitions: Mapping[str, list[str | None]]) -> dict[str, pl.Series]:
    """Give what folders are called a type only where each would be written back as it is."""
    found = {}
    for name, values in partitions.items():
        text = pl.Series(name, values, pl.String)
        if text.str.contains(_WHOLE).all() and text.cast(pl.Int64, strict=False).null_count() == 0:
            found[name] = text.cast(pl.Int64)
        elif text.str.contains(_DATE).all() and text.str.to_date(strict=False).null_count() == 0:
            found[name] = text.str.to_date()
        else:
            found[name] = text
    return found
