"""Open a fleet."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

from argosy.fleet.changes import Changes
from argosy.fleet.flat_verbs import FlatVerbs
from argosy.fleet.outgoing import Outgoing
from argosy.fleet.past import PastFleet
from argosy.fleet.releases import Releases
from argosy.fleet.roots import Roots
from argosy.fleet.runs import Runs
from argosy.fleet.templates import Templates
from argosy.fleet.upkeep import Upkeep
from argosy.fleet.view import View
from argosy.governance.outbox import Outbox
from argosy.governance.watch import FleetWatch
from argosy.plugins import installed
from argosy.registry.names import refuse_bad_name, refuse_unclear_name
from argosy.store.ledger import Ledger
from argosy.store.location import Location, of_fleet
from argosy.store.options import with_secrets
from argosy.store.past import Past, Pinned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from argosy.store.state import State


def open(  # noqa: A001
    url: str,
    create: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    actor: str | None = None,
) -> Fleet:
    """Open the fleet at a URL.

    Args:
        url: a folder or a URL such as `s3://bucket/fleet`.
        create: make an empty fleet if there is none.
        storage_options: how to reach the store, as fsspec takes it; a value may say where it lies,
            as `{"env": "NAME"}` or `{"file": "PATH"}`.
        actor: recorded as the author of changes; defaults to the user's name.

    Raises:
        FleetNotFound: if there is no fleet and `create` is false.
        NewerStore: if a later argosy wrote it.
        StoreError: if the URL cannot be read.
        BadInput: for an actor whose name could be taken for another's, and where a storage option
            refers to what is not there.

    >>> import tempfile
    >>> fleet = open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> fleet.register({"model": ["churn"], "version": ["1"], "team": ["web"]})["outcome"].item()
    'registered'
    >>> fleet.where("team = 'web'").frame()["model"].to_list()
    ['churn']
    """
    if actor:
        refuse_unclear_name(actor, "actor")
    location = Location(of_fleet(url), with_secrets(storage_options or {}))
    if create and location.marker() is None:
        location.create()
    location.require()
    return _fleet(location, Ledger(location, actor or _user()))


def _fleet(location: Location, ledger: Ledger) -> Fleet:
    """Return a fleet whose policies and listeners are asked and told of changes."""

    def look(state: State) -> View:
        return View(location, Pinned(ledger, state))

    outbox = Outbox(location)
    ledger.watch = FleetWatch(location.url, ledger.actor, ledger.group, look, outbox, ledger)
    return Fleet(location, ledger)


class Fleet(Changes, Roots, Templates, FlatVerbs, Runs, Releases, Outgoing, Upkeep):
    """Thousands of models as a handful of tables; get one with `argosy.open`.

    Every verb takes a whole table or a selection, writes all of it in one change or none of it,
    and returns one outcome row per input row. With `dry_run=True` it writes nothing and returns
    the difference that it would make: `kind`, `key`, `column`, `old`, `new`.
    """

    def as_of(self, point: int | str | date) -> PastFleet:
        """Return the whole fleet as it stood after a change or at a time, read-only.

        Args:
            point: the number of a change; or a time, as a datetime, a date, or text such as
                `2026-11-01T12:00:00+01:00`. It is in UTC unless it has an offset, and a bare date
                means the end of that day.

        Raises:
            BadInput: for a change that has not happened, or what is not a time.
        """
        verbs = {name for name in dir(Fleet) if not hasattr(View, name)}
        return PastFleet(self.location, Past(self.ledger, point), verbs)

    def in_group(self, name: str) -> Fleet:
        """Return this fleet with all its changes and runs in one group, such as a night.

        The group is in `events()`, `runs()` and `unfinished()`, and `rollback(group=name)` undoes
        all of it. Give the same name again to continue a group.

        Raises:
            BadInput: for a name that cannot be used.

        >>> import tempfile
        >>> fleet = open(tempfile.mkdtemp() + "/fleet", create=True)
        >>> night = fleet.in_group("night-2026-11-26")
        >>> _ = night.register({"model": ["churn"], "version": ["1"]})
        >>> _ = night.tag(night.where("true"), {"shop": "open"})
        >>> fleet.rollback(group="night-2026-11-26")["outcome"].to_list()
        ['removed', 'removed']
        >>> fleet.models().collect().height
        0
        """
        refuse_bad_name(name, "group")
        return _fleet(self.location, self.ledger.grouped(name))

    if not TYPE_CHECKING:  # type checkers know what plugins add from the plugins

        def __getattr__(self, name: str) -> object:
            """Return what a plugin adds to a fleet."""
            if not name.startswith("_") and name in installed().accessors:
                return installed().accessors[name].make(self)
            raise AttributeError(
                f"a fleet has no {name!r}; `argosy plugins` lists what plugins add"
            )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
