"""The fleet and its prototypes: define them, make models of them, train these again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from argosy.jobs.run import Run
from argosy.registry import templates
from argosy.releasing import Releasing
from argosy.resuming import resumable
from argosy.retraining.job import retrain

if TYPE_CHECKING:
    import polars as pl

    from argosy.jobs.running import Progress
    from argosy.views.selection import Selection


class Training(Releasing):
    """Everything that is done by template."""

    def define(
        self, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Define templates, or change them: the prototypes of which models are instances.

        Args:
            table: columns `template` and `trainer`, and any of `params` (a map of strings),
                `metrics`, `comparison`, `metric`, `margin` (what a candidate must win by),
                `schedule` (text such as `daily 00:00`), `period` (how often models are trained,
                such as `1d`), `effect_delay` (how long until it can be seen what a new version
                did, such as `7d`), `data` (the role that models are trained on, `training` unless
                given), `task`, `features` and `owner`.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Returns:
            One row per input row: `template`, `outcome`, `reason`, and `warning` where the period
            is shorter than the effect delay.

        Raises:
            RowsRefused: if any row cannot be meant; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return templates.define(self._writable(), table, reason, dry_run)

    def undefine(
        self, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Take templates (a table of `template`) away.

        Raises:
            RowsRefused: for one that does not exist, or that has models.
        """
        return templates.undefine(self._writable(), table, reason, dry_run)

    def instantiate(
        self,
        template: str,
        table: object,
        existing: Literal["refuse", "skip"] = "refuse",
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Register models of a template, without versions: `retrain` makes those.

        Args:
            template: its name.
            table: column `model`, and any of `team`, `owner` (the template's unless given),
                `purpose`, `tier` and `tags`.
            existing: what to do with a model that is there already.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a template that is not defined.
            RowsRefused: if any row cannot enter; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        ledger = self._writable()
        return templates.instantiate(ledger, template, table, existing, reason, dry_run)

    @resumable("retrain")
    def retrain(
        self,
        selection: Selection | str | None = None,
        executor: str = "local",
        *,
        version: str | None = None,
        alias: str | None = "challenger",
        data: str | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Train a new version of each selected model, as its template says.

        All versions, the alias and the run are one change. A model that fails is a row with its
        reason, and keeps what it had.

        Args:
            selection: which models; all of templates that are not retired unless given.
            executor: where the work runs.
            version: the name of every new version; each model's newest number and 1 unless given.
            alias: points at the new versions afterwards; none if None.
            data: the role of the rows to train on; what each template says unless given.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role or executor that does not exist.
            BadInput: if no model is selected, or none is of a template.
        """
        ledger, units = self._writable(), self._units(selection, "retrain", unborn=True)
        summary = retrain(
            ledger,
            self._facts,
            ledger.state(),
            units,
            every=selection is None,
            version=version,
            alias=alias,
            data=data,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)
