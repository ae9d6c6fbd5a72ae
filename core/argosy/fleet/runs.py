"""Runs: finished ones, unfinished ones, and how to resume or cancel those."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from argosy.errors import UnknownName
from argosy.fleet.writable import Writable
from argosy.jobs.cancel import cancel
from argosy.jobs.commit import INDEPENDENT, LEFT_OUT, MISSED
from argosy.jobs.plan import kept, unfinished
from argosy.jobs.run import Run
from argosy.jobs.staged import Staged

if TYPE_CHECKING:
    import polars as pl

    from argosy.jobs.retry import Progress


class Runs(Writable):
    """Verbs about single runs."""

    def unfinished(self) -> pl.DataFrame:
        """Return the runs that were begun and not committed, including those at work now."""
        return unfinished(self.location)

    def resume(
        self,
        run_id: str,
        executor: str | None = None,
        other_software: bool = False,
        other_data: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Resume a run whose driver was stopped or died; finished chunks are not repeated.

        It sees the fleet as it stood when the run began, and commits once however often it is
        resumed. A run that is committed already is returned as it is. Staged results last as long
        as `maintain` keeps unreferenced files.

        Args:
            run_id: as `unfinished` lists it.
            executor: where the rest runs; defaults to where the run began.
            other_software: resume even if plugins or libraries have changed since.
            other_data: resume even if the data has changed: the remaining models get new rows.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: if there is no such run.
            PluginError: if what is installed is not what the run began with.
            StoreError: if the data is not what it was, naming the files.
        """
        if run_id in self.ledger.state()["run"]["run_id"]:
            Staged(self.location, run_id).clear()
            return self.past_run(run_id)
        summary = self.driver.resume(run_id, executor, other_software, other_data, progress)
        return Run(self, summary)

    def cancel(self, run_id: str) -> None:
        """Ask a running run to stop, wherever its driver is; it can be resumed.

        Raises:
            UnknownName: if no unfinished run has that id.
        """
        location = self.location
        kept(location, run_id)
        cancel(location, run_id)

    def past_run(self, run_id: str) -> Run:
        """Return a run that was carried out earlier.

        Raises:
            UnknownName: if no run has that id.
        """
        known = self.runs().collect()
        found = known.filter(run_id=run_id)
        if found.is_empty():
            raise UnknownName.among("run", run_id, known["run_id"])
        names = ("run_id", "kind", "models", "ok", "failed", "drifted", "unknown", "seconds")
        summary = found.select(names).row(0, named=True)
        kept = json.loads(found["options"].item() or "{}")
        told = {LEFT_OUT: kept.get(LEFT_OUT, {}), INDEPENDENT: kept.get(INDEPENDENT, 0)}
        told[MISSED] = kept.get(MISSED, [])
        return Run(self, {**summary, **told})
