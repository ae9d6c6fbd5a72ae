"""Deliver the letters of an outbox, and let a sink that fails rest for longer and longer.

A sink rests after a failure for a minute, twice as long after the next, and so on up to six hours;
and ten times as long as the try took at least, so that nobody spends more than a tenth of the
time on it. Until then letters wait without a try, whoever brings them.
"""

from __future__ import annotations

import threading
import time
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from argosy.errors import ArgosyError, ArgosyWarning, StoreError
from argosy.governance.outbox import Letter, Tried
from argosy.plugins import call, installed
from argosy.tables import SENT_NOTICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from argosy.governance.outbox import Outbox

_FIRST, _MOST = timedelta(minutes=1), timedelta(hours=6)
_TIMES_THE_TRY = 10
_CLAIM = timedelta(minutes=2)
"""For so long others leave a letter alone that somebody is about to send."""
_BUDGET = 10.0
"""Seconds after which a command that writes leaves older letters to the next."""
_UNLUCKY = 3
"""After so many failures in a row, a sink that was asked for by hand is left alone."""
_retrying = threading.Lock()


def rest(failures: int) -> timedelta:
    """Return how long a sink rests that failed so many times in a row.

    >>> [rest(failures).total_seconds() / 60 for failures in (1, 2, 3, 4, 40)]
    [1.0, 2.0, 4.0, 8.0, 360.0]
    """
    return min(_FIRST * (1 << min(failures - 1, 16)), _MOST)


def hand_over(sink: str, notices: pl.DataFrame) -> None:
    """Hand notices to a sink.

    Raises:
        UnknownName: if nobody offers it.
        PluginError: if it failed.
    """
    found = installed().sinks[sink]
    call("sinks", sink, found.send, notices.to_arrow().cast(SENT_NOTICES), answers=type(None))


def after_change(outbox: Outbox, own: Sequence[Letter], sinks: Sequence[str]) -> None:
    """Deliver the letters of a change, and older ones of the same sinks that are due.

    What cannot be delivered, or rests, is a warning that names the sink, the reason and when it
    is tried again.
    """
    names = outbox.names()
    outbox.clean(names)
    down, there = outbox.down(names), outbox.letters(names)
    ours = {letter.name for letter in own}
    alone = _retrying.acquire(blocking=False)
    try:
        for sink in sinks:
            visit = _Visit(outbox, sink, down.get(sink))
            waiting = [one for one in there if one.sink == sink and one.name not in ours]
            visit.letters = len(waiting)
            visit.bring([letter for letter in own if letter.sink == sink])
            if alone:
                visit.retry(waiting)
            visit.tell()
    finally:
        if alone:
            _retrying.release()


def at_once(outbox: Outbox, sinks: Sequence[str]) -> int:
    """Try every letter for these sinks, due or not; return how many notices were delivered."""
    names = outbox.names()
    down, letters = outbox.down(names), outbox.letters(names)
    delivered = 0
    for sink in sinks:
        visit = _Visit(outbox, sink, down.get(sink), patience=_UNLUCKY, budget=None)
        visit.retry([one for one in letters if one.sink == sink], by_hand=True)
        delivered += visit.delivered
    return delivered


@dataclass
class _Visit:
    """One command's tries at one sink."""

    outbox: Outbox
    sink: str
    down: Tried | None
    """What became of the sink's last try, if it failed."""
    patience: int = 1
    """After so many failures in a row it is left alone."""
    budget: float | None = _BUDGET
    delivered: int = 0
    """Notices."""
    letters: int = 0
    """Letters that wait, as far as this command knows."""
    _unlucky: int = 0
    _began: float = field(default_factory=time.monotonic)

    def bring(self, letters: Sequence[Letter]) -> None:
        """Try new letters, unless the sink rests."""
        self.letters += len(letters)
        for letter in letters:
            if self.down is not None and _ahead(self.down.until):
                self.outbox.note(letter, Tried(0, self.down.error, self.down.until))
            else:
                self._try(letter)

    def retry(self, letters: Sequence[Letter], by_hand: bool = False) -> None:
        """Try older letters, those that were tried least first."""
        for letter in sorted(letters, key=lambda letter: letter.tries):
            if self._unlucky >= self.patience or self._late():
                return
            if not by_hand and self.down is not None and _ahead(self.down.until):
                return
            if self._claim(letter, by_hand):
                self._try(letter)

    def tell(self) -> None:
        """Warn of what waits."""
        if self.down is None or not self.letters:
            return
        changes = f"{self.letters} change{'' if self.letters == 1 else 's'}"
        _warn(
            f"notices of {changes} wait in the fleet for the sink {self.sink!r}:"
            f" {self.down.error}; it is tried again from {self.down.until:%Y-%m-%d %H:%M} UTC on,"
            " or now by `argosy notices --send`"
        )

    def _late(self) -> bool:
        return self.budget is not None and time.monotonic() - self._began > self.budget

    def _claim(self, letter: Letter, by_hand: bool) -> bool:
        """Say whether a letter is due and nobody else is at it, and keep others from it."""
        now = datetime.now(UTC)
        tried = letter.tried
        if tried is None:  # whoever wrote it is about to send it, or was killed
            error, until = None, now if by_hand else now + _CLAIM
        else:
            error, until = tried.error, now + _CLAIM
            if not by_hand and _ahead(tried.until):
                return False
        try:
            self.outbox.note(letter, Tried(letter.tries, error, until))
        except StoreError as failure:  # who cannot note it down would send it again and again
            _warn(f"notices wait in the fleet for the sink {self.sink!r}: {failure}")
            self._unlucky = self.patience
            return False
        return tried is not None or by_hand

    def _try(self, letter: Letter) -> bool:
        """Send a letter, and keep what became of it."""
        began = time.monotonic()
        try:
            notices = self.outbox.notices(letter)
        except StoreError as error:
            self._failed(letter, str(error), 0.0, sink=False)
            return False
        try:
            hand_over(self.sink, notices)
        except ArgosyError as error:
            self._failed(letter, str(error), time.monotonic() - began)
            return False
        self.delivered += notices.height
        self.letters -= 1
        self._unlucky = 0
        try:
            self.outbox.remove([letter])
            if self.down is not None:
                self.outbox.note_down(self.sink, None)
        except StoreError as error:
            _warn(
                f"notices for the sink {self.sink!r} are delivered and may be sent again: {error}"
            )
        self.down = None
        return True

    def _failed(self, letter: Letter, error: str, took: float, sink: bool = True) -> None:
        now = datetime.now(UTC)
        tries = letter.tries + 1
        own = Tried(tries, error, now + rest(tries))
        self._unlucky += 1
        try:
            self.outbox.note(letter, own)
            if sink:
                failures = (self.down.tries if self.down else 0) + 1
                long = timedelta(seconds=_TIMES_THE_TRY * took)
                self.down = Tried(failures, error, now + min(max(rest(failures), long), _MOST))
                self.outbox.note_down(self.sink, self.down)
        except StoreError as failure:
            _warn(f"notices wait in the fleet for the sink {self.sink!r}: {error}; {failure}")


def _ahead(until: datetime) -> bool:
    """Whether a time is still to come; one that is too far was noted by a clock that went wrong."""
    now = datetime.now(UTC)
    return now < until <= now + 2 * _MOST


def _warn(message: str) -> None:
    warnings.warn(message, ArgosyWarning, stacklevel=4)
