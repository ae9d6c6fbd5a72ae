"""Import plugins of strangers in a process of its own first, so that theirs is the harm.

An import can do what nobody catches: end the process, or never come back. So what was never
imported soundly is imported by a process that does nothing else, its hooks are asked there too, and
how that went is remembered until the plugin or anything beside it is installed anew.

All are tried in one process. If that one dies, the rest are tried one by one, so that nobody is
blamed for what another has left behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from argosy.breadcrumbs import ANEW
from argosy.plugins import import_child
from argosy.plugins.choice import OWN
from argosy.plugins.discovery import distribution
from argosy.plugins.import_memory import recalled, remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.metadata import EntryPoint

INSIDE = "ARGOSY_IMPORT_PROBE"
"""Set in the process that tries, where nothing is tried again."""
_CHILD = str(import_child.__file__)
_GRACE = 5.0
"""Seconds beyond the limits after which the process is killed from outside."""
_BY_ITSELF = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE")
_HUNG = "Timeout ("
_PYTHONS = ("<frozen", f"{os.path.dirname(os.__file__)}{os.sep}")  # noqa: PTH120
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in ')


@dataclass(frozen=True, slots=True)
class Hazard:
    """Why a plugin must not be imported."""

    reason: str
    lasting: bool = True
    """Whether it is so at every import, as far as one can tell."""
    hung: bool = False


def hazards(entries: Sequence[EntryPoint]) -> dict[EntryPoint, str]:
    """Return the entry points that must not be imported, and why.

    Built-in plugins come with argosy and are not tried.
    """
    strangers = [entry for entry in entries if distribution(entry.dist)[0] != OWN]
    if not strangers or os.environ.get(INSIDE) or not sys.executable:
        return {}
    anew = os.environ.get(ANEW)
    known = {entry: None if anew else recalled(entry) for entry in strangers}
    limit = _limit() if None in known.values() or _any_hung(known.values()) else 0.0
    new = [
        entry
        for entry, told in known.items()
        if told is None or (told.get("hung") and told.get("limit", 0.0) < limit)
    ]
    found = {
        entry: told["reason"]
        for entry, told in known.items()
        if told and told.get("reason") and entry not in new
    }
    for entry, hazard in _tried(new, limit):
        if hazard is not None:
            found[entry] = hazard.reason
        if hazard is None or hazard.lasting:
            reason, hung = (hazard.reason, hazard.hung) if hazard else (None, False)
            remember(entry, {"reason": reason, "hung": hung, "limit": limit})
    return found


def _any_hung(known: Iterable[Mapping[str, Any] | None]) -> bool:
    return any(told and told.get("hung") for told in known)


def _limit() -> float:
    from argosy.errors import ArgosyError
    from argosy.plugins.core_options import CoreOptions
    from argosy.plugins.settings import CORE, options  # which asks plugins for theirs

    try:
        return float(options(CORE).import_time_limit)
    except ArgosyError:  # whoever needs options is told what is wrong with them
        return CoreOptions.model_validate({}).import_time_limit


def _tried(
    entries: Sequence[EntryPoint], limit: float
) -> Iterator[tuple[EntryPoint, Hazard | None]]:
    """Try entry points together, and those that one death leaves in doubt by themselves."""
    if not entries:
        return
    outcome = _attempt(entries, limit)
    if outcome is None:
        return
    survived, hazard = outcome
    if hazard is None:
        yield from ((entry, None) for entry in entries)
        return
    culprit = entries[survived]
    if hazard.hung or len(entries) == 1:
        yield from ((entry, None) for entry in entries[:survived])
        yield culprit, hazard
        yield from _tried(entries[survived + 1 :], limit)
        return
    alone = dict(pair for entry in entries for pair in _tried([entry], limit))
    if not any(alone.values()):
        together = f"{hazard.reason}, together with other plugins"
        alone[culprit] = Hazard(together, lasting=False)
    yield from alone.items()


def _attempt(entries: Sequence[EntryPoint], limit: float) -> tuple[int, Hazard | None] | None:
    """Import plugins in one process; return how many it survived, and what ended it.

    Where no such process can be started nobody is to blame, and the answer is None.
    """
    task = {
        "path": [str(folder) for folder in sys.path],
        "arguments": sys.argv,
        "plugins": [entry.value for entry in entries],
        "limit": limit,
    }
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as faults:
        try:
            process = subprocess.Popen(
                [sys.executable, "-I" if sys.flags.isolated else "-P", _CHILD],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=faults,
                env={**os.environ, INSIDE: "1"},
                start_new_session=True,
            )
        except OSError:
            return None
        killed = False
        try:
            process.communicate(json.dumps(task).encode(), _most(len(entries), limit))
        except subprocess.TimeoutExpired:
            killed = True
        finally:
            _end(process)
        steps = _lines(said)
        return _judged(steps, _text(faults), process.returncode, killed, limit) if steps else None


def _most(plugins: int, limit: float) -> float:
    """Return after how long a process is killed whose own watch does not stop it."""
    return plugins * limit + _GRACE


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and whatever plugins have started in it."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _judged(
    steps: Sequence[Mapping[str, Any]], faults: str, code: int, killed: bool, limit: float
) -> tuple[int, Hazard | None]:
    last = steps[-1]
    place, at = int(last["place"]), _place(faults)
    for step in steps:
        if step.get("raised"):
            return int(step["place"]), Hazard(f"{_whose(step)} raised {step['raised']}")
    if code == 0 and not killed:
        return place + 1, None
    what = _whose(last)
    if killed or _HUNG in faults:
        told = f"was still at work after {limit:g} s{at}; core.import_time_limit sets the limit"
        return place, Hazard(f"{what} {told}", hung=True)
    how = f"exit code {code}" if code >= 0 else _signal(-code)
    lasting = code >= 0 or how in _BY_ITSELF
    return place, Hazard(f"{what} ended the process ({how}){at}", lasting)


def _whose(told: Mapping[str, Any]) -> str:
    return f"its hook {told['step']}" if told["step"] else "its import"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _place(faults: str) -> str:
    """Return where the thread that imports stood, as Python's fault handler tells it."""
    for block in reversed(faults.split("\n\n")):
        frames = [found.groups() for line in block.splitlines() if (found := _FRAME.match(line))]
        if not any(file == _CHILD for file, _ in frames):
            continue
        own = [(file, line) for file, line in frames if not file.startswith((*_PYTHONS, _CHILD))]
        return f" at {own[0][0]}:{own[0][1]}" if own else ""
    return ""


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _lines(stream: IO[bytes]) -> list[Mapping[str, Any]]:
    found = []
    for line in _text(stream).splitlines():
        with suppress(ValueError):  # cut off, or written by somebody else
            found.append(json.loads(line))
    return found
