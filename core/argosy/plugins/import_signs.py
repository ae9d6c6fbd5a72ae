"""Notice what an import of a stranger leaves behind or costs, and say whose it was.

An import that takes seconds is paid by every command. A thread that it starts and does not mark as
a daemon would keep the process alive when its work is done; a command, or a worker, ends all the
same.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from argosy.errors import ArgosyWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SLOW = 2.0
"""Seconds from which an import is told."""
_left: list[threading.Thread] = []
_told: list[str] = []


@contextmanager
def watched(whose: str, what: str) -> Iterator[None]:
    """Watch an import, or a hook, which imports more.

    Args:
        whose: the plugin, as `Plugin.origin` says it.
        what: is going on, such as `its import`.
    """
    before = set(threading.enumerate())
    began = time.perf_counter()
    try:
        yield
    finally:
        spent = time.perf_counter() - began
        if spent > _SLOW:
            _told.append(f"{whose}: {what} took {spent:.1f} s, which commands wait for")
        left = [one for one in threading.enumerate() if one not in before and not one.daemon]
        if left:
            names = ", ".join(repr(one.name) for one in left)
            _told.append(
                f"{whose}: {what} started threads that are no daemons ({names}) and keep a process"
                " alive when its work is done; a command of argosy ends all the same"
            )
            _left.extend(left)


def tell(besides: Iterable[str] = ()) -> None:
    """Warn of what was noticed since, and of what else there is, where somebody looks at it."""
    told = [*besides, *_told]
    _told.clear()
    if not told:
        return
    if _is_worker():
        if threads_left():
            _end_workers()
        return
    for line in told:
        warnings.warn(line, ArgosyWarning, stacklevel=2)


def threads_left() -> bool:
    """Whether a thread that an import has started would keep this process alive."""
    return any(one.is_alive() for one in _left)


def _is_worker() -> bool:
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def _end_workers() -> None:
    """Have this worker end when it is asked to, before Python waits for threads."""
    threading._register_atexit(os._exit, 0)  # type: ignore[attr-defined]
