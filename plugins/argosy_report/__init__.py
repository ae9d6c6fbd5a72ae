"""Write a fleet's health as one HTML file that opens anywhere and asks the network for nothing.

``command`` is what `argosy report PATH` runs, ``gathering`` asks every plugin's panels, ``page``
puts them under one head. Our own panels are in ``panels``, drawn from ``facts``; read on in
``groups`` (rows of models), ``tally``, ``heatmap``, ``distributions`` and ``strips`` (geometry of
the figures) and ``wording`` (numbers and names as text); the HTML is in ``templates``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Command, Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import click

    from argosy.types import FleetView

PANELS = {
    "map": "Fleet map",
    "triage": "Triage",
    "incidents": "Incidents",
    "inputs": "Inputs",
    "distributions": "Distributions",
    "evaluation": "Evaluation",
    "teams": "Teams",
    "runs": "Last runs",
}
"""Our own panels: the name and the heading of each, in order; their places are 10, 20 ..."""

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_panels() -> Iterator[Panel]:
    """Offer the sections of the report."""
    for number, (name, title) in enumerate(PANELS.items(), 1):
        yield Panel(name, title, 10 * number, _drawn_as(name))


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy report`."""
    yield Command("report", "Write the fleet's health as one HTML file.", _load)


def _drawn_as(name: str) -> Callable[[FleetView], str]:
    def render(fleet: FleetView) -> str:
        from argosy_report import facts, panels

        return panels.draw(name, facts.known(fleet))

    return render


def _load() -> click.Command:
    from argosy_report.command import report

    return report
