"""Answer queries in a process of their own, which is ended when they take too long or too much.

The process is kept for the next query. What it costs is a tenth of a second or two for the first,
and for each to hand over the tables that are in memory.
"""

from __future__ import annotations

import atexit
import io
import os
import threading
from contextlib import suppress

import polars as pl

from argosy.data.engine_process import EngineProcess
from argosy.errors import BadInput
from argosy.views import query_process

_ABORTED = "memory allocation of"
_OUT_OF_MEMORY = {-6, -9, 3}
"""How a process ends that gets no memory: it aborts, or the system ends it."""


class QueryEnded(BadInput):
    """A query was ended because it took too long, or more memory than it may have."""


def collect(query: pl.LazyFrame, seconds: float, memory: int) -> pl.DataFrame:
    """Return the rows of a query.

    Args:
        query: a plan over tables.
        seconds: after which it is ended.
        memory: bytes that it may take besides what the process has.

    Raises:
        QueryEnded: if it took more.
        polars.exceptions.PolarsError: as the engine raised it.

    >>> collect(pl.LazyFrame({"a": [1, 2]}).select(pl.sum("a")), 60, 2**30).item()
    3
    """
    try:
        plan = query.serialize()
    except pl.exceptions.PolarsError:  # it holds functions of this process
        return query.collect()
    one = _idle_or_new()
    try:
        kind, content = one.answer(plan, seconds, memory)
    except BaseException:  # an interrupt too leaves it in the middle of an answer
        one.stop()
        raise
    _idle.append(one)
    if kind == query_process.UNKNOWN:
        return query.collect()
    if kind == query_process.ROWS:
        return pl.read_ipc_stream(io.BytesIO(content))
    name, _, told = content.decode().partition("\n")
    error = getattr(pl.exceptions, name, None)
    if name == "MemoryError" or _ABORTED in told:
        raise _too_large(memory)
    known = isinstance(error, type) and issubclass(error, pl.exceptions.PolarsError)
    raise error(told) if known and error else pl.exceptions.ComputeError(f"{name}: {told}")


class _Process(EngineProcess):
    """A process that answers queries."""

    def __init__(self) -> None:
        super().__init__(query_process.__name__)

    def answer(self, plan: bytes, seconds: float, memory: int) -> tuple[bytes, bytes]:
        """Return the kind of an answer, and what it holds.

        Raises:
            QueryEnded: if the process was ended first, or got no more memory.
            polars.exceptions.ComputeError: if it ended otherwise.
        """
        late = threading.Event()
        timer = threading.Timer(seconds, self._end, (late,))
        timer.daemon = True
        timer.start()
        try:
            asked = query_process.ASKED.pack(seconds + 1, memory, len(plan))
            head = self.ask(asked, plan, length=query_process.HEAD.size)
            if len(head) == query_process.HEAD.size:
                kind, length = query_process.HEAD.unpack(head)
                content = self.read(length)
                if len(content) == length:
                    return kind, content
        finally:
            timer.cancel()
        code = self.ending()
        if code not in _OUT_OF_MEMORY and not late.is_set():
            raise pl.exceptions.ComputeError(f"the engine ended its process (exit code {code})")
        if late.is_set():
            raise QueryEnded(
                f"it was ended after {seconds:g} s; ask for less (WHERE, LIMIT, a join by more"
                " columns), or set core.query_seconds higher"
            )
        raise _too_large(memory)

    def _end(self, late: threading.Event) -> None:
        late.set()
        self.kill()


def _too_large(memory: int) -> QueryEnded:
    return QueryEnded(
        f"it took more than {memory / 2**30:.1f} GiB of memory; ask for less (WHERE, LIMIT, a join"
        " by more columns), or set core.query_memory higher"
    )


_idle: list[_Process] = []


def _idle_or_new() -> _Process:
    while _idle:
        with suppress(IndexError):  # another thread took it
            one = _idle.pop()
            if one.lives:
                return one
            one.stop()
    return _Process()


def _stop_all() -> None:
    while _idle:
        _idle.pop().stop()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # they are the parent's
