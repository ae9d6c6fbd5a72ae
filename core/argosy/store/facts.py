"""The facts of a fleet: tables that runs append to, visible once their run is on the ledger."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from argosy.store import blobs
from argosy.store.compaction import compact
from argosy.store.damage import collect
from argosy.store.delta import Table
from argosy.store.parts import write
from argosy.tables import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from argosy.store.location import Location


_MANY_FILES = 64
_WRITERS = 4
"""Parts that are in hand at a time: memory is bounded by so many."""
PROFILES_FOLDER = "profiled"
FITTED_FOLDER = "fitted"
STAGED_FOLDER = "staged"
PREDICTED_FOLDER = "predicted"
TRAINED_FOLDER = "artifacts/trained"
"""Below the folder of artifacts, so that those of deleted models go as all others do."""
_CITED = (
    ("profiles", "profile", PROFILES_FOLDER),
    ("fits", "fit", FITTED_FOLDER),
    ("predictions", "file", PREDICTED_FOLDER),
    ("trainings", "file", TRAINED_FOLDER),
)
"""The tables that name files beside them: the column that does, and the files' folder."""


class Facts:
    """What runs have found, in tables."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._tables = {name: Table(location, name, schema) for name, schema in FACTS.items()}

    def append(
        self, name: str, parts: Sequence[Callable[[], pl.DataFrame]], run: str, wave: int
    ) -> None:
        """Append one wave of a run's results to a table, once however often it is tried.

        Args:
            name: of the table.
            parts: each makes the rows of one file, and may do so beside others; the rows have the
                columns and types of `argosy.tables.FACTS`.
            run: whose they are.
            wave: a number that grows within the run.

        Raises:
            StoreError: if the store cannot be written.
        """
        table = self._tables[name]
        if not parts or table.held(run, wave):
            return
        with ThreadPoolExecutor(min(_WRITERS, os.cpu_count() or 1)) as threads:
            files = threads.map(lambda part: write(self.location, name, part()), parts)
            table.list_once(list(files), run, wave)
        if table.files() > _MANY_FILES:
            compact(self.location, table)

    def maintain(self, keep_hours: int) -> int:
        """Gather small files and remove unused ones; return how many were removed."""
        for table in self._tables.values():
            compact(self.location, table)
        unused = 0
        for name, column, folder in _CITED:
            cited = set(collect(self.scan(name), self.location.url)[column])
            unused += blobs.clean(self.location, folder, cited, keep_hours)
        unused += blobs.clean(self.location, STAGED_FOLDER, (), keep_hours)
        return unused + sum(table.clean(keep_hours) for table in self._tables.values())

    def scan(self, name: str) -> pl.LazyFrame:
        """Return one table, lazily, runs that never finished included."""
        return self._tables[name].scan()
