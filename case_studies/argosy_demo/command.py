"""`argosy demo`: the story on the terminal, and whether it held."""

from __future__ import annotations

import time
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.errors import BadInput
from argosy.plugins import installed

if TYPE_CHECKING:
    from argosy_cli.session import Session
    from argosy_demo.scenario import Outcome

FOLDER = "demo-fleet"
_SHOWN = 8
_NEXT = (
    "triage",
    "models --where \"team = 'risk' AND drifted\"",
    "show diabetes-0001",
    'sql "SELECT template, SUM(CAST(drifted AS INT)) AS drifted FROM fleet GROUP BY template"',
)


@click.command()
@click.option(
    "--models", type=click.IntRange(10), default=1_000, show_default=True, help="How many to train."
)
@click.option("--executor", default="local", show_default=True, help="Where the work runs.")
@click.option(
    "--seed", type=click.IntRange(0), default=5, show_default=True, help="Decides every draw."
)
@click.pass_obj
def demo(session: Session, models: int, executor: str, seed: int) -> int:
    """Train a fleet on real data, plant drift in it, and find the drift.

    The fleet is made in the folder demo-fleet, or where --fleet says. An earlier demo there is
    replaced, anything else is left alone. The exit code is 0 if the demo held, else 1.
    """
    from argosy_demo.scenario import play

    folder = _folder(session.fleet_url)
    started = time.perf_counter()
    outcome = play(folder, models, seed, executor, session.progress)
    report = _report(session, folder)
    seconds = time.perf_counter() - started
    shortfall = outcome.shortfall()
    if session.json:
        session.emit(
            {
                "models": outcome.models,
                "ok": outcome.ok,
                "failed": outcome.failures.height,
                "planted": outcome.planted.height,
                "found": outcome.found,
                "false_alarms": outcome.false_alarms,
                "flagged": outcome.flagged.height,
                "seconds": round(seconds, 3),
                "report": None if report is None else str(report),
                "fleet": str(folder),
                "shortfall": shortfall,
            }
        )
    else:
        _tell(session, outcome, seconds)
        _point_on(session, folder, report, shortfall)
    return 0 if shortfall is None else 1


def _folder(url: str | None) -> Path:
    """Return the folder of this machine that the user named."""
    if url is not None and "://" in url:
        raise BadInput(f"the demo makes its fleet in a folder of this machine, not at {url}")
    return Path(url or FOLDER).expanduser().absolute()


def _report(session: Session, folder: Path) -> Path:
    """Write the HTML report by its command, whichever plugin offers it."""
    path = folder / "report.html"
    command = installed().commands["report"].load()
    with redirect_stdout(StringIO()):  # one document per invocation, and it is the demo's
        command.main(
            [str(path)], standalone_mode=False, obj=replace(session, fleet_url=str(folder))
        )
    return path


def _tell(session: Session, outcome: Outcome, seconds: float) -> None:
    """Print what was planted and what was found."""
    flagged, false = outcome.flagged.height, outcome.false_alarms
    share = f" ({false / flagged:.0%} of the {flagged} flagged)" if flagged else ""
    session.say(
        f"\n{outcome.models} models trained, {outcome.ok} evaluated, in {seconds:.0f} s."
        f"\nPlanted drift found in {outcome.found} of {outcome.planted.height} models;"
        f" false alarms: {false}{share}.\n"
    )
    missed = outcome.planted.filter(~outcome.planted.get_column("found"))
    if missed.height:
        session.emit(missed.select("model", "column", "how"), title="Planted, but not found")
    if outcome.failures.height:
        session.emit(outcome.failures, title=f"{outcome.failures.height} could not be evaluated")
    session.emit(
        outcome.flagged.head(_SHOWN).select("model", "team", "tier", "reason"),
        title=f"The {min(_SHOWN, flagged)} worst of {flagged} that drift",
    )


def _point_on(session: Session, folder: Path, report: Path | None, shortfall: str | None) -> None:
    """Say where to look next, and whether the demo held."""
    here = Path.cwd()
    fleet = folder.relative_to(here) if folder.is_relative_to(here) else folder
    if report is not None:
        session.say(f"Report: {report}")
    session.say(f"What was planted: {folder / 'planted.parquet'}\n\nTry next:")
    for command in _NEXT:
        session.say(f"  argosy --fleet {fleet} {command}")
    if shortfall is not None:
        session.say(f"\nThe demo did not hold: {shortfall}.")
