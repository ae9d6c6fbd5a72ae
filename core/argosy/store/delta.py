"""Delta tables, append-only: create, append exactly at a version, scan.

Polars cannot scan a Delta table below a folder whose name holds a space, `#` or a non-ASCII
letter (pola-rs/polars#20944), so such tables are read through Arrow's dataset.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import polars as pl
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from argosy.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.store.location import Location

_PLAIN = re.compile(r"^[A-Za-z0-9_./:=~+,@-]*$")
_BACKTRACE = re.compile(r"\n\s*(?:stack backtrace:|0: )")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BLIND_RETRIES = 100
_TARGET_BYTES = 4 * 2**20
_PARQUET = WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=65_536)


class Contended(Exception):
    """Somebody else committed first; read again and decide again."""


def collect(rows: pl.LazyFrame, url: str) -> pl.DataFrame:
    """Read a scan of the tables at a URL.

    Raises:
        StoreError: if a file is missing or damaged; a damaged one can make polars panic.
    """
    try:
        return rows.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, DeltaError, OSError) as error:
        raise StoreError(f"cannot read {url}: {_brief(error)}; restore it from a backup") from error


class Table:
    """One append-only Delta table below a fleet."""

    def __init__(self, location: Location, name: str, schema: pa.Schema) -> None:
        self.url = location.child(name)
        self._options = location.storage_options()
        self._schema = schema

    def open(self) -> DeltaTable | None:
        """Return a fresh handle, or None where the table does not exist yet.

        Raises:
            StoreError: if its log cannot be read, or describes another table.
        """
        try:
            handle = DeltaTable(self.url, storage_options=self._options)
            held = {field.name for field in handle.schema().fields}
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot read the table {self.url}: {_brief(error)}") from error
        lacking = [name for name in self._schema.names if name not in held]
        if lacking:
            raise StoreError(
                f"the table {self.url} has no column {lacking[0]!r}: its log is damaged, or an"
                " argosy with other tables wrote it"
            )
        return handle

    def refresh(self, handle: DeltaTable) -> None:
        """Move a handle on to the newest version."""
        try:
            handle.update_incremental()
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot read the table {self.url}: {_brief(error)}") from error

    def create(self, append_only: bool = True) -> DeltaTable:
        """Create it unless it exists, and return a handle."""
        try:
            return DeltaTable.create(
                self.url,
                schema=self._schema,
                mode="ignore",
                storage_options=self._options,
                configuration={
                    "delta.appendOnly": str(append_only).lower(),
                    "delta.checkpointInterval": "20",
                    "delta.enableExpiredLogCleanup": "false",
                },
            )
        except (DeltaError, OSError) as error:
            handle = self.open()
            if handle is None:
                raise StoreError(f"cannot create the table {self.url}: {_brief(error)}") from error
            return handle  # somebody else created it in the same moment

    def append_at(self, handle: DeltaTable, rows: pa.Table, seq: int) -> None:
        """Commit rows, up to the change `seq`, as the version after the handle's, or not at all.

        Raises:
            Contended: if somebody else took that version.
            StoreError: if the store cannot be written.
        """
        marker = Transaction("ledger", seq)
        properties = CommitProperties(max_commit_retries=0, app_transactions=[marker])
        self._write(handle, rows.cast(self._schema), properties)

    def append_once(self, rows: pa.RecordBatchReader, run: str, wave: int) -> None:
        """Commit rows whenever there is room, but only once per run and wave.

        Raises:
            StoreError: if the store cannot be written.
        """
        handle = self.open() or self.create()
        if (handle.transaction_version(run) or 0) >= wave:
            return
        marker = Transaction(run, wave)
        properties = CommitProperties(max_commit_retries=_BLIND_RETRIES, app_transactions=[marker])
        try:
            self._write(handle, rows, properties)
        except (Contended, StoreError) as error:
            now = self.open()  # the commit may be there, and only its answer lost
            if now is not None and (now.transaction_version(run) or 0) >= wave:
                return
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"others kept committing to {self.url}; try again") from error

    def replace(self, rows: pa.Table, mark: str, number: int) -> None:
        """Put rows in place of all there are, unless a higher number is there already."""
        handle = self.open() or self.create(append_only=False)
        if (handle.transaction_version(mark) or -1) >= number:
            return
        properties = CommitProperties(
            max_commit_retries=0, app_transactions=[Transaction(mark, number)]
        )
        with suppress(Contended):  # somebody else has just saved theirs
            self._write(handle, rows.cast(self._schema), properties, mode="overwrite")

    def compact(self) -> None:
        """Gather small files into large ones; readers and writers go on meanwhile."""
        handle = self.open()
        if handle is None:
            return
        try:
            handle.optimize.compact(
                target_size=_TARGET_BYTES,
                commit_properties=CommitProperties(max_commit_retries=5),
            )
        except CommitFailedError:
            return  # a writer was faster: the next time will do
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot compact {self.url}: {_brief(error)}") from error

    def files(self) -> int:
        """Count the files that the table is made of."""
        handle = self.open()
        return len(handle.file_uris()) if handle is not None else 0

    def clean(self, keep_hours: int) -> int:
        """Remove files that no version of the last hours names; return how many."""
        handle = self.open()
        if handle is None:
            return 0
        try:
            gone = handle.vacuum(
                keep_hours, dry_run=False, enforce_retention_duration=keep_hours >= 168
            )
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot clean {self.url}: {_brief(error)}") from error
        return len(gone)

    def scan(self, handle: DeltaTable | None = None) -> pl.LazyFrame:
        """Return the table as it stands, lazily; empty where it does not exist yet."""
        table = handle or self.open()
        if table is None:
            return pl.LazyFrame(self._schema.empty_table())
        if _PLAIN.match(self.url):
            return pl.scan_delta(table)
        return pl.scan_pyarrow_dataset(table.to_pyarrow_dataset())

    def _write(
        self,
        handle: DeltaTable,
        rows: pa.Table | pa.RecordBatchReader,
        properties: CommitProperties,
        mode: Literal["append", "overwrite"] = "append",
    ) -> None:
        try:
            write_deltalake(
                handle,
                rows,
                mode=mode,
                commit_properties=properties,
                writer_properties=_PARQUET,
            )
        except CommitFailedError as error:
            raise Contended from error
        except (DeltaError, OSError) as error:
            raise StoreError(
                f"cannot write {self.url}: {_brief(error)}; nothing of this commit was kept"
            ) from error


def _brief(error: BaseException) -> str:
    """Return an error in one line, without the colours and the backtrace that engines add."""
    told = _COLOUR.sub("", _BACKTRACE.split(str(error))[0])
    return " ".join(told.split()) or type(error).__name__
