"""Commands that run jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from argosy.cli.session import Session
    from argosy.jobs.run import Run

Command = TypeVar("Command", bound="Callable[..., Any] | click.Command")

where_option = click.option("--where", metavar="SQL", help="Which models; all unless given.")
executor_option = click.option(
    "--executor", default="local", show_default=True, help="Where it runs."
)


data_option = click.option(
    "--data", metavar="ROLE", default="holdout", show_default=True, help="The role of the data."
)
limit_option = click.option(
    "--limit", default=50, show_default=True, help="Most rows shown; 0: all."
)


def metric_option(told: str = "A metric; repeat for several.") -> Callable[[Command], Command]:
    """Declare which metrics are looked at."""
    return click.option("--metric", "metrics", multiple=True, help=told)


def by_model_option(told: str) -> Callable[[Command], Command]:
    """Declare whether to print a row per model rather than what they come to."""
    return click.option("--models", "by_model", is_flag=True, help=told)


explain_option = click.option(
    "--explain", is_flag=True, help="Start nothing; say how the work would be cut, and how long."
)


@click.command()
@where_option
@click.option(
    "--reference",
    metavar="ROLE",
    default="holdout",
    show_default=True,
    help="The role of the rows with ground truth.",
)
@click.option(
    "--current",
    metavar="ROLE",
    default="current",
    show_default=True,
    help="The role of the rows without it.",
)
@click.option("--estimator", "estimators", multiple=True, help="An estimator; repeat for several.")
@click.option(
    "--window",
    metavar="WINDOW",
    help="Estimate window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'.",
)
@click.option("--fresh-reference", is_flag=True, help="Fit again on the reference rows.")
@executor_option
@explain_option
@click.pass_obj
def estimate(
    session: Session,
    where: str | None,
    reference: str,
    current: str,
    estimators: tuple[str, ...],
    window: str | None,
    fresh_reference: bool,
    executor: str,
    explain: bool,
) -> int:
    """Estimate how models do on rows without labels, from what they do on rows with them."""
    fleet = session.open()
    told: dict[str, Any] = {
        "reference": reference,
        "current": current,
        "estimators": estimators or None,
        "window": window,
        "fresh_reference": fresh_reference,
        "executor": executor,
    }
    if explain:
        return tell_plan(session, fleet.explain("estimate", where, **told))
    with session.progress("estimating") as progress:
        run = fleet.estimate(where, **told, progress=progress)
    tell_run(session, run, "estimated")
    return status(run)


def tell_run(session: Session, run: Run, done: str) -> None:
    """Print what a run did, and what it could not do."""
    summary = run.summary
    if session.json:
        session.emit(summary)
        return
    drifted = f", {summary['drifted']} drifted" if summary["kind"] == "drift" else ""
    session.say(
        f"run {run.id}: {summary['ok']} of {summary['models']} models {done}{drifted},"
        f" {summary['failed']} failed, {summary['seconds']:.1f} s"
    )
    failures = run.failures()
    if failures.height:
        session.emit(failures, ["model", "version", "reason"], limit=20)
    if summary["drifted"]:
        session.say("`argosy triage` lists them, worst first")


def tell_plan(session: Session, planned: pl.DataFrame) -> int:
    """Print how a job would be cut, and what it would take."""
    if session.json:
        session.emit(planned)
        return 0
    sizes, seconds = planned["models"].to_list(), planned["seconds"].drop_nulls().to_list()
    cores, weights = max(planned["cores"], default=1), planned["bytes"].drop_nulls().to_list()
    session.say(
        f"{sum(sizes):,} models in {len(sizes):,} chunks of up to {max(sizes, default=0):,},"
        f" {cores} at a time"
    )
    if not seconds:
        session.say("how long it takes is not known: no such job has run in this fleet yet")
        return 0
    work = sum(seconds)
    session.say(
        f"about {max(work / cores, *seconds):,.0f} s, {work / 3600:,.2f} core hours,"
        " by what the last such run took"
    )
    if weights:
        session.say(
            f"{sum(weights) / 2**30:,.2f} GiB of rows, up to {max(weights) / 2**20:,.0f} MiB in a"
            " chunk"
        )
    return 0


def status(run: Run) -> int:
    """Return the exit code: a run of which nothing succeeded has failed."""
    from argosy.cli.main import FAILED

    return FAILED if run.summary["ok"] == 0 else 0
