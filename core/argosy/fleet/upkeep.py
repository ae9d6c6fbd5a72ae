"""Keep a fleet sound: tidied up, repaired, and lightened of what is old."""

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
    """Everything that keeps a fleet sound."""

    def maintain(
        self,
        keep_hours: float = KEEP_HOURS,
        nobody_writes: bool = False,
        repair: bool = False,
        keep_facts: str | None = None,
    ) -> dict[str, Any]:
        """Do all upkeep now, most of which runs by itself when it pays.

        Nothing is removed that is named, or that a job at work or to be resumed may yet name,
        however wrong this machine's clock is: files have the age that the store gives them.

        Args:
            keep_hours: for how long files stay that nothing names any more, for readers that hold
                them open; never less than a day, unless `nobody_writes`.
            nobody_writes: promise that nobody else works on the fleet, reads it or means to resume
                a run, so that less than a day will do: 0 removes all that is not named.
            repair: remove rows that are stored several times before, and bring back acknowledged
                changes whose entries in the log are lost.
            keep_facts: a period such as `400d`: rows of `drift`, `distributions` and `estimates`
                of older runs are let go for good. Verdicts and evaluations stay, and so does the
                last run of each model; a change on the ledger says what went.

        Returns:
            `changes`, `runs_let_go` that lost detail, `files_removed`, and `artifacts_removed`:
            those of models that were deleted and can no longer be restored, if they lie in the
            fleet's folder `artifacts`. With `repair` also `repaired`, a list of what was done:
            `table`, `seq`, `run_id`, `rows` and `done`.

        Raises:
            StoreError: naming each step that failed; the others are done.
            BadInput: for a negative time, or what is no period.
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
