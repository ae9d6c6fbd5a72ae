"""Stop a run: from outside, or because too many of its first models fail."""

from __future__ import annotations

import posixpath
import time
from typing import TYPE_CHECKING

import pyarrow as pa

from argosy.errors import Stopped
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER

if TYPE_CHECKING:
    import fsspec

    from argosy.jobs.tally import Tally
    from argosy.store.location import Location

_FILE = "cancel.arrow"
_PAUSE = 1.0
_EARLY = 500
"""With fewer models the share of failures says too little."""


def cancel(location: Location, run_id: str) -> None:
    """Ask the driver of a run to stop.

    Raises:
        StoreError: if the store cannot be written.
    """
    blobs.write(location, posixpath.join(STAGED_FOLDER, run_id), pa.table({}), _FILE)


class StopSignal:
    """When a run must stop: it was cancelled, or too much of it fails."""

    def __init__(self, location: Location, run_id: str, models: int, most_failures: float) -> None:
        self._location = location
        self._run_id = run_id
        self._models = models
        self._most = most_failures
        self._looked = time.monotonic()
        self._seen = self._failed = 0

    def release(self) -> None:
        """Clear an earlier request to stop, because the run is resumed."""
        filesystem, inner = self._file()
        if filesystem.exists(inner):
            filesystem.rm_file(inner)

    def look(self) -> None:
        """Check from time to time whether the run was cancelled.

        Raises:
            Stopped: if so.
        """
        now = time.monotonic()
        if now - self._looked < _PAUSE:
            return
        self._looked = now
        filesystem, inner = self._file()
        if filesystem.exists(inner):
            raise Stopped.at(self._run_id, "it was cancelled")

    def weigh(self, tally: Tally) -> None:
        """Check whether too many of the first models failed to go on.

        Raises:
            Stopped: if so, with the first reason.
        """
        self._seen += tally.models
        self._failed += tally.failed
        early = _EARLY <= self._seen < self._models
        if early and self._failed > self._most * self._seen and tally.reason:
            raise Stopped.at(
                self._run_id,
                f"{self._failed} of the first {self._seen} models failed, such as by:"
                f" {tally.reason} (core.most_failures sets how many may)",
            )

    def _file(self) -> tuple[fsspec.AbstractFileSystem, str]:
        folder = posixpath.join(STAGED_FOLDER, self._run_id)
        return self._location.filesystem(self._location.child(folder, _FILE))
