"""The one door to a terminal: whatever a command prints passes here, and is inert.

A test refuses any other (`tests/test_doors.py`).
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from argosy import inert
from argosy.plugins.aside import answers
from argosy.plugins.hidden import hidden

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

_WIDTH_OF_A_PIPE = 140


def say(text: str, err: bool = False, end: str = "\n") -> None:
    """Print text, line by line.

    Args:
        text: perhaps with names that strangers gave.
        err: on standard error.
        end: what is printed after it.
    """
    click.echo(inert.lines(hidden(text)) + end, None if err else answers(), nl=False, err=err)


def answer(value: object) -> None:
    """Print a value as one JSON document."""
    click.echo(hidden(inert.document(value, indent=2)), answers())


def console(err: bool = False) -> Console:
    """Return where tables and bars are drawn; texts in them are made inert by `cell`."""
    from rich.console import Console

    if err:
        return Console(stderr=True)
    file = answers()
    width = None if file.isatty() else _WIDTH_OF_A_PIPE
    return Console(file=file, width=width, highlight=False)


def cell(value: object) -> str:
    """Return what a person reads of a value, on one line."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, dict):
        entries = (f"{name}={item}" for name, item in value.items() if item is not None)
        return inert.visible(", ".join(entries))
    return inert.visible(str(value))


def show_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print what nobody caught, as `sys.excepthook`: its message may hold names of strangers."""
    say("".join(traceback.format_exception(kind, error, trace)), err=True, end="")
