"""Write a fleet's health as one HTML file that opens anywhere and asks the network for nothing.

``command`` is what `argosy report PATH` runs, ``facts`` reads the fleet, ``page`` draws.
Read on in ``groups`` (rows of models), ``heatmap``, ``distributions`` and ``strips`` (geometry
of the figures) and ``wording`` (numbers and names as text); the HTML is in ``*.j2``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from argosy.types import Command


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy report`."""
    from argosy.types import Command

    yield Command("report", "Write the fleet's health as one HTML file.", _load)


def _load() -> click.Command:
    from argosy_report.command import report

    return report
