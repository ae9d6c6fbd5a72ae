"""Keep what plugins print off standard output, which is for answers.

While a plugin is imported, asked or called, what is printed in its context goes to standard error;
elsewhere in the process it goes where it always went.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_aside: ContextVar[bool] = ContextVar("aside", default=False)
_lock = threading.Lock()


class _Parting:
    """Stands for standard output, and is standard error to those who are to be kept off it."""

    def __init__(self, output: Any) -> None:  # noqa: ANN401
        self.output, self.users = output, 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(sys.stderr if _aside.get() else self.output, name)


@contextmanager
def aside() -> Iterator[None]:
    """Send what is printed inside to standard error.

    >>> with aside():
    ...     print("a plugin says a lot")
    >>> print("the answer")
    the answer
    """
    with _lock:
        before: Any = sys.stdout
        parting = before if isinstance(before, _Parting) else _Parting(before)
        output: Any = parting  # of which it has what is asked of it
        sys.stdout = output
        parting.users += 1
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)
        with _lock:
            parting.users -= 1
            if not parting.users and sys.stdout is output:
                sys.stdout = parting.output


def answers() -> Any:  # noqa: ANN401
    """Return where answers are printed, from inside `aside` too: commands print by it.

    >>> with aside():
    ...     print("the answer", file=answers())
    the answer
    """
    return sys.stdout.output if isinstance(sys.stdout, _Parting) else sys.stdout
