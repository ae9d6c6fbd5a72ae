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
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from argosy.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from deltalake.transaction import AddAction

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

    def held(self, run: str, wave: int) -> bool:
        """Whether a wave of a run is committed; the table is made if it does not exist yet.

        Raises:
            StoreError: if the store cannot be read or written.
        """
        handle = self.open() or self.create()
        return (handle.transaction_version(run) or 0) >= wave

    def list_once(self, files: Sequence[AddAction], run: str, wave: int) -> None:
        """Commit files, in their order, whenever there is room, but only once per run and wave.

        Args:
            files: in the table's folder, as `argosy.store.parts.write` describes them.
            run: whose rows they are.
            wave: a number that grows within the run.

        Raises:
            StoreError: if the store cannot be written, or the table has other types.
        """
        handle = self.open() or self.create()
        self._refuse_other_types(handle)
        if (handle.transaction_version(run) or 0) >= wave:
            return
        marker = Transaction(run, wave)
        properties = CommitProperties(max_commit_retries=_BLIND_RETRIES, app_transactions=[marker])
        try:
            handle.create_write_transaction(
                list(files), "append", handle.schema(), commit_properties=properties
            )
        except (DeltaError, OSError) as error:
            if self.held(run, wave):  # the commit is there, and only its answer was lost
                return
            if isinstance(error, CommitFailedError):
                told = f"others kept committing to {self.url}; try again"
                raise StoreError(told) from error
            raise StoreError(
                f"cannot write {self.url}: {_brief(error)}; nothing of this commit was kept"
            ) from error

    def _refuse_other_types(self, handle: DeltaTable) -> None:
        """Raise where files of ours would not be of the table's types: nobody else looks."""
        ours, theirs = (
            {field.name: field.type for field in schema.fields}
            for schema in (Schema.from_arrow(self._schema), handle.schema())
        )
        for name, own in ours.items():
            if theirs[name] != own:
                raise StoreError(
                    f"the column {name!r} of the table {self.url} is {theirs[name]}, where this"
                    f" argosy writes {own}; use the argosy that made the table"
                )

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
                keep_hours,
                dry_run=False,
                enforce_retention_duration=keep_hours >= 168,
                full=True,  # those too that no commit ever named
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
        rows: pa.Table,
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
