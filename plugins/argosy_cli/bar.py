"""The progress bar of a job: models, pace, time left, and what failed, by the kind of reason."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from argosy.inert import visible
from argosy_cli import terminal

if TYPE_CHECKING:
    from argosy.jobs.progress import Headway


_EVERY = 10.0
"""Seconds between two lines of a log, where there is no terminal to draw a bar on."""


class Bar:
    """A bar on standard error, which appears when the first models are done.

    In a log, such as that of a job that others follow, it is a line now and then.
    """

    def __init__(self, title: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("models {task.fields[pace]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[failed]}", style="red", markup=False),
            console=terminal.console(err=True),
        )
        self._title, self._said = visible(title), time.monotonic()
        self._task = self._bar.add_task(self._title, total=None, pace="", left="", failed="")

    def __call__(self, done: int, total: int) -> None:
        """Show two numbers."""
        self._bar.start()  # only now: a job that is refused shows no bar
        self._bar.update(self._task, completed=done, total=total)

    def follow(self, headway: Headway) -> None:
        """Show all that is known."""
        self(headway.done, headway.models)
        rate, left = headway.rate, headway.left
        pace = f"{rate:,.1f}/s" if rate else ""
        time_left = f"{span(left)} left" if left is not None else ""
        failed = visible(headway.told())
        self._bar.update(self._task, pace=pace, left=time_left, failed=failed)
        now = time.monotonic()
        if not self._bar.console.is_terminal and now - self._said >= _EVERY:
            self._said = now
            share = f"{headway.done:,} of {headway.models:,} models"
            line = ", ".join([share, *filter(None, (pace, time_left, failed))])
            self._bar.console.print(
                f"{self._title}: {line}", markup=False, highlight=False, soft_wrap=True
            )

    def stop(self) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()


def span(seconds: float) -> str:
    """Return a span of time as people read it.

    >>> span(75.4), span(7300)
    ('0:01:15', '2:01:40')
    """
    return str(timedelta(seconds=round(seconds)))
