"""Policies that guard a fleet, and promotions in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.fleet.writable import Writable
from argosy.plugins import installed
from argosy.registry import policies as _policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from argosy.types import Check, LookAtModels
    from argosy.views.selection import Selection

    Wanted = str | Check | LookAtModels
    """A check: its name, itself, or its function."""


class Releases(Writable):
    """Verbs that decide what goes into use."""

    def require(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Require policies: from then on every change by anybody must keep them.

        Args:
            policies: a table of `policy`, and optionally `where` (a SQL expression over the columns
                of models: the policy binds those that match) and `options` (a JSON object as text).
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a policy that no plugin offers.
            BadInput: for options that it does not take, or a `where` that is not a condition.
        """
        return _policies.require(self.ledger, policies, reason, dry_run)

    def unrequire(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Stop requiring policies: a table of `policy`.

        Raises:
            UnknownName: for a policy that the fleet does not require.
        """
        return _policies.unrequire(self.ledger, policies, reason, dry_run)

    def promote(
        self,
        versions: Selection | str | object | None = None,
        alias: str = "champion",
        steps: Sequence[float] = (0.01, 0.1, 1.0),
        checks: Sequence[Wanted] | None = None,
        *,
        of: str | None = None,
        tolerated: float = 0.0,
        wait: str | None = None,
        until: float | None = None,
        now: bool = False,
        resume: str | None = None,
        seed: int = 0,
        name: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Move an alias of many models in waves, and move all back if they are not well.

        Each step is a change of its own, and moves a larger share of the models, chosen by a hash
        of their names: at least one, and all of them in the last step alone. Before the first step,
        models that the checks object to are left where they are, and if these are more than is
        tolerated nobody moves: what was never measured, or is too old, cannot be judged. After each
        step every check looks at the models moved so far. If checks find more of them than is
        tolerated, or fail, everything that the promotion moved is put back in one change, except
        what somebody else moved since.

        A check that judges by facts looks at those of runs that were begun after the step; where
        there are none, or the next step is not due, the promotion waits, and says what for. The
        same call carries it on, and so does `resume` with its name; also if the process died: from
        what the ledger shows, with the models chosen at first, and without repeating a step.

        Args:
            versions: a selection or a SQL expression (each model's newest version, or that of
                `of`; retired models are left out), or a table of `model` and `version`.
            alias: the one that moves.
            steps: ascending shares of the models, up to 1.
            checks: their names (`argosy plugins` lists them), `Check`s, or functions such as
                theirs; defaults to `comparison`, and `none` switches checks off.
            of: the alias whose versions are promoted, such as `challenger`.
            tolerated: the share of the models that checks may find.
            wait: the least time between two steps, such as `6h`.
            until: the share of the models up to which steps are made this time.
            now: make the next step before it is due.
            resume: the name of a promotion that is under way, to be carried on as it was asked for;
                leave out the models.
            seed: for the order of the models: another seed moves other models first.
            name: of the promotion; by default derived from what is asked for.
            reason: kept with every change.
            dry_run: write nothing; return which model would move in which step.

        Returns:
            One row per model: `model`, `version`, `previous`, `step` (null if it belongs to none),
            `outcome` (`promoted`, `waiting`, `blocked`, `unchanged`, `not moved` or `reverted`)
            and `reason`.

        Raises:
            RowsRefused: for versions that do not exist, before any step.
            UnknownName: for an alias, a check or a promotion that does not exist.
            BadInput: for steps that do not ascend, if the promotion is under way with other
                arguments, or if its next step is not due.
        """
        promotion = installed().accessors["promotion"].make(self)
        outcomes: pl.DataFrame = promotion.promote(
            versions,
            alias,
            steps,
            checks,
            of=of,
            tolerated=tolerated,
            wait=wait,
            until=until,
            now=now,
            resume=resume,
            seed=seed,
            name=name,
            reason=reason,
            dry_run=dry_run,
        )
        return outcomes
