"""What a process does that reads for another one, to see whether an engine survives it.

It takes queries, which are plans of polars, carries each out, lets go of the rows, and answers how
that ended. An engine that dies over a damaged page takes this process along, and no other.
"""

from __future__ import annotations

import io
import os
import select
import signal
import struct
import sys
import threading
import time
from typing import BinaryIO

import polars as pl

LENGTH = struct.Struct("<Q")
"""How a query begins: how many bytes follow."""
HEAD = struct.Struct("<cQ")
"""How an answer begins: its kind, and how many bytes of text follow."""
READ, RAISED, PANICKED, UNKNOWN = b"r", b"e", b"p", b"u"
"""It was read; the engine raised; it panicked, with its words; the query is not understood here."""
IDLE_SECONDS = 60.0
"""So long it waits for a query before it ends; it ends at once when nobody can ask any more."""


def main() -> None:
    """Answer queries from standard input on standard output until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and says what to do
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while _waits(asked) and (head := asked.read(LENGTH.size)):
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)
        kind, told = _tried(asked.read(*LENGTH.unpack(head)))
        content = told.encode()
        answers.write(HEAD.pack(kind, len(content)) + content)
        answers.flush()
    os._exit(0)


def _end_with(parent: int) -> None:
    """End with the process that asks, though a query that never ends is at work."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def _waits(asked: BinaryIO) -> bool:
    """Whether a query, or the end of all, comes in time."""
    if os.name == "nt":  # where only sockets can be waited for
        return True
    return bool(select.select([asked], [], [], IDLE_SECONDS)[0])


def _tried(plan: bytes) -> tuple[bytes, str]:
    try:
        query = pl.LazyFrame.deserialize(io.BytesIO(plan))
    except Exception:
        return UNKNOWN, ""
    try:
        query.collect()  # in batches, a panic would look like the end
    except pl.exceptions.PanicException as error:
        return PANICKED, str(error)
    except Exception:
        return RAISED, ""
    return READ, ""


if __name__ == "__main__":
    main()
