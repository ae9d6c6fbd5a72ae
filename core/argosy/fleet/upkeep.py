"""Keep a fleet sound: clean up, repair, and remove old detail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from argosy.errors import BadInput
from argosy.fleet.writable import Writable
from argosy.registry.times import length
from argosy.store.repair import repair as _repair
from argosy.store.upkeep import maintain
from argosy.store.vacuum import KEEP_HOURS


class Upkeep(Writable):
    """Verbs that keep a fleet sound."""

    def maintain(
        self,
        keep_hours: float = KEEP_HOURS,
        nobody_writes: bool = False,
        repair: bool = False,
        keep_facts: str | None = None,
    ) -> dict[str, Any]:
        """Do all upkeep now; most of it also runs by itself when it pays.

        Nothing is removed that the fleet references, or that a running or resumable job may yet
        reference. The age of a file is what the store says, so a wrong clock on this machine does
        no harm.

        Args:
            keep_hours: how long unreferenced files stay, for readers that have them open; at least
                a day, unless `nobody_writes`.
            nobody_writes: promise that nobody else uses the fleet or wants to resume a run, so that
                less than a day is allowed: 0 removes everything unreferenced.
            repair: first remove rows that are stored several times, and restore acknowledged
                changes whose log entries are lost.
            keep_facts: a period such as `400d`: rows of `drift`, `distributions` and `estimates` of
                older runs are removed for good. Verdicts and evaluations stay, and so does the last
                run of each model; a change on the ledger records what was removed.

        Returns:
            `changes`, `runs_let_go` that lost detail, `files_removed`, and `artifacts_removed`:
            those of models that were deleted and can no longer be restored, if they lie in the
            fleet's folder `artifacts`. With `repair` also `repaired`, a list of what was done:
            `table`, `seq`, `run_id`, `rows` and `done`.

        Raises:
            StoreError: naming each step that failed; the others are done.
            BadInput: for a negative time, or text that is not a period.
        """
        ledger, kept = self.ledger, None
        if keep_facts is not None:
            days = length(keep_facts)
            if not days:
                raise BadInput(f"cannot keep facts for {keep_facts!r}; write a period such as 400d")
            kept = timedelta(days=days)
        done = {"repaired": _repair(ledger, self.facts).to_dicts()} if repair else {}
        upkeep = maintain(ledger, self.facts, self.location, keep_hours, nobody_writes, kept)
        return {**upkeep, **done}
