"""Write the predictions of many models into few Parquet files, each model in row groups of its own.

A look-up then reads the footer of a file once, and of the rest only what it asks for. A file holds
rows of one shape: where models answer with other types, there is a file for each.
"""

from __future__ import annotations

import posixpath
import uuid
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from argosy.errors import StoreError
from argosy.store import durable
from argosy_predict.hashed import Hashed

if TYPE_CHECKING:
    from types import TracebackType

    from argosy.store.location import Location

ROWS = 256
"""Rows of a row group at most: what a look-up has to decode, against a longer footer."""


class Files:
    """Files of one folder that are being written; a context manager that completes them."""

    def __init__(self, location: Location, folder: str) -> None:
        self._location, self._folder = location, folder
        self._open: dict[pa.Schema, tuple[str, pq.ParquetWriter, Hashed]] = {}
        self.sha256: dict[str, str] = {}
        """Of each file, once all are complete."""

    def add(self, rows: pa.Table, measured: list[str]) -> str:
        """Append the rows of one model, and return the name of the file that holds them.

        Args:
            rows: at least one.
            measured: the columns that the file tells the least and greatest value of, by row group.

        Raises:
            StoreError: if the store cannot be written.
        """
        try:
            if rows.schema not in self._open:
                self._open[rows.schema] = self._begun(rows.schema, measured)
            name, writer, _ = self._open[rows.schema]
            writer.write_table(rows, row_group_size=ROWS)
        except OSError as error:
            raise self._fault(error) from error
        return name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete the files; after an error nobody names them, so that `maintain` removes them."""
        try:
            for name, writer, file in self._open.values():
                writer.close()
                file.close()
                self.sha256[name] = file.sha256
            if self.sha256:  # else there is not even a folder
                folder = self._location.child(self._folder)
                durable.sync(self._location, folder, list(self.sha256))
        except OSError as fault:
            raise self._fault(fault) from fault

    def _begun(
        self, schema: pa.Schema, measured: list[str]
    ) -> tuple[str, pq.ParquetWriter, Hashed]:
        name = f"{uuid.uuid4().hex}.parquet"
        filesystem, inner = self._location.filesystem(self._location.child(self._folder, name))
        filesystem.makedirs(posixpath.dirname(inner), exist_ok=True)
        file = Hashed(filesystem.open(inner, "wb"))
        writer = pq.ParquetWriter(file, schema, compression="snappy", write_statistics=measured)
        return name, writer, file

    def _fault(self, error: OSError) -> StoreError:
        path = self._location.child(self._folder)
        return StoreError(f"cannot write {path}: {error}; check space and rights")
