"""Leave a breadcrumb of what is being called, so that a death has a name.

Each process has a page: a small file of this machine, mapped into memory. What is called is written
there before the call and wiped after it. That costs about a microsecond, because nothing waits for
a disc; the file is the machine's as soon as it is written to, so it outlives the process however
that ends, and whoever started the process reads in it what was going on.

A page also holds which functions have returned for which models, because a process that dies cannot
say it any more.

>>> with Breadcrumb(Step("detectors", "psi"), "the detector 'psi'"):
...     print(suspect(read(page_of(os.getpid())).crumbs).who)
the detector 'psi'
"""

from __future__ import annotations

import atexit
import mmap
import os
import struct
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

_SLOTS, _ROOM = 32, 512
"""How many calls at a time are noted, and the bytes for each."""
_RETURNS = 16 * 1024
"""The bytes for what has returned."""
_HEAD = struct.Struct("<BxHxxxxQd")
"""Of a slot: its state, how many bytes of text follow, its place in order, its deadline."""
_DEADLINE = struct.Struct("<d")
_LENGTH = struct.Struct("<I")
_FREE, _RUNS, _LEFT = 0, 1, 2
_FIRST_RETURN = _SLOTS * _ROOM + _LENGTH.size
_SIZE = _FIRST_RETURN + _RETURNS
_WITNESSES = 2
"""So many models are noted for whom a function returned: one that dies is at most one of them."""
_STALE_SECONDS = 3600.0


class Step(NamedTuple):
    """What is being called."""

    kind: str
    """As the attribute of `argosy.plugins.Installed` is called, such as `detectors`."""
    name: str
    """Of what a plugin offers."""
    model: str | None = None
    """The version whose own code it is, as `MODEL@VERSION`; None where it works on many."""
    act: str = ""
    """Which of its functions, where it has several: who was loaded has not yet predicted."""

    @property
    def function(self) -> tuple[str, str, str]:
        """What is called, for whichever model."""
        return self.kind, self.name, self.act


WORK = Step("work", "")
"""The work of a chunk itself, where it calls no plugin."""


IMPORTS = "imports"
"""The kind of a step that imports a plugin, which is named after it."""

ANEW = "ARGOSY_IMPORTS_ANEW"
"""The environment variable that has imports tried in another process, whatever is remembered."""

DEADLY = "ARGOSY_DEADLY_CALL"
"""The environment variable that names a function, as `panels.NAME`, over which a process died that
did the same before: it is not called again."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A call that had not ended."""

    step: Step
    who: str
    """What is called and whose, in words."""
    order: int
    """Grows with each call of the process."""
    deadline: float
    """By this machine's monotonic clock; infinite where there is none."""
    left_behind: bool
    """Whether it was given up, and still runs."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a process was doing."""

    crumbs: Sequence[Crumb] = ()
    returned: frozenset[Step] = frozenset()
    """Calls that ended, of which at most two are kept for each function."""


class Breadcrumb:
    """A call, from its beginning to its end."""

    __slots__ = ("_limit", "_page", "_slot", "_step", "_who")

    def __init__(self, step: Step, who: str = "", limit: float | None = None) -> None:
        """Begin: what is called, whose it is in words, and how many seconds it may take."""
        self._step, self._who, self._limit = step, who, limit
        self._page: _Written | None = None
        self._slot: int | None = None

    def __enter__(self) -> Self:
        self._page = _own()
        self._slot = self._page.take(self._step, self._who, self._limit)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._page is not None:
            self._page.wipe(self._slot, self._step)

    def extend(self, seconds: float) -> None:
        """Note how long it may still take, from now on."""
        if self._page is not None and self._slot is not None:
            self._page.extend(self._slot, seconds)

    def leave_behind(self) -> None:
        """Note that nobody waits for it any more, though it still runs."""
        if self._page is not None and self._slot is not None:
            self._page.leave(self._slot)


