"""The facts of a fleet: tables that runs append to, visible once their run is on the ledger."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from argosy.errors import StoreError
from argosy.store.citations import refuse_missing
from argosy.store.compaction import compact
from argosy.store.contents import batches, files_of
from argosy.store.data_files import write
from argosy.store.delta import Table
from argosy.store.digests import Digest, digest_of
from argosy.store.fact_tables import fact_tables
from argosy.tables import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from argosy.store.actions import Action
    from argosy.store.location import Location
    from argosy.store.state import State


_MANY_FILES = 64
_WRITERS = 4
"""Parts that are in hand at a time: memory is bounded by so many."""
STAGED_FOLDER = "staged"


class Facts:
    """What runs have found, in tables."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._tables: dict[str, Table] = {}
        self._counted: dict[str, tuple[int, int, str]] = {}

    def append(
        self, name: str, parts: Sequence[Callable[[], pl.DataFrame]], run: str, wave: int
    ) -> Digest:
        """Append one wave of a run's results to a table, once however often it is tried.

        Returns what the run is to cite: how many rows, and their digest.

        Args:
            name: of the table.
            parts: each makes the rows of one file, and may do so beside others; the rows have the
                columns and types of `argosy.tables.FACTS`.
            run: whose they are.
            wave: a number that grows within the run.

        Raises:
            StoreError: if the store cannot be written.
        """
        table = self.table(name)
        if not parts or table.held(run, wave):
            return self.digest(name, run) if parts else Digest()

        def written(part: Callable[[], pl.DataFrame]) -> tuple[Action, Digest]:
            rows = part()
            return write(self.location, name, rows), digest_of(rows)

        with ThreadPoolExecutor(min(_WRITERS, os.cpu_count() or 1)) as threads:
            files, digests = zip(*threads.map(written, parts), strict=True)
        ours = table.list_once(files, run, wave)
        if table.files() > _MANY_FILES:
            with suppress(StoreError):  # the rows are listed, whatever becomes of this
                compact(self.location, table)
        # where another driver of the same run was faster, its rows are there in place of these
        return sum(digests, Digest()) if ours else self.digest(name, run)

    def digest(self, name: str, run: str) -> Digest:
        """Return the digest of a run's rows as they lie in a table.

        Raises:
            StoreError: if a file cannot be read.
        """
        table = self.table(name)
        handle = table.open()
        found = Digest()
        for file in [] if handle is None else files_of(handle):
            if file.run in (None, run):
                for batch in batches(self.location, table.url, file.path):
                    found += digest_of(batch.filter(run_id=run))
        return found

    def table(self, name: str) -> Table:
        """Return a table by its name; one that no job here brings is taken as it lies there."""
        if name not in self._tables:
            known = FACTS.get(name) or fact_tables().get(name)
            self._tables[name] = Table(self.location, name, known.schema if known else None)
        return self._tables[name]

    def scan(self, name: str) -> pl.LazyFrame:
        """Return one table, lazily, runs that never finished included."""
        return self.table(name).scan()

    def scan_cited(self, name: str, state: State) -> pl.LazyFrame:
        """Return one table, lazily, once it is sure that it has the rows that finished runs cite.

        Raises:
            StoreError: naming the run and the table where rows are missing.
        """
        table = self.table(name)
        handle = table.open()
        counted = (-1 if handle is None else handle.version(), state.seq, state.chain)
        if self._counted.get(name) != counted:
            refuse_missing(table, state, handle)
            self._counted[name] = counted
        return table.scan(handle)
