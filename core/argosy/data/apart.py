"""Try a query in a process of its own first, where an engine that dies over a file does no harm.

A page of a damaged file can make an engine ask for more memory than there is, which ends the
process whatever Python catches. So what was never read soundly is read by a process that takes part
of nothing else and is kept for the next query. What it survives is then read here, by the same
engine: that costs no more than to hand rows over, and they are the same. What files say of
themselves (columns, statistics) is read here at once: changed bytes there raise, or panic, and end
no process.
"""

from __future__ import annotations

import atexit
import os
import re
import tempfile
import threading
from typing import IO

import polars as pl

from argosy.data import reader
from argosy.data.engine_process import EngineProcess

_MOST = os.cpu_count() or 1
"""So many readers there are at a time; starting one costs as much as reading hundreds of files."""
_OF_TASK = re.compile(r'JoinError::Panic\(Id\(\d+\), "(.*)", ')
"""How an engine tells of a panic in one of its tasks."""
_SHORT = 200
"""So much of an engine's last words is told."""


class EngineFailed(RuntimeError):
    """An engine panicked, or ended the process that tried for this one."""


def try_apart(query: pl.LazyFrame) -> bool:
    """Carry out a query in another process, and say whether it gave rows there.

    Where it raised there it will here. A query that cannot be handed over, because it holds open
    files or functions, is not tried.

    Raises:
        EngineFailed: if the engine panicked, or that process ended.

    Example:
        >>> try_apart(pl.LazyFrame({"a": [1]})), try_apart(pl.scan_parquet("/nowhere"))
        (True, False)
    """
    try:
        plan = query.serialize()
    except pl.exceptions.PolarsError:
        return True
    with _in_use:
        one = _idle_or_new()
        try:
            kind, told = one.answer(plan)
        except BaseException:  # an interrupt too leaves it in the middle of an answer
            one.stop()
            raise
        _idle.append(one)
    if kind == reader.PANICKED:
        raise EngineFailed(panicked(told))
    return kind != reader.RAISED


def panicked(error: object) -> str:
    """Say in one line that an engine panicked, and over what.

    >>> panicked('called `unwrap()`: JoinError::Panic(Id(7), "out of range", ...)')
    'the engine panicked: out of range'
    """
    text = str(error)
    inner = _OF_TASK.search(text)
    return f"the engine panicked: {_brief(inner[1] if inner else text)}"


class _Reader(EngineProcess):
    """A process that tries queries."""

    def __init__(self) -> None:
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `stop`)
        super().__init__(reader.__name__, self._said)

    def answer(self, plan: bytes) -> tuple[bytes, str]:
        """Return how a query ended.

        Raises:
            EngineFailed: if the process ended before its answer did.
        """
        gone = not self.lives  # while it waited, so no query is to blame
        head = b"" if gone else self._asked(plan)
        if gone or (not head and self.ending() == 0):  # it has just given up waiting
            self.stop()
            self.__init__()  # type: ignore[misc]
            head = self._asked(plan)
        if len(head) < reader.HEAD.size:
            raise EngineFailed(f"reading it ended the process ({self._ending()})")
        kind, length = reader.HEAD.unpack(head)
        return kind, self.read(length).decode()

    def stop(self) -> None:
        """End it, and close what it wrote to."""
        super().stop()
        self._said.close()

    def _asked(self, plan: bytes) -> bytes:
        return self.ask(reader.LENGTH.pack(len(plan)), plan, length=reader.HEAD.size)

    def _ending(self) -> str:
        code = self.ending()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").splitlines()
        told = [line for line in lines if line.strip() and not line.startswith("note:")]
        last = f": {_brief(told[-1])}" if told else ""
        return f"signal {-code}{last}" if code < 0 else f"exit code {code}{last}"


def _brief(text: str) -> str:
    return " ".join(text.split())[:_SHORT]


_idle: list[_Reader] = []
_in_use = threading.Semaphore(_MOST)


def _idle_or_new() -> _Reader:
    try:
        return _idle.pop()
    except IndexError:
        return _Reader()


def _forget_all() -> None:
    """Leave the readers to the process that this one was forked from."""
    global _in_use  # a thread that is no more may have held it
    _idle.clear()
    _in_use = threading.Semaphore(_MOST)


def _stop_all() -> None:
    while _idle:
        _idle.pop().stop()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
