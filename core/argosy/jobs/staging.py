"""Keep what the chunks of a job found as Arrow files beside the fleet, until it is committed.

The results of a large fleet do not fit into the memory of one process. So whoever performs a chunk
writes its tables and answers with their names alone; the driver reads them back, one chunk at a
time. The list of a chunk's files is written last: a chunk is there as a whole or not at all.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import StoreError
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location
    from argosy.types import Tables

_LISTED, _FAULT = "argosy_staged", "argosy_fault"
_LIST = pa.schema([("table", pa.string()), ("file", pa.string()), ("rows", pa.int64())])


def stage(tables: Tables, location: Location, run: str, chunk: str) -> Tables:
    """Write the tables of a chunk, and return in their place the list of their files."""
    folder = posixpath.join(STAGED_FOLDER, run)
    try:
        rows = [
            {"table": name, "file": blobs.write(location, folder, table), "rows": table.num_rows}
            for name, table in tables.items()
        ]
        listed = pa.Table.from_pylist(rows, _LIST)
        blobs.write(location, folder, listed, f"chunk-{chunk}.arrow")
    except StoreError as error:  # no fault of the chunk's, which must not be tried in halves
        return {_FAULT: pa.table({"reason": [str(error)]})}
    return {_LISTED: listed}


class Staged(Mapping[str, pl.DataFrame]):
    """The tables that a run's chunks have found so far, by name, each in the order of the plan."""

    def __init__(self, location: Location, run: str) -> None:
        self._location = location
        self._folder = posixpath.join(STAGED_FOLDER, run)
        self._chunks: dict[tuple[int, ...], dict[str, str]] = {}

    def add(self, chunk: str, answer: Tables) -> None:
        """Take note of what a chunk answered.

        Raises:
            StoreError: if its tables could not be written.
        """
        if _FAULT in answer:
            raise StoreError(str(answer[_FAULT]["reason"][0].as_py()))
        place = tuple(map(int, chunk.split(".")))
        self._chunks[place] = dict(pl.DataFrame(answer[_LISTED]).select("table", "file").rows())

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Read one table, a chunk at a time.

        Raises:
            StoreError: if a file is missing or damaged.
        """
        for place in sorted(self._chunks):
            if name in self._chunks[place]:
                file = self._chunks[place][name]
                yield pl.DataFrame(blobs.read(self._location, self._folder, file))

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in set(self):
            raise KeyError(name)
        return pl.concat(self.parts(name), how="diagonal_relaxed")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for files in self._chunks.values() for name in files))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def clear(self) -> None:
        """Remove the files."""
        blobs.remove(self._location, self._folder)
