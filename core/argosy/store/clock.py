"""The store's own clock: the time that it gives a file that is written now.

A fleet is used from many machines, and the clock of one of them may be days off. Files carry the
store's times, so their age is measured against the store's clock alone; and a change is dated by
the clock of the machine that makes it only where the two agree.
"""

from __future__ import annotations

import time
import uuid
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from argosy.errors import ArgosyWarning, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.store.location import Location

PROBE = ".clock-"
"""How the names of the files begin whose times are looked at."""
TOLERATED = timedelta(minutes=1)
"""Clocks that are off by no more agree."""

_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")
_AGAIN = 3600.0
"""Seconds after which the store is asked anew."""


def modified(info: Mapping[str, Any]) -> datetime | None:
    """Return when a file was written, as a listing says in fsspec's words; None if it does not.

    >>> modified({"name": "a", "mtime": 0.0})
    datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    >>> modified({"name": "a", "updated": "2026-11-26T10:00:00Z"}).day
    26
    """
    found = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(found, (int, float)):
        return datetime.fromtimestamp(found, UTC)
    if isinstance(found, str):
        with suppress(ValueError):
            found = datetime.fromisoformat(found)
    if not isinstance(found, datetime):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def store_time(location: Location) -> datetime:
    """Return what time it is in the store, by a small file that is written and removed again.

    Raises:
        StoreError: if the store cannot be written, or does not say when a file was.
    """
    filesystem, path = location.filesystem(location.child(f"{PROBE}{uuid.uuid4().hex}"))
    try:
        filesystem.pipe_file(path, b"argosy")
        try:
            found = modified(filesystem.info(path))
        finally:
            with suppress(Exception):  # upkeep removes what stays
                filesystem.rm_file(path)
    except Exception as error:  # each filesystem raises its own
        raise StoreError(f"cannot write {location.url}: {error}; check space and rights") from error
    if found is None:
        raise StoreError(f"the store of {location.url} does not say when a file was written")
    return found


class Clock:
    """Tells the time for changes: this machine's where it agrees with the store's, else that."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._ahead = timedelta(0)
        self._asked: tuple[datetime, float] | None = None
        self._warned = False

    def now(self, last: datetime | None = None) -> datetime:
        """Return the time for a change.

        Warns, once, where this machine's clock is off, or the last change is from the future.

        Args:
            last: when the last change was made, as far as there is one.
        """
        wall, steady = datetime.now(UTC), time.monotonic()
        if self._stale(wall, steady):
            self._asked, self._ahead = (wall, steady), timedelta(0)
            with suppress(StoreError):  # whoever writes the change will say what is wrong
                there = store_time(self._location)
                ahead = datetime.now(UTC) - there
                self._ahead = ahead if abs(ahead) > TOLERATED else timedelta(0)
        found = wall - self._ahead
        self._warn(found, last)
        return found

    def _stale(self, wall: datetime, steady: float) -> bool:
        """Whether the store is to be asked: long ago it was, or this clock was set meanwhile."""
        if self._asked is None:
            return True
        then, since = self._asked[0], steady - self._asked[1]
        return since > _AGAIN or abs(wall - then - timedelta(seconds=since)) > TOLERATED

    def _warn(self, now: datetime, last: datetime | None) -> None:
        if self._warned:
            return
        if self._ahead:
            way = "ahead of" if self._ahead > timedelta(0) else "behind"
            told = (
                f"this machine's clock is {abs(self._ahead)} {way} that of the store"
                f" {self._location.url}: changes are dated by the store's; set the clock"
            )
        elif last is not None and last - now > TOLERATED:
            told = (
                f"the last change of {self._location.url} is dated {last:%Y-%m-%d %H:%M:%S}, which"
                " is yet to come: a clock was wrong; where --as-of needs a point near it, give the"
                " number of a change"
            )
        else:
            return
        self._warned = True
        warnings.warn(told, ArgosyWarning, stacklevel=2)
