"""Write to a fleet in whole tables: models, versions, bindings, aliases, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from argosy.data.text_columns import text_columns
from argosy.fleet.view import View
from argosy.fleet.writable import Writable
from argosy.registry import (
    aliases,
    bindings,
    entities,
    model_changes,
    quarantine,
    registration,
)
from argosy.registry.frames import as_frame
from argosy.registry.rollback import rollback
from argosy.store.past import Pinned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.store.state import State
    from argosy.views.selection import Selection


class Changes(Writable):
    """Every change of models, versions and what belongs to them."""

    def register(
        self,
        table: object,
        existing: Literal["refuse", "skip"] = "refuse",
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Register model versions.

        Args:
            table: columns `model` and `version`, and any of those in `argosy.tables`.
            existing: what to do with a (model, version) that is registered already.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            RowsRefused: if any row cannot be registered; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return registration.register(self.ledger, table, existing, reason, dry_run)

    def bind(
        self,
        table: object,
        check: bool = True,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Bind data to models by role.

        Args:
            table: columns `role` and `url`, and `model` or `template` (neither: every model).
            check: refuse data that is not there yet.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            RowsRefused: if any row cannot be bound; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return bindings.bind(self.ledger, table, check, reason, dry_run, text_columns)

    def set_alias(
        self,
        versions: Selection | object,
        alias: str,
        if_version: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Point an alias of many models at a version.

        Args:
            versions: a selection (each model's newest version), or a table of `model`, `version`
                and, where each row expects its own old version, `if_version`.
            alias: such as `champion`.
            if_version: refuse where the alias does not point at this version now.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            RowsRefused: for versions that do not exist, or an alias that moved meanwhile.
        """
        table = self._chosen(versions, "model", "version")
        return aliases.set_alias(self.ledger, table, alias, if_version, reason, dry_run)

    def clear_alias(
        self,
        models: Selection | object,
        alias: str,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Take an alias from models: a selection, or a table of `model`."""
        table = self._chosen(models, "model")
        return aliases.clear_alias(self.ledger, table, alias, reason, dry_run)

    def tag(
        self,
        models: Selection | object,
        tags: Mapping[str, str] | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Add tags: the same for a selection, or a table of `model` and `tags`."""
        table = as_frame(self._chosen(models, "model"), "tag")
        if tags is not None:
            told = pl.Series("tags", [dict(tags)], dtype=pl.Map(pl.String, pl.String))
            table = table.with_columns(told.new_from_index(0, table.height))
        return model_changes.tag(self.ledger, table, reason, dry_run)

    def untag(
        self,
        models: Selection | object,
        keys: Sequence[str],
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Take tags away from models: a selection, or a table of `model`."""
        table = self._chosen(models, "model")
        return model_changes.untag(self.ledger, table, keys, reason, dry_run)

    def set_owner(
        self,
        models: Selection | object,
        owner: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Give models an owner: one for a selection, or a table of `model` and `owner`."""
        table = as_frame(self._chosen(models, "model"), "set the owner")
        if owner is not None:
            table = table.with_columns(owner=pl.lit(owner))
        return model_changes.set_owner(self.ledger, table, reason, dry_run)

    def retire(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Take models out of every job; `restore` puts them back."""
        table = self._chosen(models, "model")
        return model_changes.retire(self.ledger, table, True, reason, dry_run)

    def restore(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Put retired models back, or bring deleted ones back within their retention.

        Raises:
            RowsRefused: for a model that is neither, or whose retention has passed.
        """
        table = as_frame(self._chosen(models, "model"), "restore")
        ledger = self.ledger
        live = ledger.state()["model"].select("model")
        if table.join(live, on="model", how="semi").height:
            return model_changes.retire(ledger, table, False, reason, dry_run)
        return model_changes.undelete(ledger, table, reason, dry_run)

    def unquarantine(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Let models out of quarantine: the next job tries them again.

        Raises:
            RowsRefused: for a model that is not in quarantine.
        """
        table = self._chosen(models, "model")
        return quarantine.release(self.ledger, table, reason, dry_run)

    def delete(
        self,
        models: Selection | object,
        keep_days: float = 30,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Delete models with their versions, aliases and bindings; history keeps them.

        Args:
            models: a selection, or a table of `model`.
            keep_days: for how long `restore` can bring them back. After that, `maintain` removes
                their artifacts if these lie in the folder `artifacts` of the fleet.
            reason: kept with the change.
            dry_run: write nothing, return the difference.
        """
        table = self._chosen(models, "model")
        return model_changes.delete(self.ledger, table, keep_days, reason, dry_run)

    def put(
        self, kind: str, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Write entities of a kind that a plugin brings, new or in place of those with their keys.

        Args:
            kind: its name; `argosy plugins` lists what plugins bring.
            table: its columns, one row per entity; those that are not given are null.
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a kind that no plugin brings, or a column that it does not have.
            BadInput: for a kind of argosy's own, and missing or mistyped columns.
            RowsRefused: if any row cannot be written; nothing is.
        """
        return entities.put(self.ledger, self._look, kind, table, reason, dry_run)

    def remove(
        self, kind: str, table: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Remove entities of a kind that a plugin brings: a table of the columns of their key.

        Raises:
            RowsRefused: for an entity that is not there, or that the kind's plugin keeps.
        """
        return entities.remove(self.ledger, self._look, kind, table, reason, dry_run)

    def rollback(
        self,
        seq: int | None = None,
        reason: str | None = None,
        dry_run: bool = False,
        *,
        group: str | None = None,
    ) -> pl.DataFrame:
        """Undo the change `seq`, or all of a `group`: what it touched stands as before again.

        Args:
            seq: the number of a change.
            reason: kept with the change that this makes.
            dry_run: write nothing, return the difference.
            group: in place of `seq`, the name of a group; its runs are undone too.

        Raises:
            UnknownName: if there is no such change or group.
            BadInput: unless one of the two is given.
            RowsRefused: if another change touched any of it since (roll that back first), or if a
                plugin forbids that an entity of its kind comes back or goes.
        """
        return rollback(self.ledger, self._look, seq, group, reason, dry_run)

    def _look(self, state: State) -> View:
        return View(self.location, Pinned(self.ledger, state))
