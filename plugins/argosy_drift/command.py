"""The command that lists incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.errors import UnknownName

if TYPE_CHECKING:
    from argosy_cli.session import Session

_INCIDENT = ["incident", "state", "kind", "cause", "columns", "many", "onset", "severity"]


@click.command()
@click.argument("incident", required=False)
@click.option("--all", "whole", is_flag=True, help="Resolved ones too.")
@click.option("--limit", default=50, show_default=True, help="Most rows shown; 0: all.")
@click.pass_obj
def incidents(session: Session, incident: str | None, whole: bool, limit: int) -> None:
    """List what is wrong, one row per cause however many models it hurts; or show one INCIDENT."""
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
