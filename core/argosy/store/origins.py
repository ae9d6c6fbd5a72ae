"""Whether data and artifacts may be read, and artifacts read: asked again at every reading.

The name of a URL is asked first, which touches nothing; then what lies there, on this machine.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

from fsspec.core import url_to_fs

from argosy.during import during
from argosy.errors import BadInput, DataError
from argosy.plugins import options
from argosy.plugins.settings import CORE
from argosy.store.data_url import data_url, scheme_of
from argosy.store.regular_files import Inspection
from argosy.store.roots import outside
from argosy.store.web import is_web, read_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from argosy.store.location import Location

_PIECE = 2**20
_OPENING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""A FIFO that nobody writes to is opened at once, and then refused."""
_SEEN: ContextVar[set[str] | None] = ContextVar("seen", default=None)


@contextmanager
def unexchanged(location: Location) -> Iterator[None]:
    """Look again at all that was let in, once it has been read: an engine opens paths by itself.

    Raises:
        DataError: naming what may no longer be read.
    """
    seen: set[str] = set()
    with during(_SEEN, seen):
        yield
    origins = Origins(location)
    for url in sorted(seen):
        told = origins.fault(url)
        if told:
            raise DataError(f"{told}; it was put there while the data was read")


class Origins:
    """The URLs that a fleet may read, looked at once: make a new one for the next reading."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._limits = options(CORE)
        self._inspection = Inspection(location, self._limits.largest_file)

    def fault(self, url: str) -> str | None:
        """Say why a URL that a fleet holds may not be read, or None."""
        try:
            kept = data_url(url)
        except BadInput as error:
            return str(error)
        told = outside(kept, self._location)
        if told is None and not scheme_of(kept):
            told = self._inspection.fault(kept)
            seen = _SEEN.get()
            if told is None and seen is not None:
                seen.add(kept)
        return told

    def refuse(self, url: str) -> None:
        """Raise if a URL may not be read.

        Raises:
            DataError: naming it and the reason.
        """
        told = self.fault(url)
        if told:
            raise DataError(told)

    def read(self, url: str) -> bytes:
        """Return the content of a file, within the limits of size and time.

        Raises:
            DataError: if it may not be read.
            FileNotFoundError: if there is none.
        """
        self.refuse(url)
        most, seconds = self._limits.largest_read, self._limits.read_time
        if not scheme_of(url):
            return self._read_here(url, most, seconds)

        def work() -> bytes:
            if is_web(url):
                return read_web(url, most, seconds)
            filesystem, path = url_to_fs(url, **self._location.file_options(url))
            with filesystem.open(path, "rb") as file:
                return _pieces(url, file.read, most, seconds)

        return bytes(within(seconds, url, work))

    def _read_here(self, path: str, most: int, seconds: float) -> bytes:
        """Read what was opened, and was looked at then: nobody can exchange it any more."""
        descriptor = os.open(path, _OPENING)
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123  (it is open already)
            told = self._inspection.fault_of_opened(path, descriptor)
            if told:
                raise DataError(told)
            return _pieces(path, file.read, most, seconds)


def within(seconds: float, url: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return what a look at a URL elsewhere gives, unless it takes too long.

    Raises:
        DataError: if it does; its thread is left behind.
    """
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def attempt() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    run = copy_context().run
    thread = threading.Thread(target=run, args=(attempt,), name=f"read {url}", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise DataError(_too_slow(url, seconds))
    return outcome[0]


def _pieces(url: str, read: Callable[[int], bytes], most: int, seconds: float) -> bytes:
    """Read to the end, however long a file says that it is."""
    parts: list[bytes] = []
    held, until = 0, time.monotonic() + seconds
    while piece := read(_PIECE):
        parts.append(piece)
        held += len(piece)
        if held > most:
            raise DataError(
                f"{url} has more than {most:,} bytes, which the option core.largest_read sets"
            )
        if time.monotonic() > until:
            raise DataError(_too_slow(url, seconds))
    return b"".join(parts)


def _too_slow(url: str, seconds: float) -> str:
    return f"reading {url} took more than {seconds:g} s, which the option core.read_time sets"
