"""Delta tables, append-only: create, append exactly at a version, scan.

Polars cannot scan a Delta table below a folder whose name holds a space, `#` or a non-ASCII
letter (pola-rs/polars#20944), so such tables are read through Arrow's dataset.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from argosy.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.store.location import Location

_PLAIN = re.compile(r"^[A-Za-z0-9_./:=~+,@-]*$")
_BLIND_RETRIES = 100


class Contended(Exception):
    """Somebody else committed first; read again and decide again."""


class Table:
    """One append-only Delta table below a fleet."""

    def __init__(self, location: Location, name: str, schema: pa.Schema) -> None:
        self.url = location.child(name)
        self._options = location.storage_options()
        self._schema = schema

    def open(self) -> DeltaTable | None:
        """Return a fresh handle, or None where the table does not exist yet."""
        try:
            return DeltaTable(self.url, storage_options=self._options)
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot read the table {self.url}: {error}") from error

    def create(self, partition_by: list[str] | None = None) -> DeltaTable:
        """Create it unless it exists, and return a handle."""
        try:
            return DeltaTable.create(
                self.url,
                schema=self._schema,
                mode="ignore",
                partition_by=partition_by,
                storage_options=self._options,
                configuration={
                    "delta.appendOnly": "true",
                    "delta.checkpointInterval": "20",
                    "delta.enableExpiredLogCleanup": "false",
                },
            )
        except (DeltaError, OSError) as error:
            handle = self.open()
            if handle is None:
                raise StoreError(f"cannot create the table {self.url}: {error}") from error
            return handle  # somebody else created it in the same moment

    def append_at(self, handle: DeltaTable, rows: pa.Table) -> None:
        """Commit rows as the version right after the handle's, or not at all.

        Raises:
            Contended: if somebody else took that version.
            StoreError: if the store cannot be written.
        """
        marker = Transaction("ledger", handle.version() + 1)
        self._append(
            handle, rows, CommitProperties(max_commit_retries=0, app_transactions=[marker])
        )

    def append_once(self, rows: pa.Table, run: str, wave: int) -> None:
        """Commit rows whenever there is room, but only once per run and wave."""
        handle = self.open() or self.create()
        if (handle.transaction_version(run) or 0) >= wave:
            return
        self._append(
            handle,
            rows,
            CommitProperties(
                max_commit_retries=_BLIND_RETRIES, app_transactions=[Transaction(run, wave)]
            ),
        )

    def scan(self, handle: DeltaTable | None = None) -> pl.LazyFrame:
        """Return the table as it stands, lazily; empty where it does not exist yet."""
        table = handle or self.open()
        if table is None:
            return pl.LazyFrame(self._schema.empty_table())
        if _PLAIN.match(self.url):
            return pl.scan_delta(table)
        return pl.scan_pyarrow_dataset(table.to_pyarrow_dataset())

    def _append(self, handle: DeltaTable, rows: pa.Table, properties: CommitProperties) -> None:
        try:
            write_deltalake(
                handle, rows.cast(self._schema), mode="append", commit_properties=properties
            )
        except CommitFailedError as error:
            raise Contended from error
        except (DeltaError, OSError) as error:
            raise StoreError(
                f"cannot write {self.url}: {error}; nothing of this commit was kept"
            ) from error
