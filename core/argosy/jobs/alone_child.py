"""What a process does that performs one chunk for a worker: it may die, and no other does."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import struct
import sys
import threading
from contextlib import suppress
from typing import Any

import cloudpickle

from argosy.breadcrumbs import WORK, Breadcrumb

LENGTH = struct.Struct("<Q")
"""How the work and the answer begin: how many bytes follow."""
ANSWERED, RAISED = "answered", "raised"
_DIE_WITH_PARENT = 1
"""The number of `PR_SET_PDEATHSIG`."""


def main() -> None:
    """Perform the chunk that comes in on standard input, and write the answer to standard output.

    What plugins print goes to standard error.
    """
    _end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits is interrupted, and ends this
    faulthandler.enable()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    (length,) = LENGTH.unpack(asked.read(LENGTH.size))
    perform, chunk = cloudpickle.loads(asked.read(length))
    threading.Thread(target=_end_when_closed, args=(asked.fileno(),), daemon=True).start()
    with Breadcrumb(WORK):
        answer = _packed(*_answer(perform, chunk))
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()
        os._exit(0)  # a thread that was left behind must not hold it up


def _answer(perform: Any, chunk: Any) -> tuple[str, Any]:  # noqa: ANN401
    try:
        return ANSWERED, perform(chunk)
    except Exception as error:
        return RAISED, error


def _packed(kind: str, content: Any) -> bytes:  # noqa: ANN401
    try:
        packed: bytes = cloudpickle.dumps((kind, content))
    except Exception as error:
        told = f"its answer cannot be sent: {type(error).__name__}: {error}"
        packed = cloudpickle.dumps((RAISED, RuntimeError(told)))
    return packed


def _end_with_parent() -> None:
    """Let the system end this process with its worker, whatever it does then."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _end_when_closed(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