class _Written:
    """The page of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("w+b") as file:
            file.truncate(_SIZE)
            self._bytes = mmap.mmap(file.fileno(), _SIZE)
        self._free = list(range(_SLOTS))
        self._order = count(1)
        self._witnesses: dict[tuple[str, str, str], set[str | None]] = {}
        self._returned = _FIRST_RETURN

    def take(self, step: Step, who: str, limit: float | None) -> int | None:
        try:
            slot = self._free.pop()
        except IndexError:
            return None
        text = _text(step, who)[: _ROOM - _HEAD.size]
        deadline = float("inf") if limit is None else time.monotonic() + limit
        start = slot * _ROOM
        self._bytes[start + _HEAD.size : start + _HEAD.size + len(text)] = text
        _HEAD.pack_into(self._bytes, start, _RUNS, len(text), next(self._order), deadline)
        return slot

    def extend(self, slot: int, seconds: float) -> None:
        place = slot * _ROOM + _HEAD.size - _DEADLINE.size
        _DEADLINE.pack_into(self._bytes, place, time.monotonic() + seconds)

    def leave(self, slot: int) -> None:
        self._bytes[slot * _ROOM] = _LEFT

    def wipe(self, slot: int | None, step: Step) -> None:
        if slot is None:
            return
        left = self._bytes[slot * _ROOM] == _LEFT
        self._bytes[slot * _ROOM] = _FREE
        self._free.append(slot)
        if left:  # it ended too late to speak for its function
            return
        known = self._witnesses.setdefault(step.function, set())
        if len(known) < _WITNESSES and step.model not in known:
            known.add(step.model)
            self._note(_text(step) + b"\n")

    def _note(self, line: bytes) -> None:
        end = self._returned + len(line)
        if end <= _SIZE:
            self._bytes[self._returned : end] = line
            self._returned = end
            _LENGTH.pack_into(self._bytes, _SLOTS * _ROOM, end - _FIRST_RETURN)


def read(path: Path) -> Page:
    """Return what is written on a page; nothing where there is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return Page()
    if len(content) != _SIZE:
        return Page()
    crumbs = []
    for start in range(0, _SLOTS * _ROOM, _ROOM):
        state, length, order, deadline = _HEAD.unpack_from(content, start)
        text = content[start + _HEAD.size : start + _HEAD.size + length]
        if state != _FREE:
            crumbs.append(Crumb(*_read(text), order, deadline, state == _LEFT))
    (length,) = _LENGTH.unpack_from(content, _SLOTS * _ROOM)
    lines = content[_FIRST_RETURN : _FIRST_RETURN + length].splitlines()
    return Page(crumbs, frozenset(_read(line)[0] for line in lines))


def suspect(crumbs: Sequence[Crumb]) -> Crumb | None:
    """Return which of the calls that had not ended ended the process.

    One that was given up and still runs is the first that comes to mind; else it is the latest,
    which the others had called or stood beside.
    """
    return max(crumbs, key=lambda crumb: (crumb.left_behind, crumb.order), default=None)


def overdue(crumbs: Sequence[Crumb], grace: float) -> Crumb | None:
    """Return a call that should have been given up so many seconds ago, and was not."""
    late = time.monotonic() - grace
    return next((one for one in crumbs if not one.left_behind and one.deadline < late), None)


def page_of(process: int) -> Path:
    """Return where the page of a process of this machine and user lies."""
    return _folder() / str(process)


@contextmanager
def kept(run_id: str) -> Iterator[Crumb | None]:
    """Let the page of this process be found by a run's name, until it ends in an orderly way.

    Yields:
        What the process was calling that carried the run out before, and died over it.
    """
    path = _folder() / f"run-{run_id}"
    before = suspect(read(path).crumbs)
    with suppress(OSError):
        path.unlink(missing_ok=True)
        os.link(_own().path, path)
    try:
        yield before
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _text(step: Step, who: str = "") -> bytes:
    parts = (step.kind, step.name, step.model or "", step.act, who)
    return "\0".join(parts).encode(errors="replace")


def _read(text: bytes) -> tuple[Step, str]:
    parts = (*text.decode(errors="replace").split("\0"), "", "", "", "")
    kind, name, model, act, who = parts[:5]
    return Step(kind, name, model or None, act), who


_page: _Written | None = None


def _own() -> _Written:
    """Return the page of this process, which is made when it is first written to."""
    global _page
    if _page is None:
        _sweep()
        _page = _Written(page_of(os.getpid()))
    return _page


def _folder() -> Path:
    """Return the folder of all pages of this user; nobody else may write there."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    folder = Path(tempfile.gettempdir()) / f"argosy-breadcrumbs-{user}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
        folder = Path.home() / ".cache" / "argosy" / "breadcrumbs"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sweep() -> None:
    """Remove the pages of processes that ended long ago."""
    before = time.time() - _STALE_SECONDS
    with suppress(OSError):
        for path in _folder().iterdir():
            with suppress(OSError):
                alive = path.name.isdigit() and _alive(int(path.name))
                if not alive and path.stat().st_mtime < before:
                    path.unlink()


def _alive(process: int) -> bool:
    if os.name == "nt":  # where asking would be a signal
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _start_anew() -> None:
    """Leave the page to the process that this one was forked from."""
    global _page
    _page = None


def _remove() -> None:
    if _page is not None:
        with suppress(OSError):
            page_of(os.getpid()).unlink(missing_ok=True)


atexit.register(_remove)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
