"""Commands that read the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    frame = Selection(session.view(), where).frame()
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

    fleet = session.view()
    name, _, alias = model.partition("@")
    told = dossier(fleet, name, alias or None)
    if pictured:
        from argosy.cli.show_drift import show_drift

        show_drift(session, fleet, told)
        return
    if measured:
        from argosy.cli.show_metrics import show_metrics

        show_metrics(session, fleet, name)
        return
    if session.json:
        session.emit(told)
        return
    from argosy.cli.show_drift import worded

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
    fleet = session.view()
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
@click.argument("query", required=False)
@_limit
@click.pass_obj
def sql(session: Session, query: str | None, limit: int) -> None:
    """Answer a SQL QUERY over all tables; without QUERY, list them.

    `fleet` has one row per model with all that is known of it, `triage` those that need a person.
    """
    view = session.view()
    if query is None:
        session.emit(pl.DataFrame({"table": ["fleet", "triage", *view.tables()]}), limit=None)
        return
    session.emit(view.sql(query), limit=limit or None)


@click.command()
@_limit
@click.pass_obj
def triage(session: Session, limit: int) -> None:
    """List the models that need a person, worst first, each with one reason."""
    frame = session.view().triage()
    if frame.is_empty():
        session.say("no model needs a person")
        if not session.json:
            return
    columns = ["model", "team", "owner", "tier", "cause", "severity", "reason"]
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
    frame = session.view().runs().collect()
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


@click.command()
@click.argument("incident", required=False)
@click.option("--all", "whole", is_flag=True, help="Resolved ones too.")
@_limit
@click.pass_obj
def incidents(session: Session, incident: str | None, whole: bool, limit: int) -> None:
    """List what is wrong, one row per cause however many models it hurts; or show one INCIDENT."""
    from argosy.errors import UnknownName

    known = session.view().incidents().collect()
    if incident is not None:
        mine = known.filter(incident=incident)
        if mine.is_empty():
            raise UnknownName.among("incident", incident, known["incident"])
        session.emit(mine.row(0, named=True))
        return
    shown = known if whole else known.filter(pl.col("state") != "resolved")
    if shown.is_empty():
        session.say("no incident is open")
        if not session.json:
            return
    session.emit(shown, _INCIDENT, limit=limit or None)


_INCIDENT = ["incident", "state", "kind", "cause", "columns", "many", "onset", "severity"]


@click.command()
@click.option("--metric", help="What to rank by; defaults to what most models were measured by.")
@click.option("--data", metavar="ROLE", help="The role of the data that it was measured on.")
@click.option("--where", metavar="SQL", help="Which models; defaults to all.")
@click.option(
    "--group-by",
    metavar="SQL",
    help="Rank groups by the mean of their models: team, tier, tags.region ...",
)
@click.option("--slice", "slice_", default="all", show_default=True, help="Which slice of rows.")
@_limit
@click.pass_obj
def leaderboard(
    session: Session,
    metric: str | None,
    data: str | None,
    where: str | None,
    group_by: str | None,
    slice_: str,
    limit: int,
) -> None:
    """Rank models, or groups of them, by a metric, the best first."""
    fleet = session.view()
    metric = metric or fleet.default_metric()
    board = fleet.leaderboard(metric, data, where, group_by, slice_)
    hidden = {"window", "dataset_digest"} if _unwindowed(board) else {"dataset_digest"}
    columns = [name for name in board.columns if name not in hidden]
    session.emit(board, columns, title=metric, limit=limit or None)


def _unwindowed(board: Any) -> bool:  # noqa: ANN401
    return "window" not in board.columns or board["window"].is_null().all()


@click.command()
@click.argument("role")
@click.argument("model")
@click.argument("id", metavar="ID")
@click.pass_obj
def lookup(session: Session, role: str, model: str, id: str) -> int:  # noqa: A002
    """Print the row of ID that is bound to ROLE of MODEL, such as a precomputed prediction."""
    from argosy.cli.exit_codes import FAILED

    row = session.view().lookup(role).get(model, id)
    if row is None:
        session.say(f"{model} has no row {id!r} in its role {role!r}")
    session.emit(row or {})
    return 0 if row else FAILED
