"""Delta tables, append-only: create, commit exactly at a version, scan.

The table engine reads; entries of the log are written by `argosy.store.entries`, because the
engine syncs nothing, and because some of its versions let two compactions commit the same rows.

Polars cannot scan a Delta table below a folder whose name holds a space, `#` or a non-ASCII
letter (pola-rs/polars#20944), so of such tables the files are scanned. The engine's own dataset
for Arrow is of no use: a filter on a column without bounds finds nothing in it.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import polars as pl
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError

from argosy.errors import StoreError
from argosy.store import checkpoints, data_files
from argosy.store.actions import added, bounds, founding, marker, removed
from argosy.store.clock import store_time
from argosy.store.damage import brief, refuse_damaged
from argosy.store.entries import Log, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import pyarrow as pa

    from argosy.store.actions import Action
    from argosy.store.location import Location

_PLAIN = re.compile(r"^[A-Za-z0-9_./:=~+,@-]*$")
_PATIENCE = 60.0


class Table:
    """One append-only Delta table below a fleet."""

    def __init__(self, location: Location, name: str, schema: pa.Schema | None) -> None:
        """Take a table; without a schema it has that with which it lies there."""
        self.url = location.child(name)
        self.name = name
        self.log = Log(location, self.url)
        self._location = location
        self._options = location.storage_options()
        self._schema = schema
        self._files: tuple[int, list[tuple[str, int]]] = (-1, [])
        """The version that was scanned last, and the name and size of each of its files."""

    def open(self) -> DeltaTable | None:
        """Return a fresh handle, or None where the table does not exist yet.

        Raises:
            StoreError: if its log cannot be read, or describes another table.
        """
        sound = self.log.sound()
        if sound is None or sound.version < 0:
            return None
        try:
            pinned = sound.version if sound.torn else None
            handle = DeltaTable(self.url, version=pinned, storage_options=self._options)
            held = {field.name for field in handle.schema().fields}
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            if checkpoints.set_aside(self._location, self.log.folder):
                return self.open()
            raise StoreError(
                f"cannot read the table {self.url}: {brief(error)}; restore it from a backup"
            ) from error
        lacking = [name for name in self._columns() if name not in held]
        if lacking:
            raise StoreError(
                f"the table {self.url} has no column {lacking[0]!r}: its log is damaged, or an"
                " argosy with other tables wrote it"
            )
        return handle

    def create(self, append_only: bool = True) -> DeltaTable:
        """Create it unless it exists, and return a handle."""
        handle = self.open()
        if handle is not None:
            return handle
        try:
            self.log.publish(0, founding(self._own_schema(), append_only))
        except (Taken, StoreError) as error:  # somebody else did, or only the answer was lost
            handle = self.open()
            if handle is None and isinstance(error, StoreError):
                raise
        handle = handle or self.open()
        if handle is None:
            raise StoreError(f"cannot create the table {self.url}: it is gone again")
        return handle

    def commit(self, version: int, actions: Sequence[Action]) -> None:
        """Commit actions as a version, or not at all; sum the log up where that is due.

        Raises:
            Taken: if somebody else took that version.
            StoreError: if the store cannot be written.
        """
        self.log.publish(version, actions)
        self.sum_up(version)

    def sum_up(self, version: int) -> None:
        """Write a checkpoint, where it is due at a version."""
        if version % checkpoints.EVERY == 0:
            checkpoints.write(self._location, self.url, self.log.folder, self._options)

    def append_at(self, version: int, rows: pl.DataFrame) -> None:
        """Commit changes as a version of the ledger, or not at all; `sum_up` is the caller's.

        Raises:
            Taken: if somebody else took that version.
            StoreError: if the store cannot be written.
        """
        written = data_files.write(self._location, self.name, rows, bounds(rows))
        self.log.publish(version, [marker("ledger", rows["seq"][-1]), written])

    def relist(self, version: int, name: str, rows: pl.DataFrame) -> None:
        """Commit a file that is there already as a version, or not at all.

        Raises:
            Taken: if somebody else took that version.
            StoreError: if the store cannot be written.
        """
        size = self._location.size(f"{self.url}/{name}")
        again = added(name, size, bounds(rows))
        self.commit(version, [marker("ledger", rows["seq"][-1]), again])

    def held(self, run: str, wave: int) -> bool:
        """Whether a wave of a run is committed; the table is made if it does not exist yet.

        Raises:
            StoreError: if the store cannot be read or written.
        """
        handle = self.open() or self.create(append_only=False)
        return (handle.transaction_version(run) or 0) >= wave

    def list_once(self, files: Sequence[Action], run: str, wave: int) -> bool:
        """Commit files, in their order, whenever there is room, but only once per run and wave.

        Returns whether it was these files that were committed.

        Args:
            files: in the table's folder, as `argosy.store.data_files.write` describes them.
            run: whose rows they are.
            wave: a number that grows within the run.

        Raises:
            StoreError: if the store cannot be written, or the table has other types.
        """

        def actions(handle: DeltaTable) -> list[Action] | None:
            self._refuse_other_types(handle)
            if (handle.transaction_version(run) or 0) >= wave:
                return None
            return [marker(run, wave), *files]

        return self._commit_next(actions)

    def exchange(
        self, old: Collection[str], new: Sequence[Action], data_change: bool = False
    ) -> bool:
        """Put files in place of others, in one commit, if all those others are still listed.

        Whoever else exchanges one of them is refused, or refuses this: no row is listed twice.

        Args:
            old: names of files of the table.
            new: files as `argosy.store.data_files.write` describes them.
            data_change: whether the rows are other ones than before.

        Returns:
            Whether it was done; false where one of the files is listed no longer.

        Raises:
            StoreError: if the store cannot be written.
        """
        now = round(store_time(self._location).timestamp() * 1000)

        def actions(handle: DeltaTable) -> list[Action] | None:
            sizes = dict(listed(handle).select("path", "size").iter_rows())
            if not sizes.keys() >= set(old):
                return None
            return [*(removed(name, sizes[name], now, data_change) for name in old), *new]

        return self._commit_next(actions)

    def replace(self, rows: pl.DataFrame, mark: str, number: int) -> None:
        """Put rows in place of all there are, unless a higher number is there already."""
        written = data_files.write(self._location, self.name, rows, {"numRecords": rows.height})
        self.create(append_only=False)
        now = round(store_time(self._location).timestamp() * 1000)

        def actions(handle: DeltaTable) -> list[Action] | None:
            if (handle.transaction_version(mark) or -1) >= number:
                return None
            files = listed(handle).select("path", "size").iter_rows()
            gone = [removed(name, size, now) for name, size in files]
            return [marker(mark, number), *gone, written]

        self._commit_next(actions)

    def files(self) -> int:
        """Count the files that the table is made of."""
        handle = self.open()
        return len(handle.file_uris()) if handle is not None else 0

    def scan(self, handle: DeltaTable | None = None) -> pl.LazyFrame:
        """Return the table as it stands, lazily; empty where it does not exist yet.

        Raises:
            StoreError: if its log cannot be read, or one of its files is missing or damaged.
        """
        table = handle or self.open()
        if table is None:
            return pl.LazyFrame(self._own_schema().empty_table())
        names = self._sound_files(table)
        if _PLAIN.match(self.url):
            return pl.scan_delta(table)
        return self.read_lazily(names) if names else pl.LazyFrame(self._own_schema().empty_table())

    def _columns(self) -> list[str]:
        return [] if self._schema is None else self._schema.names

    def _own_schema(self) -> pa.Schema:
        if self._schema is None:
            raise StoreError(
                f"nothing is known of the table {self.url}: it does not lie there, and no plugin"
                " that is installed brings it"
            )
        return self._schema

    def _sound_files(self, handle: DeltaTable) -> list[str]:
        """Return the files of a version, once it is sure that they are what they were."""
        version, files = self._files
        if version == handle.version():
            with suppress(StoreError):  # the folder may have been restored meanwhile
                self.refuse_damaged(files)
                return [name for name, _ in files]
        files = listed(handle).select("path", "size").rows()
        self.refuse_damaged(files)
        self._files = handle.version(), files
        return [name for name, _ in files]

    def refuse_damaged(self, files: Iterable[tuple[str, int]]) -> None:
        """Raise if one of the table's files is not what it was when it was listed.

        Args:
            files: the name and the size of each; in a bucket they are not looked at.

        Raises:
            StoreError: naming the file.
        """
        if "://" not in self.url:
            refuse_damaged((f"{self.url}/{name}", size) for name, size in files)

    def read(self, names: Sequence[str]) -> pl.DataFrame:
        """Read some of the table's files, in their order.

        Raises:
            polars.exceptions.PolarsError: if one is missing or damaged.
        """
        return self.read_lazily(names).collect()

    def read_lazily(self, names: Sequence[str]) -> pl.LazyFrame:
        """Return the rows of some of the table's files, in their order, lazily."""
        urls = [f"{self.url}/{name}" for name in names]
        return pl.scan_parquet(urls, glob=False, storage_options=self._options or None)

    def _commit_next(self, actions: Callable[[DeltaTable], list[Action] | None]) -> bool:
        """Commit what is decided on the newest version as the next; say whether there was any."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            handle = self.open() or self.create(append_only=False)
            decided = actions(handle)
            if decided is None:
                return False
            try:
                self.commit(handle.version() + 1, decided)
            except (Taken, StoreError) as error:
                if self._landed(decided):
                    return True
                if isinstance(error, StoreError):
                    raise
                if time.monotonic() > deadline:
                    raise StoreError(f"others kept committing to {self.url}; try again") from None
                time.sleep(random.uniform(0.001, 0.02))  # noqa: S311
                continue
            return True

    def _landed(self, actions: Sequence[Action]) -> bool:
        """Say whether a commit that was answered with an error is there all the same.

        A store may take a commit and lose the answer, and who asks again is then told that
        somebody else was first.
        """
        ours = {action["add"]["path"] for action in actions if "add" in action}
        handle = self.open()
        return bool(ours) and handle is not None and ours <= set(listed(handle)["path"])

    def _refuse_other_types(self, handle: DeltaTable) -> None:
        """Raise where files of ours would not be of the table's types: nobody else looks."""
        ours, theirs = (
            {field.name: field.type for field in schema.fields}
            for schema in (Schema.from_arrow(self._own_schema()), handle.schema())
        )
        for name, own in ours.items():
            if theirs[name] != own:
                raise StoreError(
                    f"the column {name!r} of the table {self.url} is {theirs[name]}, where this"
                    f" argosy writes {own}; use the argosy that made the table"
                )


def listed(handle: DeltaTable) -> pl.DataFrame:
    """Return the files that a version of a table is made of: `path`, `size` and their bounds."""
    return pl.DataFrame(handle.get_add_actions(flatten=True)).rename({"size_bytes": "size"})


def last_change(handle: DeltaTable) -> int:
    """Return the number of the last change that the ledger's log lists; 0 where it lists none."""
    files = listed(handle)
    if "max.seq" not in files.columns:
        return 0
    return int(files["max.seq"].cast(pl.Int64).max() or 0)  # type: ignore[arg-type]
