"""Prototypes of models: define them, and make models of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from argosy.fleet.writable import Writable
from argosy.registry import templates

if TYPE_CHECKING:
    import polars as pl


class Templates(Writable):
    """Everything that is done by template, but for training."""

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
            RowsRefused: if any row is invalid; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return templates.define(self.ledger, table, reason, dry_run)

    def undefine(
        self, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Take templates (a table of `template`) away.

        Raises:
            RowsRefused: for one that does not exist, or that has models.
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
            existing: what to do with a model that is there already.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a template that is not defined.
            RowsRefused: if any row cannot enter; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        ledger = self.ledger
        return templates.instantiate(ledger, template, table, existing, reason, dry_run)
