"""Draw facts as one HTML page that needs no script and asks the network for nothing.

All text passes the template engine's escaping; the figures' geometry is numbers of our own. The
page's policy forbids every request and every style but its own, so that even a name that slipped
through could neither run nor be drawn.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
import polars as pl
from markupsafe import Markup

from argosy_report import distributions, strips, wording
from argosy_report.groups import ATTENTION, grouped
from argosy_report.heatmap import STATES, fleet_map, look
from argosy_report.inputs import input_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy_report.facts import Facts

_TRIAGE = 50
_FOLDED = 12  # from this row on, triage waits behind a click
_TEAMS = 30
_BAR = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """How many models are in each state."""

    label: str
    models: int
    counts: Mapping[str, int]

    def bar(self) -> Sequence[tuple[str, float, float]]:
        """Cut a bar of 1000 units by state: state, start, length.

        A state that any model is in gets at least 6 units, or one sick model would vanish.
        """
        present = [state for state in STATES if self.counts[state]]
        least = 6 * len(present)
        cuts, start = [], 0.0
        for state in present:
            length = 6 + (_BAR - least) * self.counts[state] / self.models
            cuts.append((state, start, length))
            start += length
        return cuts


def render(facts: Facts) -> str:
    """Draw facts as one HTML page.

    >>> from datetime import UTC, datetime
    >>> from argosy_report.facts import Facts
    >>> page = render(Facts("/data/fleet", datetime(2026, 11, 23, tzinfo=UTC)))
    >>> page.splitlines()[0], "This fleet has no models yet" in page, "<script" in page
    ('<!doctype html>', True, False)
    """
    models = facts.models
    style = files("argosy_report").joinpath("style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    fleet = _tally("all models", models)
    attention = models.filter(ATTENTION)
    drawn = distributions.pictures(facts.distributions)
    numbered = enumerate(facts.distributions["model"], 1)
    return _template().render(
        facts=facts,
        style=Markup(style),  # noqa: S704 -- our own file, and its digest is in the policy
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        headline=_headline(fleet),
        fleet=fleet,
        states=STATES,
        last=facts.runs.group_by("kind").agg(pl.col("started").max()).sort("kind").rows(),
        map=fleet_map(models),
        triage=attention.head(_TRIAGE).with_columns(look()).to_dicts(),
        folded=_FOLDED,
        waiting=attention.height,
        inputs=input_map(facts.drift, models),
        pictures=drawn,
        pictured={model: number for number, model in reversed(list(numbered))},
        tasks=strips.tasks(facts.scores, models),
        unscored=facts.scores.filter(pl.col("metric").is_null())["model"].n_unique(),
        teams=_teams(models),
        runs=facts.runs.to_dicts(),
    )


@cache
def _template() -> jinja2.Template:
    engine = jinja2.Environment(
        loader=jinja2.PackageLoader("argosy_report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(
        count=wording.count,
        duration=wording.duration,
        moment=wording.moment,
        number=wording.number,
        place=wording.place,
        share=wording.share,
        shown=wording.shown,
    )
    engine.globals.update(picture=distributions, strip=strips)
    return engine.get_template("template.html.j2")


def _tally(label: str, models: pl.DataFrame) -> Tally:
    counted = dict(models["state"].value_counts().iter_rows())
    return Tally(label, models.height, {state: counted.get(state, 0) for state in STATES})


def _teams(models: pl.DataFrame) -> list[Tally]:
    groups = grouped(models, _TEAMS, by=("team",))
    return [
        _tally(label, groups.models.filter(pl.col("group") == index))
        for index, label in enumerate(groups.labels)
    ]


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
