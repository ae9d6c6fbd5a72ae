"""Ask every panel, ours and strangers', for its section: one that fails is a box that names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from argosy.errors import PluginError
from argosy.plugins import call, installed
from argosy.plugins.html_check import unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from argosy.types import FleetView, Panel


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page."""

    name: str
    title: str
    html: str = ""
    """Goes into the page as it is."""
    broken: str | None = None
    """Why it could not be drawn, and whose it is."""


def chosen(names: Iterable[str] = ()) -> list[Panel]:
    """Return the panels of these names, or all, in the order in which they stand.

    Raises:
        UnknownName: for a name that no plugin offers, listing those there are.

    >>> [panel.name for panel in chosen(["runs", "triage"])]
    ['triage', 'runs']
    """
    offered = installed().panels
    panels = [offered[name] for name in dict.fromkeys(names)] or list(offered.values())
    return sorted(panels, key=lambda panel: (panel.place, panel.name))


def sections(fleet: FleetView, panels: Sequence[Panel]) -> list[Section]:
    """Draw the panels one by one; those with nothing to show are left out."""
    drawn = [_section(fleet, panel) for panel in panels]
    return [section for section in drawn if section.html.strip() or section.broken]


def unasked() -> list[Section]:
    """Return a box for each plugin that failed before it could offer its panels."""
    return [
        Section(f"unasked-{number}", "Missing panels", broken=fault)
        for number, fault in enumerate(installed().panels.faults, 1)
    ]


def _section(fleet: FleetView, panel: Panel) -> Section:
    def render(fleet: FleetView) -> str:
        answer = panel.render(fleet)
        return "" if answer is None else answer

    try:
        html = call("panels", panel.name, render, fleet, answers=str)
    except PluginError as error:
        return Section(panel.name, panel.title, broken=str(error))
    if reason := unfit(html):
        whose = installed().panels.givers[panel.name].origin
        told = f"the panel {panel.name!r} ({whose}) was left out: {reason}"
        return Section(panel.name, panel.title, broken=told)
    return Section(panel.name, panel.title, html)
