"""The progress bar of a job: models, pace, time left, and what failed, by the kind of reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from argosy.jobs.headway import Headway


class Bar:
    """A bar on standard error, which appears when the first models are done."""

    def __init__(self, title: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("models {task.fields[pace]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[failed]}", style="red", markup=False),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task(title, total=None, pace="", left="", failed="")

    def __call__(self, done: int, total: int) -> None:
        """Show two numbers."""
        self._bar.start()  # only now: a job that is refused shows no bar
        self._bar.update(self._task, completed=done, total=total)

    def follow(self, headway: Headway) -> None:
        """Show all that is known."""
        self(headway.done, headway.models)
        rate, left = headway.rate, headway.left
        self._bar.update(
            self._task,
            pace=f"{rate:,.1f}/s" if rate else "",
            left=f"{span(left)} left" if left is not None else "",
            failed=headway.told(),
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
