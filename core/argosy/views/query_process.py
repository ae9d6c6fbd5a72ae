"""What a process does that answers queries for another one, within limits of time and memory.

An engine cannot be stopped in the middle of a join, and one that gets no memory ends its process.
So this one is its own: it is let go, and whoever asked goes on.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
from contextlib import suppress
from typing import BinaryIO

import polars as pl

ASKED = struct.Struct("<dQQ")
"""How a query begins: its seconds, its bytes of memory, and how many bytes of plan follow."""
HEAD = struct.Struct("<cQ")
"""How an answer begins: its kind, and how many bytes follow."""
ROWS, RAISED, UNKNOWN = b"r", b"e", b"u"
"""Rows follow; the name of the engine's error and its words; the plan is not understood here."""


def main() -> None:
    """Answer queries from standard input on standard output until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and ends this too
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while head := asked.read(ASKED.size):
        seconds, memory, length = ASKED.unpack(head)
        kind, content = answered(asked, length, seconds, memory)
        answers.write(HEAD.pack(kind, len(content)))
        answers.write(content)
        answers.flush()
    os._exit(0)


def answered(asked: BinaryIO, length: int, seconds: float, memory: int) -> tuple[bytes, bytes]:
    """Answer one query: its rows as an Arrow stream, or why there are none."""
    plan = asked.read(length)
    _limit(seconds, memory)
    try:
        query = pl.LazyFrame.deserialize(io.BytesIO(plan))
    except Exception:
        return UNKNOWN, b""
    try:
        rows = query.collect()
        content = io.BytesIO()
        rows.write_ipc_stream(content)
        return ROWS, content.getvalue()
    except (Exception, pl.exceptions.PanicException) as error:
        return RAISED, f"{type(error).__name__}\n{error}".encode(errors="replace")
    finally:
        _limit(0, 0)


def _limit(seconds: float, memory: int) -> None:
    """Limit this process, or with 0 no more; what a system cannot limit, whoever asks does."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = _held() + memory if memory else hard
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held() -> int:
    """Return the bytes that this process has mapped for data already."""
    with suppress(OSError), open("/proc/self/status", encoding="utf-8") as told:  # noqa: PTH123
        for line in told:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
