"""The files that a table is made of, read one after another and a part at a time."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyarrow as pa

from argosy.errors import StoreError
from argosy.store.damage import UNREADABLE, brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deltalake import DeltaTable

    from argosy.store.location import Location

_ROWS = 65_536
_OF_POLARS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


class DataFile(NamedTuple):
    """One file of a table, as the table's log describes it."""

    path: str
    """Below the folder of the table."""
    rows: int | None
    """None where the log does not say."""
    least: str | None
    """The first of the runs whose rows it holds, by name; None where the log does not say."""
    most: str | None
    """The last of them."""

    @property
    def run(self) -> str | None:
        """The run that all of its rows are of; None for several, or where the log is silent."""
        return self.least if self.least == self.most else None


def files_of(handle: DeltaTable) -> list[DataFile]:
    """Return the files of a table."""
    known = pa.table(handle.get_add_actions(flatten=True))
    names = ["path", "num_records", "min.run_id", "max.run_id"]
    blank = pa.nulls(known.num_rows)
    columns = [known[name] if name in known.column_names else blank for name in names]
    return [DataFile(*file) for file in zip(*(one.to_pylist() for one in columns), strict=True)]


def content_of(location: Location, folder: str, path: str) -> bytes:
    """Read a file of a table, all of it: a few MiB.

    Args:
        location: the fleet's.
        folder: the URL of the table.
        path: of the file, below it.

    Raises:
        StoreError: if the file is missing or cannot be read.
    """
    url = posixpath.join(folder, path)
    filesystem, inner = location.filesystem(url)
    try:
        content: bytes = filesystem.cat_file(inner)
    except OSError as error:
        raise unreadable(url, error) from error
    return content


def batches(
    location: Location,
    folder: str,
    path: str,
    columns: Sequence[str] | None = None,
    content: bytes | None = None,
) -> Iterator[pl.DataFrame]:
    """Read the rows of a file of a table, a part at a time.

    Args:
        location: the fleet's.
        folder: the URL of the table.
        path: of the file, below it.
        columns: those that are needed; defaults to all.
        content: of the file, where that was read already.

    Raises:
        StoreError: if the file is missing or damaged.
    """
    from pyarrow.parquet import ParquetFile  # takes a while, and most commands verify nothing

    content = content_of(location, folder, path) if content is None else content
    try:
        with ParquetFile(pa.BufferReader(content)) as file:
            held = set(file.schema_arrow.names)
            wanted = None if columns is None else [name for name in columns if name in held]
            for batch in file.iter_batches(_ROWS, columns=wanted):
                yield pl.DataFrame(pa.Table.from_batches([batch]))
    except (*UNREADABLE, *_OF_POLARS) as error:
        raise unreadable(posixpath.join(folder, path), error) from error


def unreadable(url: str, error: BaseException) -> StoreError:
    """Return what to say of a file that is missing or damaged."""
    return StoreError(f"cannot read {url}: {brief(error)}; restore it from a backup")
