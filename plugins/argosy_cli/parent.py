"""A parent for the command line: it resumes what something else took along with its process.

What Python cannot catch, such as an abort over a page that a failing disc has changed, or a plugin
that ends the process or never lets go of the interpreter, ends the command. So the work is done by
a child, forked before anything heavy is imported; the parent only waits, hands on signals, ends
what hangs, and exits as the child did. Where the child dies it tells by the child's breadcrumb what
was being called. If that was while a job was carried out, a second child resumes the run, trusting
no data and doing each chunk in a worker. If it was while a plugin was imported, whose import had
gone well before, the command begins again, and imports what is a stranger's elsewhere first.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from argosy import breadcrumbs
from argosy.last_words import place
from argosy_cli.ending import end_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FAILED = 1
_BY_ITSELF = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")
"""What a process does to itself; any other signal was sent by somebody who wants it to end."""
_HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_MOST = 2**16
_ENDED = "ended"
"""What a child notes last, unless it dies."""
_LOOKS = {"panels", "causes"}
"""What only looks at a fleet, so that whoever calls it has changed nothing."""
_TICK, _GRACE = 1.0, 30.0
"""Seconds between two looks at a child, and those that a call may be overdue before it is ended."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a child is told, and what it tells."""

    notes: int | None = None
    """Where it writes which run it has begun."""
    again: bool = False
    """Whether an engine has ended another child before."""
    run_id: str | None = None
    """The run that this one had begun."""

    def begun(self, run_id: str = "") -> None:
        """Tell that a job has begun, or its run, which can be resumed from now on."""
        if self.notes is not None:
            os.write(self.notes, f"{run_id}\n".encode())


def watched(work: Callable[[Watch], int]) -> NoReturn:
    """Do work in a child, and once more if an engine ends it; exit as the child does.

    Where processes cannot be forked safely it is done here.
    """
    if not sys.platform.startswith("linux") or "polars" in sys.modules:
        end_with(lambda: work(Watch()))
    sys.stdout.flush()
    sys.stderr.flush()
    first = _in_child(work, Watch())
    if not first.notes and first.over:
        changed = _without(first.over)
        if changed:
            _say(f"warning: {first.death}; the command begins again without it")
            os.environ.update(changed)
            first = _in_child(work, Watch())
    if not first.notes or first.death is None:
        _end_as(first)
    run_id = first.notes[-1] or None
    goes_on = f"the run {run_id} is resumed" if run_id else "the job begins again"
    _say(f"warning: {first.death}; {goes_on}, each chunk in a worker")
    _end_as(_in_child(work, Watch(again=True, run_id=run_id)))


@dataclass(frozen=True, slots=True)
class _End:
    """How a child ended."""

    code: int
    """Its exit code, or minus a signal."""
    notes: list[str]
    """What it told."""
    death: str | None
    """What ended it, if it did not end by itself, nor by somebody who wanted it to."""
    over: breadcrumbs.Step | None = None
    """What was being called when it died."""


def _without(step: breadcrumbs.Step) -> dict[str, str]:
    """Return the variables that let a command begin again without what it died over.

    There are none where it may have changed something by then.
    """
    if step.kind == breadcrumbs.IMPORTS:
        return {breadcrumbs.ANEW: "1"}
    return {breadcrumbs.DEADLY: f"{step.kind}.{step.name}"} if step.kind in _LOOKS else {}


def _fatal() -> set[int]:
    return {getattr(signal, name) for name in _BY_ITSELF}


def _in_child(work: Callable[[Watch], int], told: Watch) -> _End:
    """Do work in a child, and return how that ended.

    The child itself does not return from here, but exits.
    """
    handed_on = {getattr(signal, name) for name in _HANDED_ON}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*handed_on, signal.SIGCHLD})
    (noted, notes), (alive, life) = os.pipe(), os.pipe()
    gc.freeze()  # else the child's first collection would copy every page of the parent's
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(noted)
        os.close(life)
        _die_with_parent(alive)
        _trace_faults()

        def finished() -> int:
            try:
                return work(Watch(notes, told.again, told.run_id))
            finally:
                os.write(notes, f"{_ENDED}\n".encode())

        end_with(finished)
    os.close(notes)
    os.close(alive)
    hung: breadcrumbs.Crumb | None = None
    page = breadcrumbs.page_of(child)
    while True:
        info = signal.sigtimedwait({*handed_on, signal.SIGCHLD}, _TICK)
        if info is None:
            if hung is None and (
                hung := breadcrumbs.overdue(breadcrumbs.read(page).crumbs, _GRACE)
            ):
                os.kill(child, signal.SIGKILL)
            continue
        if info.si_signo != signal.SIGCHLD:
            if info.si_code <= 0:  # sent to this process alone; a terminal's go to both
                os.kill(child, info.si_signo)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.set_blocking(noted, False)
    try:
        lines = os.read(noted, _MOST).decode().splitlines()
    except BlockingIOError:  # a worker that lives on holds it open
        lines = []
    os.close(noted)
    os.close(life)
    code = os.waitstatus_to_exitcode(status)
    own = [line for line in lines if line != _ENDED]
    death, crumb = None, breadcrumbs.suspect(breadcrumbs.read(page).crumbs)
    if hung is not None:
        death = f"{hung.who} hung, and held the process up"
    elif -code in _fatal() or ((own or crumb) and code >= 0 and _ENDED not in lines):
        death = _told(child, code)
    for path in (page, _stack_of(child)):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return _End(code, own, death, crumb.step if crumb and death is not None else None)


def _told(child: int, code: int) -> str:
    """Say what ended a child: what it was calling, and in which line if it could tell."""
    crumb = breadcrumbs.suspect(breadcrumbs.read(breadcrumbs.page_of(child)).crumbs)
    stack = ""
    with suppress(OSError):
        stack = _stack_of(child).read_text(errors="replace")
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    who = (crumb.who or "an engine") if crumb else "an engine" if code < 0 else "something"
    return f"{who} ended the process ({name}{place(stack) if crumb else ''})"


def _trace_faults() -> None:
    """Let a fault write down where it happened, beside the page of this process."""
    with suppress(OSError):
        faulthandler.enable(_stack_of(os.getpid()).open("w"))


def _stack_of(process: int) -> Path:
    return breadcrumbs.page_of(process).with_suffix(".stack")


def _die_with_parent(alive: int) -> None:
    """End this process when its parent has ended, however that was."""
    import threading

    def wait() -> None:
        os.read(alive, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _end_as(end: _End) -> NoReturn:
    """End as a child did: with its exit code, or by the same signal."""
    code = end.code
    if end.death is not None:
        _say(f"error: {end.death}")
        code = _FAILED
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)  # this process holds nothing that is to be tidied up


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
