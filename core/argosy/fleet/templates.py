"""Templates, the prototypes of models: define them, and make models from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from argosy.fleet.writable import Writable
from argosy.registry import templates

if TYPE_CHECKING:
    import polars as pl


class Templates(Writable):
    """Verbs about templates, except training."""

    def define(
        self, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Define or change templates, the prototypes of models.

        Args:
            table: columns `template` and `trainer`, and any of `params` (a map of strings),
                `metrics`, `comparison`, `metric`, `margin` (by how much a candidate must win),
                `schedule` (how often models are trained and looked at: `1d`, `1w`, `daily 00:00`,
                `weekly` ...; triage lists a model that was not), `effect_delay` (how long until
                the effect of a new version shows, such as `7d`), `data` (the role that models are
                trained on, by default `training`), `task`, `features` and `owner`.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Returns:
            One row per input row: `template`, `outcome`, `reason`, and `warning` if the schedule
            is shorter than the effect delay.

        Raises:
            RowsRefused: if any row is invalid; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return templates.define(self.ledger, table, reason, dry_run)

    def undefine(
        self, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Remove templates: a table of `template`.

        Raises:
            RowsRefused: for a template that does not exist, or that has models.
        """
        return templates.undefine(self.ledger, table, reason, dry_run)

    def instantiate(
        self,
        template: str,
        table: object,
        existing: Literal["refuse", "skip"] = "refuse",
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Register models of a template, without versions: `train` makes those.

        Args:
            template: its name.
            table: column `model`, and any of `team`, `owner` (defaults to the template's),
                `purpose`, `tier` and `tags`.
            existing: what to do with a model that exists already.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a template that is not defined.
            RowsRefused: if any row cannot enter; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        ledger = self.ledger
        return templates.instantiate(ledger, template, table, existing, reason, dry_run)
