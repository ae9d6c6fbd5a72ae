"""Commands for runs that did not reach their end, and for the models that stopped them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argosy_cli.exit_codes import Allowance, allowance_option
from argosy_cli.outcomes import change_options
from argosy_cli.outcomes import tell as tell_outcomes

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.argument("run", required=False)
@click.option("--executor", help="Where the rest runs; defaults to where the run began.")
@click.option(
    "--other-software", is_flag=True, help="Go on though plugins or libraries have changed since."
)
@click.option(
    "--other-data", is_flag=True, help="Go on though the data has changed, for the models left."
)
@allowance_option
@click.pass_obj
def resume(
    session: Session,
    run: str | None,
    executor: str | None,
    other_software: bool,
    other_data: bool,
    allowed: Allowance,
) -> int | None:
    """Carry on the unfinished RUN; without RUN, list the runs that can be.

    What its chunks found already is not redone, and it is committed once. A run that is still at
    work is listed too: leave it alone, or cancel it.
    """
    fleet = session.open()
    if run is None:
        waiting = fleet.unfinished()
        if waiting.is_empty():
            session.say("no run is unfinished")
        if waiting.height or session.json:
            session.emit(waiting)
        return None
    with session.watched(), session.progress("carrying on") as progress:
        done = fleet.resume(run, executor, other_software, other_data, progress=progress)
    from argosy_cli.jobs import kinds, tell

    return tell(session, kinds()[done.summary["kind"]].load(), done, {}, allowed)


@click.command()
@click.argument("run")
@click.pass_obj
def cancel(session: Session, run: str) -> None:
    """Ask the unfinished RUN to stop, wherever it is at work; `argosy resume` carries it on."""
    session.open().cancel(run)
    session.say(f"the run {run} stops within seconds; `argosy resume {run}` carries it on")
    if session.json:
        session.emit({"run_id": run, "cancelled": True})


@click.command()
@click.option("--release", metavar="SQL", help="Let these models out; 'true' for all of them.")
@change_options
@click.pass_obj
def quarantine(session: Session, release: str | None, reason: str | None, dry_run: bool) -> None:
    """List the models that no job touches because they killed their worker, or release them."""
    from argosy.errors import BadInput

    fleet = session.open()
    held = fleet.quarantined().collect()
    if release is None:
        if held.is_empty():
            session.say("no model is in quarantine")
        if held.height or session.json:
            session.emit(held, ["model", "version", "cause", "why", "run_id", "since"])
        return
    chosen = fleet.where(release).frame().select("model")
    chosen = chosen.join(held.select("model"), on="model", how="semi")
    if chosen.is_empty():
        raise BadInput(f"no model in quarantine matches {release!r}; `argosy quarantine` lists it")
    tell_outcomes(session, fleet.unquarantine(chosen, reason, dry_run), dry_run)
