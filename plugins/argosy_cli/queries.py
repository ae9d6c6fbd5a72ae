"""Commands that read the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

if TYPE_CHECKING:
    from argosy_cli.session import Session

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
    `drifted` is null where nobody knows: NOT drifted selects what was found clear, and nothing
    else; coalesce(drifted, false) undoes that.
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
    """List the models that need a person, worst first, each with one reason.

    The severity goes from 0 to 100 and is weighed by tier, and by whether the version is champion.
    Each row says since when, whom it hurts, and what to type next.
    """
    frame = session.view().triage()
    if frame.is_empty():
        session.say("no model needs a person")
        if not session.json:
            return
    columns = ["model", "team", "owner", "tier", "cause", "severity", "since", "reason"]
    hurt = ["hurts"] if frame["hurts"].count() else []
    session.emit(frame, [*columns, *hurt, "next_step"], limit=limit or None)


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


@click.command()
@click.argument("role")
@click.argument("model")
@click.argument("id", metavar="ID")
@click.pass_obj
def lookup(session: Session, role: str, model: str, id: str) -> int:  # noqa: A002
    """Print the row of ID that is bound to ROLE of MODEL, such as a precomputed prediction."""
    from argosy_cli.exit_codes import FAILED

    row = session.view().lookup(role).get(model, id)
    if row is None:
        session.say(f"{model} has no row {id!r} in its role {role!r}")
    session.emit(row or {})
    return 0 if row else FAILED
