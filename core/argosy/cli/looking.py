"""Commands that read the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

if TYPE_CHECKING:
    from argosy.cli.session import Session

_limit = click.option("--limit", default=50, show_default=True, help="Most rows shown; 0: all.")


@click.command()
@click.option("--where", metavar="SQL", help="Which models, such as \"team = 'risk'\".")
@_limit
@click.pass_obj
def models(session: Session, where: str | None, limit: int) -> None:
    """List models with their newest version, tags, aliases and latest results."""
    from argosy.views.selection import Selection

    frame = Selection(session.open(), where).frame()
    shown = [
        name
        for name in (
            "model",
            "version",
            "team",
            "owner",
            "tier",
            "template",
            "tags",
            "aliases",
            "drifted",
        )
        if name in frame.columns
    ]
    session.emit(frame, shown, limit=limit or None)


@click.command()
@click.argument("model")
@click.option("--drift", "pictured", is_flag=True, help="Only its drift, with pictures.")
@click.option("--metrics", "measured", is_flag=True, help="Only its metrics, and how they went.")
@click.pass_obj
def show(session: Session, model: str, pictured: bool, measured: bool) -> None:
    """Show all that is known of MODEL, or of the version that MODEL@ALIAS points at."""
    from argosy.views.dossier import dossier

    fleet = session.open()
    name, _, alias = model.partition("@")
    told = dossier(fleet, name, alias or None)
    if pictured:
        from argosy.cli.course import show_drift

        show_drift(session, fleet, told)
        return
    if measured:
        from argosy.cli.metrics import show_metrics

        show_metrics(session, fleet, name)
        return
    if session.json:
        session.emit(told)
        return
    from argosy.cli.course import worded

    plain = {key: value for key, value in told.items() if not isinstance(value, list)}
    session.emit({key: value for key, value in plain.items() if value is not None})
    for section in _SECTIONS:
        rows = pl.DataFrame(told[section], infer_schema_length=None)
        if rows.height:
            rows = worded(rows) if section == "drift" else rows
            columns = [column for column in _SECTIONS[section] if column in rows.columns]
            session.say("")
            session.emit(rows, columns, title=section)


@click.command()
@click.argument("model", required=False)
@_limit
@click.pass_obj
def history(session: Session, model: str | None, limit: int) -> None:
    """List the changes of the fleet, newest first, or all that happened to one MODEL.

    With --group NAME, only the changes of that group.
    """
    fleet = session.open()
    events = fleet.events()
    if session.group is not None:
        events = events.filter(group=session.group)
    if model is None:
        changes = events.group_by("seq").agg(
            pl.col("at", "actor", "op", "reason", "group").first(), entities=pl.len()
        )
        frame = changes.sort("seq", descending=True).collect()
        columns = ["seq", "at", "actor", "op", "entities", "group", "reason"]
    else:
        fleet.get(model)
        frame = events.filter(model=model).reverse().collect()
        columns = ["seq", "at", "actor", "op", "kind", "version", "alias", "group", "reason"]
    session.emit(frame, _without_empty_group(frame, columns), limit=limit or None)


@click.command()
@click.argument("query")
@_limit
@click.pass_obj
def sql(session: Session, query: str, limit: int) -> None:
    """Answer a SQL QUERY over all tables.

    They are models, templates, versions, aliases, bindings, runs, events, trainings, evaluations,
    comparisons, gates, estimates, realised, drift, distributions, profiles, incidents, triage, and
    fleet: one row per model with all it has.
    """
    session.emit(session.open().sql(query), limit=limit or None)


@click.command()
@_limit
@click.pass_obj
def triage(session: Session, limit: int) -> None:
    """List the models that need a person, worst first, each with one reason."""
    frame = session.open().triage()
    if frame.is_empty():
        session.say("no model needs a person")
        if not session.json:
            return
    columns = ["model", "team", "owner", "tier", "severity", "reason"]
    session.emit(frame, columns, limit=limit or None)


@click.command()
@_limit
@click.pass_obj
def runs(session: Session, limit: int) -> None:
    """List the jobs that were carried out, newest first."""
    columns = [
        "run_id",
        "kind",
        "status",
        "started",
        "seconds",
        "models",
        "ok",
        "failed",
        "drifted",
        "executor",
        "by",
        "group",
    ]
    frame = session.open().runs().collect()
    session.emit(frame, _without_empty_group(frame, columns), limit=limit or None)


def _without_empty_group(frame: pl.DataFrame, columns: list[str]) -> list[str]:
    """Leave the column of groups out where nobody named any."""
    return [name for name in columns if name != "group" or frame["group"].count()]


_SECTIONS = {
    "versions": ["version", "task", "format", "digest", "registered", "registered_by"],
    "evaluations": ["dataset", "window", "metric", "value", "lower", "upper", "n", "reason"],
    "estimates": [
        *("dataset", "window", "metric", "value", "lower", "upper", "realised", "gap", "n"),
        "reason",
    ],
    "drift": ["column", "detector", "effect", "p_value", "q_column", "status", "n_ref", "n_cur"],
}
