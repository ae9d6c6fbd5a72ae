"""What the report's own panels say: each is a template and what it is told of the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_report import distributions, strips
from argosy_report.drawing import drawn
from argosy_report.groups import ATTENTION
from argosy_report.heatmap import fleet_map, look
from argosy_report.inputs import input_map
from argosy_report.tally import tally, teams

if TYPE_CHECKING:
    from argosy_report.facts import Facts

_TRIAGE = 50
_INCIDENTS = 20
_FOLDED = 12  # from this row on, triage waits behind a click


def draw(name: str, facts: Facts) -> str:
    """Draw one panel as a fragment of HTML.

    >>> from datetime import UTC, datetime
    >>> from argosy_report.facts import Facts
    >>> draw("teams", Facts("/data/fleet", datetime(2026, 11, 23, tzinfo=UTC))).strip()
    '<p class="empty">Teams appear with the first models.</p>'
    """
    return drawn(name, **_TOLD[name](facts))


def _map(facts: Facts) -> dict[str, Any]:
    return {"fleet": tally(facts.models), "map": fleet_map(facts.models)}


def _triage(facts: Facts) -> dict[str, Any]:
    attention = facts.models.filter(ATTENTION)
    numbered = list(enumerate(facts.distributions["model"], 1))
    return {
        "fleet": tally(facts.models),
        "triage": attention.head(_TRIAGE).with_columns(look()).to_dicts(),
        "folded": _FOLDED,
        "waiting": attention.height,
        "pictured": {model: number for number, model in reversed(numbered)},
    }


def _incidents(facts: Facts) -> dict[str, Any]:
    return {
        "checked": facts.drift.height,
        "incidents": facts.incidents.head(_INCIDENTS).to_dicts(),
        "open": facts.incidents.height,
    }


def _inputs(facts: Facts) -> dict[str, Any]:
    return {"checked": facts.drift.height, "inputs": input_map(facts.drift, facts.models)}


def _distributions(facts: Facts) -> dict[str, Any]:
    return {
        "checked": facts.drift.height,
        "pictures": distributions.pictures(facts.distributions),
    }


def _evaluation(facts: Facts) -> dict[str, Any]:
    return {
        "scored": facts.scores.height,
        "tasks": strips.tasks(facts.scores, facts.models),
        "models": facts.models.height,
        "evaluated": facts.scores["model"].n_unique(),
        "unscored": facts.scores.filter(pl.col("metric").is_null())["model"].n_unique(),
    }


def _teams(facts: Facts) -> dict[str, Any]:
    return {"fleet": tally(facts.models), "teams": teams(facts.models)}


def _runs(facts: Facts) -> dict[str, Any]:
    return {"runs": facts.runs.to_dicts()}


_TOLD = {
    "map": _map,
    "triage": _triage,
    "incidents": _incidents,
    "inputs": _inputs,
    "distributions": _distributions,
    "evaluation": _evaluation,
    "teams": _teams,
    "runs": _runs,
}
