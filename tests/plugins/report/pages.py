"""Fleets to be drawn, and pages that were."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import polars as pl

from argosy_report.facts import DISTRIBUTIONS, DRIFT, MODELS, RUNS, SCORES, Facts

AT = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
SECTIONS = [
    "Fleet map",
    "Triage",
    "Incidents",
    "Inputs",
    "Distributions",
    "Evaluation",
    "Teams",
    "Last runs",
]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</title></style></svg><script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "left\u202egnp.exe\x00",
    "x" * 5_000,
]
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: tags, attributes, and the text of headings."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.headings, self.text, self.unclosed = [], [], [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert tag == self.unclosed.pop()

    def handle_data(self, data):
        self.text += data
        if self.unclosed and self.unclosed[-1] in {"h1", "h2"}:
            self.headings.append(data)


def models(*rows):
    return pl.DataFrame(rows, schema=MODELS, infer_schema_length=None)


def fleet_of(healthy=0, unknown=0, failed=0, drifted=0, **common):
    """Models in the given states, worst first."""
    states = ["failed"] * failed + ["drifted"] * drifted + ["unknown"] * unknown
    states += ["healthy"] * healthy
    told = {"failed": "could not be evaluated", "drifted": "drift in 'age'"}
    return models(
        *[
            {
                "model": f"model-{number:05d}",
                "team": "risk",
                "template": "credit",
                "state": state,
                "reason": told.get(state),
                **common,
            }
            for number, state in enumerate(states)
        ]
    )


def facts(**frames):
    return Facts("/data/fleet", AT, **frames)


def distribution(**changes):
    return {
        "model": "a",
        "column": "age",
        "kind": "numeric",
        "edges": [0.0, 1.0, 2.0],
        "ref_counts": [50, 50],
        "cur_counts": [10, 90],
        "null_ref": 0,
        "null_cur": 0,
        "detector": "psi",
        "effect": 0.5,
        "q_column": 1e-9,
        **changes,
    }


def named(name):
    """A fleet whose every name is `name`."""
    return facts(
        models=models(
            {
                "model": name,
                "team": name,
                "owner": name,
                "template": name,
                "state": "drifted",
                "worst_column": name,
                "reason": name,
            }
        ),
        drift=pl.DataFrame(
            [{"model": name, "column": name, "detector": name, "effect": 1.0, "status": "drift"}],
            schema=DRIFT,
        ),
        scores=pl.DataFrame(
            [{"model": name, "task": name, "metric": name, "value": 0.5}], schema=SCORES
        ),
        distributions=pl.DataFrame(
            [
                distribution(
                    model=name,
                    column=name,
                    detector=name,
                    kind="categorical",
                    edges=None,
                    categories=[name, f"{name}2"],
                )
            ],
            schema=DISTRIBUTIONS,
        ),
        runs=pl.DataFrame(
            [{"run_id": name, "kind": name, "started": AT, "status": name, "executor": name}],
            schema=RUNS,
        ),
    )
