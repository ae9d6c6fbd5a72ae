"""Commands that run jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.cli.session import Session
    from argosy.jobs.run import Run

where_option = click.option("--where", metavar="SQL", help="Which models; all unless given.")
executor_option = click.option(
    "--executor", default="local", show_default=True, help="Where it runs."
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
) -> int:
    """Estimate how models do on rows without labels, from what they do on rows with them."""
    fleet = session.open()
    with session.progress("estimating") as progress:
        run = fleet.estimate(
            where,
            reference=reference,
            current=current,
            estimators=estimators or None,
            window=window,
            fresh_reference=fresh_reference,
            executor=executor,
            progress=progress,
        )
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


def status(run: Run) -> int:
    """Return the exit code: a run of which nothing succeeded has failed."""
    from argosy.cli.main import FAILED

    return FAILED if run.summary["ok"] == 0 else 0
