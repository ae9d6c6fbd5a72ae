"""Put what happened into words: a line for the whole, and one for each model in trouble."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import configured
from argosy.tables import NOTICES
from argosy.types import Listener

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import ChangeEvent

RISKIEST = 1
DID = {
    "define": "defined",
    "undefine": "took away",
    "instantiate": "made of a template",
    "register": "registered",
    "bind": "bound data to",
    "set_alias": "moved an alias of",
    "clear_alias": "took an alias from",
    "set_owner": "gave an owner to",
    "rollback": "rolled back a change of",
    "promote": "promoted",
    "retire": "retired",
    "restore": "restored",
    "delete": "deleted",
}
_PARTS = {
    "drift": "column",
    "evaluations": "metric",
    "estimates": "metric",
    "comparisons": "metric",
    "trainings": "file",
    "predictions": "file",
}
"""Fact tables, and the column that is null in a row about a whole model."""
_TROUBLES = ("drifted", "held back", "failed")
_OF_TEMPLATES = ("define", "undefine")
_DULL = ("tag", "untag")
"""What nobody wants to hear of."""


def wanted() -> bool:
    """Say whether anybody listens: putting things into words costs time."""
    return bool(configured().get("core", {}).get("sinks"))


def hear(event: ChangeEvent) -> pa.Table:
    """Answer with one notice of the whole, and one per model that drifted, failed or is held back.

    Models of tier 1 are critical, others are warnings; what went well is info.
    """
    if event.verb in _DULL:
        return NOTICES.empty_table()
    troubled = _troubled(event)
    severity = "info" if troubled.is_empty() else "warning"
    summary = pl.DataFrame({"model": [None], "severity": [severity], "text": [_summary(event)]})
    rows = pl.concat([summary.cast({"model": pl.String}), troubled])
    return (
        rows.select(
            at=pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC")),
            fleet=pl.lit(event.fleet),
            verb=pl.lit(event.verb),
            severity="severity",
            model="model",
            text="text",
        )
        .to_arrow()
        .cast(NOTICES)
    )


def _summary(event: ChangeEvent) -> str:
    count = event.models.num_rows
    why = f": {event.reason}" if event.reason else ""
    what = "model"
    if event.verb in _OF_TEMPLATES:
        kept = event.after if event.verb == "define" else event.before
        count, what = kept["template"].num_rows, "template"
    models = f"{count:,} {what}{'' if count == 1 else 's'}"
    if event.verb in DID:
        return f"{event.actor} {DID[event.verb]} {models}{why} (change {event.seq})"
    bad = {name: _named(event, name)["model"].n_unique() for name in _TROUBLES}
    told = ", ".join(f"{many:,} {name}" for name, many in bad.items() if many) or "all is well"
    return f"{event.verb} of {models}: {told} (change {event.seq})"


def _troubled(event: ChangeEvent) -> pl.DataFrame:
    found = pl.concat(
        [
            _named(event, what).with_columns(
                text=pl.format(f"{{}} {what}: {{}}", "model", "reason")
            )
            for what in _TROUBLES
        ]
    ).unique("model", keep="first", maintain_order=True)
    tiers = pl.DataFrame(event.models).select("model", "tier")
    risky = pl.when(pl.col("tier") == RISKIEST)
    return found.join(tiers, on="model", how="left", maintain_order="left").select(
        "model",
        severity=risky.then(pl.lit("critical")).otherwise(pl.lit("warning")),
        text="text",
    )


def _named(event: ChangeEvent, what: str) -> pl.DataFrame:
    """Return `model` and `reason` of those that drifted, met a shut gate, or failed as a whole."""
    empty = pl.DataFrame(schema={"model": pl.String, "reason": pl.String})
    if what == "drifted" and "verdicts" in event.facts:
        verdicts = pl.DataFrame(event.facts["verdicts"])
        return verdicts.filter("drifted").select("model", "reason")
    if what == "held back" and "gates" in event.facts:
        shut = pl.DataFrame(event.facts["gates"]).filter(~pl.col("passed"))
        return shut.select("model", reason=pl.format("{}, {}", "gate", "reason"))
    for name, part in _PARTS.items():
        if what == "failed" and name in event.facts:
            rows = pl.DataFrame(event.facts[name])
            return rows.filter(pl.col(part).is_null(), status="failed").select("model", "reason")
    return empty


LISTENER = Listener("notices", None, hear, wanted)
