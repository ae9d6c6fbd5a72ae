"""Keep what the chunks of a job found as Arrow files beside the fleet, until it is committed.

The results of a large fleet do not fit into the memory of one process. So the worker writes the
tables of its chunk and returns only their names; the driver reads them back, one chunk at a time.
The list of a chunk's files is written last: a chunk is there as a whole or not at all, and a
resumed run finds it.
"""

from __future__ import annotations

import json
import posixpath
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyWarning, PluginError, StoreError
from argosy.jobs.tally import Tally, tallied
from argosy.plugins.hidden import without
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER
from argosy.types import Portion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.store.location import Location
    from argosy.types import Tables

LOST = "argosy_lost"
"""The table of models without a result: `model`, `version`, `reason`, `cause`."""

_LISTED, _FAULT, _UNFIT, _TALLY = "argosy_staged", "argosy_fault", "argosy_unfit", b"argosy"
_LIST = pa.schema([("table", pa.string()), ("file", pa.string()), ("rows", pa.int64())])
_PREFIX, _SUFFIX = "chunk-", ".arrow"
_READERS = 16


def stage(
    tables: Tables,
    location: Location,
    run: str,
    chunk: str,
    *,
    models: int = 0,
    seconds: float = 0.0,
    read: int = 0,
    left_out: Mapping[str, Any] | None = None,
    unsound: Sequence[str] = (),
) -> Tables:
    """Write the tables of a chunk, and return the list of their files."""
    folder = posixpath.join(STAGED_FOLDER, run)
    tables = {name: without(table) for name, table in tables.items()}
    try:
        rows = [
            {"table": name, "file": blobs.write(location, folder, table), "rows": table.num_rows}
            for name, table in tables.items()
        ]
        made = sum(table.nbytes for table in tables.values())
        tally = {
            **asdict(tallied(tables, models, seconds, read)),
            "made": made,
            "left_out": dict(left_out or {}),
            "unsound": list(unsound),
        }
        metadata = {_TALLY: json.dumps(tally)}
        listed = pa.Table.from_pylist(rows, _LIST).replace_schema_metadata(metadata)
        blobs.write(location, folder, listed, f"{_PREFIX}{chunk}{_SUFFIX}")
    except StoreError as error:  # no fault of the chunk's, which must not be tried in halves
        return {_FAULT: pa.table({"reason": [str(error)]})}
    return {_LISTED: listed}


def unfit(reason: str) -> Tables:
    """Return, in place of tables, why the job may not return them."""
    return {_UNFIT: pa.table({"reason": [reason]})}


class Staged(Mapping[str, pl.DataFrame]):
    """The tables that a run's chunks have found so far, by name, each in the order of the plan."""

    def __init__(self, location: Location, run: str) -> None:
        self._location = location
        self._folder = posixpath.join(STAGED_FOLDER, run)
        self._chunks: dict[tuple[int, ...], dict[str, tuple[str, int]]] = {}
        self.tallies: list[Tally] = []
        """What each chunk took."""

    def add(self, chunk: str, answer: Tables) -> Tally:
        """Note what a chunk returned.

        Raises:
            StoreError: if its tables could not be written.
            PluginError: if the job may not return such tables.
        """
        if _UNFIT in answer:
            raise PluginError(str(answer[_UNFIT]["reason"][0].as_py()))
        if _FAULT in answer:
            raise StoreError(str(answer[_FAULT]["reason"][0].as_py()))
        return self._note(chunk, answer[_LISTED])

    def lose(self, chunk: str, lost: pl.DataFrame) -> None:
        """Record that a chunk is lost, so that it is not tried again.

        Raises:
            StoreError: if that cannot be written.
        """
        self.add(chunk, stage({LOST: lost.to_arrow()}, self._location, self._folder_name, chunk))

    def recall(self) -> None:
        """Note every chunk that is there already; one with a damaged list is not."""
        filesystem, inner = self._location.filesystem(self._location.child(self._folder))
        if not filesystem.exists(inner):
            return
        names = [posixpath.basename(path) for path in filesystem.ls(inner, detail=False)]
        lists = [name for name in names if name.startswith(_PREFIX) and name.endswith(_SUFFIX)]
        with ThreadPoolExecutor(_READERS) as threads:  # on an object store each waits for an answer
            for name, listed in zip(lists, threads.map(self._list, lists), strict=True):
                if listed is None:
                    continue
                self._note(name.removeprefix(_PREFIX).removesuffix(_SUFFIX), listed)

    def _list(self, name: str) -> pa.Table | None:
        try:
            return blobs.read(self._location, self._folder, name)
        except StoreError as error:
            warnings.warn(f"{error}; its chunk is done again", ArgosyWarning, stacklevel=2)
            return None

    def holds(self, chunk: str) -> bool:
        """Whether a chunk is there as a whole."""
        return _place(chunk) in self._chunks

    def holds_part(self, chunk: str) -> bool:
        """Whether parts of it are there, if it was split."""
        place = _place(chunk)
        return any(other[: len(place)] == place for other in self._chunks)

    def done(self, starts: pl.Series) -> int:
        """Count the models of a plan (the start of each one's chunk) that are there.

        A chunk that was split counts once all its parts are there, as far as can be seen.
        """
        begun = {place[0] for place in self._chunks}
        return int(starts.is_in(list(begun)).sum() or 0)

    def portions(self, name: str, columns: Sequence[str] | None = None) -> list[Portion]:
        """Return one table as a portion per chunk, to be read when it is needed.

        Args:
            name: of the table.
            columns: those that are needed; defaults to all.

        Making one raises a `StoreError` if its file is missing or damaged.
        """
        held = [self._chunks[place] for place in sorted(self._chunks)]
        files = [tables[name] for tables in held if name in tables]
        return [Portion(rows, partial(self._read, file, columns)) for file, rows in files]

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Read one table, a chunk at a time.

        Raises:
            StoreError: if a file is missing or damaged.
        """
        return (portion.make() for portion in self.portions(name))

    def _read(self, file: str, columns: Sequence[str] | None) -> pl.DataFrame:
        table = blobs.read(self._location, self._folder, file)
        return pl.DataFrame(table.select(columns) if columns else table)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in set(self):
            raise KeyError(name)
        return pl.concat(self.parts(name), how="diagonal_relaxed")

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(name for files in self._chunks.values() for name in files)
        return iter(name for name in names if name != LOST)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def clear(self) -> None:
        """Remove the files."""
        blobs.remove(self._location, self._folder)

    @property
    def _folder_name(self) -> str:
        return posixpath.basename(self._folder)

    def _note(self, chunk: str, listed: pa.Table) -> Tally:
        rows = pl.DataFrame(listed).select("table", "file", "rows").rows()
        self._chunks[_place(chunk)] = {name: (file, many) for name, file, many in rows}
        told = (listed.schema.metadata or {}).get(_TALLY)
        tally = Tally(**json.loads(told)) if told else Tally()
        self.tallies.append(tally)
        return tally


def _place(chunk: str) -> tuple[int, ...]:
    return tuple(map(int, chunk.split(".")))
