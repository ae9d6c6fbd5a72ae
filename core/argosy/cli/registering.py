"""Commands that write to the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.cli.session import Session


@click.command()
@click.pass_obj
def init(session: Session) -> None:
    """Create an empty fleet at --fleet, unless there is one."""
    fleet = session.open(create=True)
    session.emit({"fleet": fleet.url, "models": fleet.models().collect().height})


@click.command()
@click.argument("file")
@click.option("--skip-existing", is_flag=True, help="Leave versions alone that exist already.")
@click.option("--reason", help="Kept with the change.")
@click.pass_obj
def register(session: Session, file: str, skip_existing: bool, reason: str | None) -> None:
    """Register every row of FILE (CSV, Parquet, JSON lines or Arrow) in one commit, or none."""
    from argosy.registry.registration import read_table

    fleet = session.open()
    existing = "skip" if skip_existing else "refuse"
    outcomes = fleet.register(read_table(file), existing=existing, reason=reason)  # type: ignore[arg-type]
    _report(session, outcomes, "registered")


@click.command()
@click.argument("file")
@click.option("--check/--no-check", default=True, help="Refuse data that is not there yet.")
@click.option("--reason", help="Kept with the change.")
@click.pass_obj
def bind(session: Session, file: str, check: bool, reason: str | None) -> None:
    """Bind data to models by role, a row of FILE each, in one commit, or none.

    Columns: role and url; model or template (neither: every model); key, where the data holds
    many models; truth, prediction, score, weight and others that name columns of the data.
    """
    from argosy.registry.registration import read_table

    outcomes = session.open().bind(read_table(file), check=check, reason=reason)
    _report(session, outcomes, "bound")


@click.command()
@click.argument("name")
@click.option("--where", metavar="SQL", required=True, help="Which models.")
@click.option("--reason", help="Kept with the change.")
@click.pass_obj
def alias(session: Session, name: str, where: str, reason: str | None) -> None:
    """Point the alias NAME of the chosen models at their newest version, in one commit."""
    fleet = session.open()
    _report(session, fleet.set_alias(fleet.where(where), name, reason=reason), "set")


def _report(session: Session, outcomes, done: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    if session.json:
        session.emit(outcomes)
        return
    changed = outcomes.filter(outcome=done).height
    rest = outcomes.height - changed
    session.say(f"{changed} {done}" + (f", {rest} left as they were" if rest else ""))
