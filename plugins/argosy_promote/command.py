"""The command that promotes many models in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

if TYPE_CHECKING:
    from argosy.cli.session import Session


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
@click.option("--where", metavar="SQL", required=True, help="Which models.")
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
    "--check", "checks", metavar="NAME", multiple=True, help="Asked after each step; repeatable."
)
@click.option(
    "--tolerated",
    type=share,
    default="0%",
    show_default=True,
    help="The share of the moved models that checks may find.",
)
@click.option("--seed", default=0, show_default=True, help="Another one tries other models first.")
@click.option("--name", help="Of the promotion; defaults to one made from what is asked for.")
@click.option("--reason", help="Kept with every change.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show who would move in which step.")
@click.pass_obj
def promote(
    session: Session,
    where: str,
    alias: str,
    of: str | None,
    steps: tuple[float, ...],
    checks: tuple[str, ...],
    tolerated: float,
    seed: int,
    name: str | None,
    reason: str | None,
    dry_run: bool,
) -> int:
    """Move an alias of the chosen models step by step, and look after them between the steps.

    Where checks find more of the moved models than is tolerated, all are moved back in one change,
    and the exit code is 1. Given again after it was killed, the same command goes on from where
    the ledger says it was.
    """
    outcomes = session.open().promote(
        where,
        alias,
        steps,
        checks,
        of=of,
        tolerated=tolerated,
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
        told = outcomes.filter(pl.col("reason").is_not_null(), outcome="promoted")
        if told.height:
            session.emit(told, ["model", "version", "reason"], title="tolerated", limit=10)
    return _status(outcomes)


def _status(outcomes: pl.DataFrame) -> int:
    """Say on the error stream why a promotion was taken back, and return the exit code."""
    from argosy.cli.exit_codes import FAILED

    taken = outcomes.filter(outcome="reverted")
    if taken.is_empty():
        return 0
    stopped = outcomes.filter(pl.col("reason").str.starts_with("stopped at"))
    why = (stopped if stopped.height else taken)["reason"][0]
    click.echo(f"error: the promotion {why}; {taken.height:,} models were moved back", err=True)
    return FAILED
