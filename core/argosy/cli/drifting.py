"""Commands that check drift and follow its incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import polars as pl

from argosy.cli.working import (
    by_model_option,
    executor_option,
    explain_option,
    limit_option,
    status,
    tell_plan,
    tell_run,
    where_option,
)

if TYPE_CHECKING:
    from argosy.cli.session import Session


@click.command()
@where_option
@click.option(
    "--reference",
    metavar="ROLE",
    default="reference",
    show_default=True,
    help="The role of the rows that the models know.",
)
@click.option(
    "--current",
    metavar="ROLE",
    default="current",
    show_default=True,
    help="The role of the rows that they meet now.",
)
@click.option("--detector", "detectors", multiple=True, help="A detector; repeat for several.")
@click.option(
    "--window",
    metavar="WINDOW",
    help="Judge current rows window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'.",
)
@click.option(
    "--against",
    metavar="BASELINE",
    default="fixed",
    show_default=True,
    help="Compare windows with the reference (fixed), those just before ('rolling 4'), or the one"
    " that began so long before ('seasonal 4w').",
)
@click.option(
    "--segment", "segments", multiple=True, metavar="SQL", help="Judge its values one by one too."
)
@by_model_option("Print one verdict per model.")
@click.option("--fail-on-drift", is_flag=True, help="Exit with 3 if any model drifted.")
@click.option("--fresh-reference", is_flag=True, help="Read the reference rows again.")
@executor_option
@explain_option
@click.pass_obj
def drift(
    session: Session,
    where: str | None,
    reference: str,
    current: str,
    detectors: tuple[str, ...],
    window: str | None,
    against: str,
    segments: tuple[str, ...],
    by_model: bool,
    fail_on_drift: bool,
    fresh_reference: bool,
    executor: str,
    explain: bool,
) -> int:
    """Compare current with reference rows of each model, with fleet-wide false-alarm control.

    What models are held to (level, floors, least rows, windows that must agree) is the option
    core.drift; `argosy plugins show core` describes it.
    """
    from argosy.cli.main import DRIFTED
    from argosy.drift.verdict import verdicts

    fleet = session.open()
    told: dict[str, Any] = {
        "reference": reference,
        "current": current,
        "detectors": detectors or None,
        "window": window,
        "against": against,
        "segments": segments,
        "executor": executor,
        "fresh_reference": fresh_reference,
    }
    if explain:
        return tell_plan(session, fleet.explain("check_drift", where, **told))
    with session.progress("checking drift") as progress:
        run = fleet.check_drift(where, **told, progress=progress)
    if by_model:
        judged = verdicts(run.results())
        session.emit(judged, ["model", "drifted", "q_model", "worst_column", "reason"])
    else:
        tell_run(session, run, "checked")
        if run.summary["drifted"] and not session.json:
            _tell_open(session, fleet.incidents().collect())
    if fail_on_drift and run.summary["drifted"]:
        return DRIFTED
    return status(run)


@click.command()
@click.argument("incident", required=False)
@click.option("--all", "whole", is_flag=True, help="Resolved ones too.")
@limit_option
@click.pass_obj
def incidents(session: Session, incident: str | None, whole: bool, limit: int) -> None:
    """List what is wrong, one row per cause however many models it hurts; or show one INCIDENT."""
    from argosy.errors import UnknownName

    known = session.open().incidents().collect()
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
    session.emit(shown, _COLUMNS, limit=limit or None)


_COLUMNS = ["incident", "state", "kind", "cause", "columns", "many", "onset", "severity"]


def _tell_open(session: Session, known: pl.DataFrame) -> None:
    count = known.filter(pl.col("state") != "resolved").height
    session.say(f"{count} open incident{'s' if count != 1 else ''}: `argosy incidents` lists them")
