"""Tell whoever watches this process which run it has begun, so that it can be resumed.

>>> with watching(print):
...     tell("b2f1c9d0a3e4")
b2f1c9d0a3e4
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from argosy.during import during

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_WATCHER: ContextVar[Callable[[str], None] | None] = ContextVar("watcher", default=None)


def watching(watcher: Callable[[str], None]) -> AbstractContextManager[None]:
    """Call somebody with the id of every run that begins, or goes on, inside."""
    return during(_WATCHER, watcher)


def tell(run_id: str) -> None:
    """Tell that a run can be resumed from now on."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(run_id)
