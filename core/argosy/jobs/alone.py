"""Carry out a chunk in a process of its own, and say how that process died.

This is done on the worker, whichever executor runs it, so that the worker survives: it knows the
signal, reads the breadcrumb of what was being called, and ends what hangs whatever it holds.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, Literal, Self

import cloudpickle  # as executors hand work over

from argosy import breadcrumbs
from argosy.breadcrumbs import WORK, Step
from argosy.jobs import alone_child
from argosy.last_words import place
from argosy.plugins.fair_clock import FairClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.types import Cause, Chunk, Tables

    Ending = Cause | Literal["killed", "start"]
    """As for chunks; or it was killed from outside, or it ended before its work began."""

_TICK = 0.2
_START, _COLD = 120.0, 60.0
"""Seconds in which a process must begin its work, and those that it may take longer than a worker
that has done such work before."""
_GRACE = 5.0
"""Seconds that a call may be overdue before its process is ended."""
_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
"""Signals that a process does not send itself."""
_MEMORY = re.compile(r"memory allocation of \d+ bytes failed|bad_alloc|[Oo]ut of memory")


@dataclass(frozen=True, slots=True)
class Died:
    """How the process of a chunk ended without an answer."""

    ending: Ending
    how: str
    """In words, such as `SIGSEGV in measure (odd.py:12)`."""
    step: Step
    returned: frozenset[Step]
    """Calls that had ended before."""


def alone(perform: Callable[[Chunk], Tables], chunk: Chunk, limit: float | None) -> Tables | Died:
    """Perform a chunk in a process of its own; whatever is raised there is raised here.

    Args:
        perform: the work.
        chunk: what it is to work on.
        limit: seconds that it may take.
    """
    work = cloudpickle.dumps((perform, replace(chunk, isolate=True)))
    with _Process(work) as process:
        answer, late = process.wait(limit)
        return _opened(answer) if answer else _died(process, late)


def _opened(answer: bytes) -> Tables:
    kind, content = cloudpickle.loads(answer)
    if kind == alone_child.RAISED:
        raise content
    tables: Tables = content
    return tables


def _died(process: _Process, late: float | None) -> Died:
    said, code = process.said(), process.code()
    page = breadcrumbs.read(breadcrumbs.page_of(process.id))
    crumb = breadcrumbs.suspect(page.crumbs)
    if crumb is None and late is not None:
        return Died("start", f"it did not begin within {late:.0f} s", WORK, page.returned)
    if crumb is None:
        last = said.strip().splitlines()
        told = f" ({last[-1].strip()[:200]})" if last else ""
        return Died("start", f"{_named(code)}{told}", WORK, page.returned)
    ending: Ending = "crash"
    how = f"{_named(code)}{place(said)}"
    if late is not None:
        overdue = breadcrumbs.overdue(page.crumbs, _GRACE)  # else no call took longer than it may
        step = overdue.step if overdue else WORK
        return Died("time", f"stopped after {late:.0f} s, its limit", step, page.returned)
    if _named(code) in _OUTSIDE:
        ending = "killed"
    elif _MEMORY.search(said):
        ending, how = "memory", f"out of memory, {how}"
    return Died(ending, how, crumb.step, page.returned)


def _named(code: int) -> str:
    """Say how a process ended.

    >>> _named(-11), _named(9)
    ('SIGSEGV', 'exit code 9')
    """
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


class _Process:
    """A process that performs one chunk."""

    def __init__(self, work: bytes) -> None:
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `__exit__`)
        path = os.pathsep.join(one for one in sys.path if one)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", alone_child.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"},
        )
        self.id = self._process.pid
        self._answer = b""
        self._reader = threading.Thread(target=self._read, args=(work,), daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        with suppress(OSError):
            breadcrumbs.page_of(self.id).unlink(missing_ok=True)

    def wait(self, limit: float | None) -> tuple[bytes, float | None]:
        """Return the answer, and after how many seconds the process was ended where it hung."""
        page = breadcrumbs.page_of(self.id)
        clock = FairClock(limit or _START, process=self.id, thread=self.id)
        began: float | None = None
        while self._reader.is_alive():
            self._reader.join(_TICK)
            clock.tick()
            crumbs = breadcrumbs.read(page).crumbs
            if began is None and crumbs:
                began = clock.counted
            spent = clock.counted - (began or 0.0)
            most = _START if began is None else limit and limit + _COLD
            late = breadcrumbs.overdue(crumbs, _GRACE) or (most and spent > most)
            if late and self._reader.is_alive():
                self._process.kill()
                return b"", spent
        return self._answer, None

    def code(self) -> int:
        return self._process.wait()

    def said(self) -> str:
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def _read(self, work: bytes) -> None:
        asks: Any = self._process.stdin
        answers: Any = self._process.stdout
        with suppress(OSError):
            asks.write(alone_child.LENGTH.pack(len(work)))
            asks.write(work)
            asks.flush()
        head = answers.read(alone_child.LENGTH.size)
        if len(head) == alone_child.LENGTH.size:
            (length,) = alone_child.LENGTH.unpack(head)
            content = answers.read(length)
            self._answer = content if len(content) == length else b""
