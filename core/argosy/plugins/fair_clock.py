"""Hold a call to its limit without holding against it what the machine did meanwhile.

A call that is merely slow must not be taken for one that hangs. So two kinds of time do not count:

- ready to run, but not run, because the machine ran something else; Linux tells it of each thread,
  on other systems it counts;
- importing modules for the first time, which costs the first call of a process seconds, and no
  later one.

Both are forgiven up to the limit itself, and at least up to a minute; so a call that imports for
ever, or starves itself with threads of its own, ends too.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from argosy.breadcrumbs import Breadcrumb

_TICK = 0.5
_FORGIVEN = 60.0
"""Seconds that are forgiven however short the limit is."""
_IMPORTING = "<frozen importlib._bootstrap>"
"""Whose code runs as long as a module is imported."""
_NANOSECONDS = 1e9


class FairClock:
    """The seconds that count, of which some are forgiven.

    >>> clock = FairClock(limit=2.0)
    >>> forgiven = clock.tick()
    >>> clock.counted < 1.0
    True
    """

    def __init__(self, limit: float, process: int | None = None, thread: int | None = None) -> None:
        """Begin.

        Args:
            limit: seconds that may count.
            process: whose threads are watched; defaults to this process.
            thread: one of them, by the number that the system gives it, that begins now.
        """
        self.counted = 0.0
        self._tasks = Path(f"/proc/{process or 'self'}/task")
        self._left = max(limit, _FORGIVEN)
        self._owed = 0.0
        self._now = time.monotonic()
        self._waited: Mapping[str, float] = {} if thread is None else {str(thread): 0.0}

    def tick(self, importing: bool = False) -> float:
        """Count the time since the last tick; return how much of it is forgiven.

        Args:
            importing: whether modules were imported all the while.
        """
        before, self._now = self._now, time.monotonic()
        spent = self._now - before
        known, self._waited = self._waited, _waits(self._tasks)
        both = known.keys() & self._waited.keys()
        waited = max((self._waited[one] - known[one] for one in both), default=0.0)
        self._owed += spent if importing else waited  # told when a thread runs again: maybe late
        forgiven = min(self._owed, self.counted + spent, self._left)
        self._owed -= forgiven
        self._left -= forgiven
        self.counted += spent - forgiven
        return forgiven


def ends_in_time(worker: threading.Thread, limit: float, crumb: Breadcrumb) -> bool:
    """Wait for a call that has just begun, and say whether it ended within its limit.

    Args:
        worker: the thread that it runs in.
        limit: seconds that count.
        crumb: of the call; whoever watches from outside reads there how long it may still take.
    """
    clock = FairClock(limit, thread=worker.native_id)
    imported = False
    while clock.counted < limit:
        worker.join(min(_TICK, limit - clock.counted))
        if not worker.is_alive():
            return True
        before, imported = imported, _imports(worker)
        if clock.tick(importing=before or imported):
            crumb.extend(limit - clock.counted)
    return False


def _imports(worker: threading.Thread) -> bool:
    """Whether a thread is importing a module."""
    frame = sys._current_frames().get(worker.ident or 0)
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTING:
            return True
        frame = frame.f_back
    return False


def _waits(tasks: Path) -> Mapping[str, float]:
    """Return for how many seconds each thread was ready and did not run, since it began."""
    found: dict[str, float] = {}
    with suppress(OSError):  # no such file on other systems
        for task in tasks.iterdir():
            with suppress(OSError, IndexError):  # it has ended
                told = (task / "schedstat").read_text().split()
                found[task.name] = int(told[1]) / _NANOSECONDS
    return found
