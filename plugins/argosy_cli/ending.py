"""End the process of a command, though an import has left threads behind that never end."""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

_FAILED = 1


def end_with(work: Callable[[], int]) -> NoReturn:
    """Do work, and exit with what it returns.

    Python waits for every thread that is no daemon before it tidies up. Where a plugin has started
    one, that is done here, and nobody is waited for.
    """
    try:
        code = work()
    except Exception as error:
        if not _left_alone():
            raise
        sys.excepthook(type(error), error, error.__traceback__)
        code = _FAILED
    if not _left_alone():
        sys.exit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _left_alone() -> bool:
    signs = sys.modules.get("argosy.plugins.import_signs")
    return signs is not None and bool(signs.threads_left())
