"""Draw facts as one HTML page that needs no script and asks the network for nothing.

All text passes the template engine's escaping; the figures' geometry is numbers of our own. The
page's policy forbids every request and every style but its own, so that even a name that slipped
through could neither run nor be drawn.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from argosy import inert
from argosy_report import PANELS, wording
from argosy_report.drawing import drawn
from argosy_report.gathering import Section
from argosy_report.panels import draw
from argosy_report.tally import STATES, Tally, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_report.facts import Facts


def render(facts: Facts, sections: Sequence[Section] | None = None) -> str:
    """Draw facts as one HTML page.

    Args:
        facts: what the head of the page says.
        sections: what stands below it, in order; defaults to the report's own panels.

    >>> from datetime import UTC, datetime
    >>> from argosy_report.facts import Facts
    >>> page = render(Facts("/data/fleet", datetime(2026, 11, 23, tzinfo=UTC)))
    >>> page.splitlines()[0], "This fleet has no models yet" in page, "<script" in page
    ('<!doctype html>', True, False)
    """
    if sections is None:
        sections = [Section(name, title, draw(name, facts)) for name, title in PANELS.items()]
    style = files("argosy_report").joinpath("style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    fleet = tally(facts.models)
    page = drawn(
        "page",
        facts=facts,
        style=Markup(style),  # noqa: S704 -- our own file, and its digest is in the policy
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        headline=_headline(fleet),
        fleet=fleet,
        last=facts.runs.group_by("kind").agg(pl.col("started").max()).sort("kind").rows(),
        sections=sections,
    )
    return inert.lines(page)  # the panels of others too


def _headline(fleet: Tally) -> str:
    """Say the worst first, and never that all is well while some models are unknown."""
    failed, drifted, unknown, healthy = (fleet.counts[state] for state in STATES)
    total = wording.count(fleet.models, "model")
    if not fleet.models:
        return "This fleet has no models yet"
    if failed or drifted:
        verb = "needs" if failed + drifted == 1 else "need"
        return f"{failed + drifted:,} of {total} {verb} attention"
    if not healthy:
        return "No model has been checked yet"
    if unknown:
        return f"Nothing drifted, but {unknown:,} of {total} are unknown"
    return f"All {total} are healthy" if healthy > 1 else "The one model is healthy"
