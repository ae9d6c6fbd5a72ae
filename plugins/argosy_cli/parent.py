"""A parent for the command line: it resumes what an engine took along with its process.

What Python cannot catch, such as an abort over a page that a failing disc has changed, ends the
process. So the work is done by a child, forked before anything heavy is imported; the parent only
waits, hands on signals, and exits as the child did. If an engine ends the child while it carries
out a job, a second child resumes the run, trusting no data and doing each chunk in a worker.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from argosy_cli.ending import end_with

if TYPE_CHECKING:
    from collections.abc import Callable

_FAILED = 1
_BY_ITSELF = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")
"""What a process does to itself; any other signal was sent by somebody who wants it to end."""
_HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_MOST = 2**16


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
    code, notes = _in_child(work, Watch())
    if not notes or -code not in _fatal():
        _end_as(code)
    run_id = notes[-1] or None
    name = signal.Signals(-code).name
    goes_on = f"the run {run_id} is resumed" if run_id else "the job begins again"
    told = f"warning: an engine ended the process ({name}); {goes_on}, each chunk in a worker"
    _say(told)
    _end_as(_in_child(work, Watch(again=True, run_id=run_id))[0])


def _fatal() -> set[int]:
    return {getattr(signal, name) for name in _BY_ITSELF}


def _in_child(work: Callable[[Watch], int], told: Watch) -> tuple[int, list[str]]:
    """Return how a child ended (its exit code, or minus a signal), and what it told.

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
        end_with(lambda: work(Watch(notes, told.again, told.run_id)))
    os.close(notes)
    os.close(alive)
    while True:
        info = signal.sigwaitinfo({*handed_on, signal.SIGCHLD})
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
    return os.waitstatus_to_exitcode(status), lines


def _die_with_parent(alive: int) -> None:
    """End this process when its parent has ended, however that was."""
    import threading

    def wait() -> None:
        os.read(alive, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _end_as(code: int) -> NoReturn:
    """End as a child did: with its exit code, or by the same signal."""
    if -code in _fatal():
        name = signal.Signals(-code).name
        _say(f"error: an engine ended the process ({name})")
        code = _FAILED
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)  # this process holds nothing that is to be tidied up


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
