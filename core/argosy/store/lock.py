"""Let the writers of one folder take turns, so that few of them decide in vain.

It is a courtesy: what lands is settled by who creates the entry of the log, so a store without
such locks, or a holder that hangs, costs speed and never a change. Whoever waits first stands in
the door, and whoever has just left the room has to queue there again, so nobody is starved.
"""

from __future__ import annotations

import os
import posixpath
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from argosy.store import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from argosy.store.location import Location

try:
    import fcntl
except ImportError:  # not on this system
    fcntl = None  # type: ignore[assignment]

_PATIENCE = 20.0


@contextmanager
def turn(
    location: Location,
    name: str,
    patience: float = _PATIENCE,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[None]:
    """Wait for a turn among the writers of a folder, for so many seconds at most.

    Args:
        location: the fleet's.
        name: of what is written.
        patience: after so long, go on without.
        meanwhile: done once by whoever is next and has to wait.
    """
    filesystem, root = location.filesystem()
    with ExitStack() as held:
        if fcntl is not None and durable.is_local(filesystem):
            door, room = (posixpath.join(root, f"{name}.{part}") for part in ("door", "lock"))
            with ExitStack() as entering:
                if _locked(entering, door, patience) and not _locked(held, room, 0):
                    if meanwhile is not None:
                        meanwhile()
                    _locked(held, room, patience)
        yield


def _locked(held: ExitStack, path: str, patience: float) -> bool:
    """Hold the lock of a file until a stack ends; say whether it could be had."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:  # a folder that takes no writes: the change will say so
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if not patience:
            os.close(handle)
            return False
        if not _waited(handle, patience):
            return False
    except OSError:
        os.close(handle)
        return False
    held.callback(os.close, handle)
    return True


def _waited(handle: int, patience: float) -> bool:
    """Wait for a lock; where it comes too late, it is let go as soon as it comes."""
    lock, late, there = threading.Lock(), False, False

    def wait() -> None:
        nonlocal there
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            os.close(handle)
            return
        with lock:
            there = True
            if late:
                os.close(handle)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(patience)
    with lock:
        late = not there
    return there
