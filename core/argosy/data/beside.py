"""Files of a plugin's or a case's own, in a folder beside the tables of a fleet."""

from __future__ import annotations

import io
import posixpath
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput, StoreError
from argosy.registry.frames import refuse_bad_name
from argosy.store import durable, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location


class Folder:
    """A folder below a fleet's URL, on a disk or in a bucket; it is made with its first file.

    >>> import argosy, tempfile
    >>> fleet = argosy.open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> feeds = fleet.folder("feeds")
    >>> feeds.write_table("monday.parquet", pl.DataFrame({"client": ["c1"]}))
    >>> feeds.names(), feeds.scan().collect()["client"].to_list()
    (['monday.parquet'], ['c1'])
    """

    def __init__(self, location: Location, name: str) -> None:
        for part in name.split("/"):
            refuse_bad_name(part, "folder")
        self._location = location
        self.url = location.child(name)

    def file(self, name: str) -> str:
        """Return the URL of a file, whether it is there or not.

        Raises:
            BadInput: for a name that leads out of the folder.
        """
        if posixpath.basename(name) != name or name in {"", ".", ".."}:
            raise BadInput(f"{name!r} cannot name a file; leave out folders")
        return posixpath.join(self.url, name)

    def names(self) -> list[str]:
        """Return the names of the files, sorted; none where the folder is not there.

        Raises:
            StoreError: if the store cannot be read.
        """
        return listing.names(self._location, self.url)

    def holds(self, name: str) -> bool:
        """Say whether a file is there."""
        self.file(name)
        return name in self.names()

    def write(self, name: str, content: bytes) -> None:
        """Write a file as a whole, in place of one of its name; it is durable when this returns.

        Raises:
            StoreError: if the store cannot be written.
        """
        durable.write(self._location, self.file(name), content)

    def write_table(self, name: str, rows: pl.DataFrame, **options: Any) -> None:  # noqa: ANN401
        """Write rows as a Parquet file, with the options of polars' `write_parquet`.

        Raises:
            StoreError: if the store cannot be written.
        """
        content = io.BytesIO()
        rows.write_parquet(content, **options)
        self.write(name, content.getvalue())

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to be written bit by bit; it is there, as a whole, once the block ends.

        It is durable then. After an error in the block the folder is as it was.

        Raises:
            StoreError: if the store cannot be written.
        """
        with durable.streamed(self._location, self.file(name)) as file:
            yield file

    def read(self, name: str) -> bytes:
        """Return what a file holds.

        Raises:
            StoreError: if it is not there, or cannot be read.
        """
        filesystem, path = self._location.filesystem(self.file(name))
        try:
            content: bytes = filesystem.cat_file(path)
        except Exception as error:  # each filesystem raises its own
            raise StoreError(f"cannot read {self.file(name)}: {error}") from error
        return content

    def scan(self, pattern: str = "*.parquet") -> pl.LazyFrame:
        """Return the rows of the Parquet files that a pattern names, lazily."""
        options = self._location.table_options(self.url)
        return pl.scan_parquet(posixpath.join(self.url, pattern), storage_options=options or None)
