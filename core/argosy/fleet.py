"""The fleet to change: open it, write to it in whole tables."""

from __future__ import annotations

import getpass
from copy import copy
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from argosy.jobs.job import refuse_empty
from argosy.lifecycle.watch import FleetWatch
from argosy.registry import aliasing, binding, changing, quarantine, registration, requiring
from argosy.registry.frames import as_frame, refuse_bad_name
from argosy.registry.rollback import rollback
from argosy.store.facts import Facts
from argosy.store.ledger import Ledger
from argosy.store.location import Location, absolute
from argosy.store.past import Past
from argosy.upkeep import Upkeep
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


def open(  # noqa: A001
    url: str,
    create: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    actor: str | None = None,
) -> Fleet:
    """Open the fleet at a URL.

    Args:
        url: a folder or a URL such as `s3://bucket/fleet`.
        create: make an empty fleet where there is none.
        storage_options: what the store needs to be reached, in fsspec's words.
        actor: who is said to make the changes; the user's name unless given.

    Raises:
        FleetNotFound: if there is no fleet and `create` is false.
        NewerStore: if a later argosy wrote it.
        StoreError: if the URL cannot be read.

    >>> import tempfile
    >>> fleet = open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> fleet.register({"model": ["churn"], "version": ["1"], "team": ["web"]})["outcome"].item()
    'registered'
    >>> fleet.where("team = 'web'").frame()["model"].to_list()
    ['churn']
    """
    location = Location(absolute(url), dict(storage_options or {}))
    if create and location.marker() is None:
        location.create()
    location.require()
    who = actor or _user()
    return Fleet(location, Ledger(location, who, FleetWatch(location.url, who)))


class Fleet(Upkeep):
    """Thousands of models as a handful of tables; get one with `argosy.open`.

    Every verb takes a whole table or a selection, writes all of it in one change or none of it,
    and returns one outcome row per input row. With `dry_run=True` it writes nothing and returns
    the difference that it would make: `kind`, `key`, `column`, `old`, `new`.
    """

    def __init__(self, location: Location, ledger: Ledger | Past) -> None:
        super().__init__(location.url, ledger, Facts(location))
        self._location = location

    def as_of(self, point: int | str | datetime) -> Fleet:
        """Return the whole fleet as it stood after a change or at a time, read-only.

        Args:
            point: the number of a change; or a time such as `2026-11-01T12:00:00Z`, in UTC
                unless it says otherwise, where a bare date means its end.

        Raises:
            BadInput: for a change that has not happened, or what is no time.
        """
        return Fleet(self._location, Past(self._writable(), point))

    def grouped(self, name: str) -> Fleet:
        """Return this fleet, whose changes and runs are from now on of one group, such as a night.

        The group is in `events()`, `runs()` and `unfinished()`, and `rollback(group=name)` undoes
        all of it. A group goes on wherever the same name is given again.

        Raises:
            BadInput: for a name that cannot be used.

        >>> import tempfile
        >>> fleet = open(tempfile.mkdtemp() + "/fleet", create=True)
        >>> night = fleet.grouped("night-2026-11-26")
        >>> _ = night.register({"model": ["churn"], "version": ["1"]})
        >>> _ = night.tag(night.where("true"), {"shop": "open"})
        >>> fleet.rollback(group="night-2026-11-26")["outcome"].to_list()
        ['removed', 'removed']
        >>> fleet.models().collect().height
        0
        """
        refuse_bad_name(name, "group")
        found = copy(self)
        ledger = self._writable()
        found._ledger = ledger.grouped(name, FleetWatch(self.url, ledger.actor, name))
        return found

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
        return registration.register(self._writable(), table, existing, reason, dry_run)

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
        return binding.bind(self._writable(), table, check, reason, dry_run)

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
        return aliasing.set_alias(self._writable(), table, alias, if_version, reason, dry_run)

    def clear_alias(
        self,
        models: Selection | object,
        alias: str,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Take an alias from models: a selection, or a table of `model`."""
        table = self._chosen(models, "model")
        return aliasing.clear_alias(self._writable(), table, alias, reason, dry_run)

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
        return changing.tag(self._writable(), table, reason, dry_run)

    def untag(
        self,
        models: Selection | object,
        keys: Sequence[str],
        reason: str | None = None,
        dry_run: bool = False,
    ) -> pl.DataFrame:
        """Take tags away from models: a selection, or a table of `model`."""
        table = self._chosen(models, "model")
        return changing.untag(self._writable(), table, keys, reason, dry_run)

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
        return changing.set_owner(self._writable(), table, reason, dry_run)

    def retire(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Take models out of every job; `restore` puts them back."""
        table = self._chosen(models, "model")
        return changing.retire(self._writable(), table, True, reason, dry_run)

    def restore(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Put retired models back, or bring deleted ones back within their retention.

        Raises:
            RowsRefused: for a model that is neither, or whose retention has passed.
        """
        table = as_frame(self._chosen(models, "model"), "restore")
        ledger = self._writable()
        live = ledger.state()["model"].select("model")
        if table.join(live, on="model", how="semi").height:
            return changing.retire(ledger, table, False, reason, dry_run)
        return changing.undelete(ledger, table, reason, dry_run)

    def release(
        self, models: Selection | object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Let models out of quarantine: the next job tries them again.

        Raises:
            RowsRefused: for a model that is not in quarantine.
        """
        table = self._chosen(models, "model")
        return quarantine.release(self._writable(), table, reason, dry_run)

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
        return changing.delete(self._writable(), table, keep_days, reason, dry_run)

    def require(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Require policies: from then on every change by anybody must keep them.

        Args:
            policies: a table of `policy`, and where wanted `where` (a SQL expression over the
                columns of models: only those that match are bound by it) and `options` (a JSON
                object as text).
            reason: kept with the change.
            dry_run: write nothing, return the difference.

        Raises:
            UnknownName: for a policy that no plugin offers.
            BadInput: for options that it does not take, or a `where` that is no condition.
        """
        return requiring.require(self._writable(), policies, reason, dry_run)

    def unrequire(
        self, policies: object, reason: str | None = None, dry_run: bool = False
    ) -> pl.DataFrame:
        """Require policies (a table of `policy`) no longer.

        Raises:
            UnknownName: for a policy that the fleet does not require.
        """
        return requiring.unrequire(self._writable(), policies, reason, dry_run)

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
            RowsRefused: if another change touched any of it since; roll that back first.
        """
        return rollback(self._writable(), seq, group, reason, dry_run)

    def _chosen(self, chosen: Selection | object, *columns: str) -> object:
        if not isinstance(chosen, Selection):
            return chosen
        frame = chosen.names(*columns)
        refuse_empty(frame, chosen.expression)
        return frame


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
