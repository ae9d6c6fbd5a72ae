"""The command that promotes many models in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy_cli.exit_codes import DONE, FAILED, PARTLY
from argosy_promote.checks import NONE
from argosy_promote.holds import UNSEEN
from argosy_promote.outcomes import (
    BLOCKED,
    NOT_MOVED,
    PLANNED,
    PROMOTED,
    REVERTED,
    WAITING,
)

if TYPE_CHECKING:
    from argosy_cli.session import Session


def share(text: str) -> float:
    """Read a share such as 10% or 0.1.

    >>> share("12.5%"), share("1")
    (0.125, 1.0)
    """
    try:
        number = float(text.strip().removesuffix("%"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no share; write 10% or 0.1") from None
    return number / 100 if text.strip().endswith("%") else number


def shares(text: str) -> tuple[float, ...]:
    """Read several of them, separated by commas."""
    return tuple(share(each) for each in text.split(","))


@click.command()
@click.option("--where", metavar="SQL", help="Which models.")
@click.option(
    "--alias", metavar="ALIAS", default="champion", show_default=True, help="The alias that moves."
)
@click.option(
    "--of", metavar="ALIAS", help="Promote the versions of this alias; defaults to the newest."
)
@click.option(
    "--steps",
    type=shares,
    metavar="SHARES",
    default="1%,10%,100%",
    show_default=True,
    help="How many of the models have moved after each step.",
)
@click.option(
    "--check",
    "checks",
    metavar="NAME",
    multiple=True,
    help="Asked before the first step and after each; repeatable. Defaults to comparison; none"
    " switches checks off.",
)
@click.option(
    "--tolerated",
    type=share,
    default="0%",
    show_default=True,
    help="The share of the models that checks may find.",
)
@click.option("--wait", metavar="TIME", help="The least time between two steps, such as 6h.")
@click.option(
    "--until", type=share, metavar="SHARE", help="Make only the steps up to this share this time."
)
@click.option("--now", is_flag=True, help="Make the next step before it is due.")
@click.option("--resume", metavar="NAME", help="Carry a promotion on as it was asked for.")
@click.option("--seed", default=0, show_default=True, help="Another one tries other models first.")
@click.option("--name", help="Of the promotion; defaults to one made from what is asked for.")
@click.option("--reason", help="Kept with every change.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show who would move in which step.")
@click.pass_obj
def promote(
    session: Session,
    where: str | None,
    alias: str,
    of: str | None,
    steps: tuple[float, ...],
    checks: tuple[str, ...],
    tolerated: float,
    wait: str | None,
    until: float | None,
    now: bool,
    resume: str | None,
    seed: int,
    name: str | None,
    reason: str | None,
    dry_run: bool,
) -> int:
    """Move an alias of the chosen models step by step, and look after them between the steps.

    Models that a check objects to do not move: what was never measured, what is too old, what is
    worse. After a step, checks look at what was measured since; where nothing was, or the next step
    is not due, the promotion waits and says what for: --resume NAME carries it on. Where checks
    find more of the moved models than is tolerated, all are moved back in one change, and the exit
    code is 1. Given again after it was killed, the same command goes on from where the ledger says
    it was.
    """
    if where is None and resume is None:
        raise click.UsageError("say which models with --where SQL, or carry on with --resume NAME")
    if NONE in checks:
        session.tell("warning: no check looks after the models of this promotion")
    outcomes = session.open().promote(
        where,
        alias,
        steps,
        checks or None,
        of=of,
        tolerated=tolerated,
        wait=wait,
        until=until,
        now=now,
        resume=resume,
        seed=seed,
        name=name,
        reason=reason,
        dry_run=dry_run,
    )
    if session.json:
        session.emit(outcomes)
    else:
        counted = outcomes.group_by("step", "outcome").agg(models=pl.len())
        session.emit(counted.sort("step", "outcome", nulls_last=True), title=alias)
        for outcome, title in ((PROMOTED, "promoted, but"), (BLOCKED, "blocked")):
            told = outcomes.filter(pl.col("reason").is_not_null(), outcome=outcome)
            if told.height:
                session.emit(told, ["model", "version", "reason"], title=title, limit=10)
    return _status(outcomes, session)


def _status(outcomes: pl.DataFrame, session: Session) -> int:
    """Say on the error stream why a promotion stopped or waits, and return the exit code."""
    taken, late = outcomes.filter(outcome=REVERTED), outcomes.filter(outcome=WAITING)
    if taken.height:
        stopped = outcomes.filter(pl.col("reason").str.starts_with("stopped at"))
        why = (stopped if stopped.height else taken)["reason"][0]
        session.tell(f"error: the promotion {why}; {taken.height:,} models were moved back")
        return FAILED
    if late.height:
        why = str(late["reason"][0])
        session.tell(f"the promotion waits: {why}")
        return PARTLY if why.startswith(UNSEEN) else DONE
    barred = outcomes.filter(outcome=BLOCKED)
    if barred.is_empty():
        return DONE
    against = outcomes.filter(outcome=NOT_MOVED)["reason"].drop_nulls()
    if len(against):
        session.tell(f"error: the promotion {against[0]}")
        return FAILED
    first = barred.row(0, named=True)
    if outcomes["outcome"].is_in([PROMOTED, PLANNED]).any():
        session.tell(f"warning: {barred.height:,} models were left where they are")
        return PARTLY
    session.tell(f"error: the promotion was not begun: {first['model']}: {first['reason']}")
    return FAILED
