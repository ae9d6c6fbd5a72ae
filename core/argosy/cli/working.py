"""Commands that run jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.cli.session import Session
    from argosy.jobs.run import Run

_where = click.option("--where", metavar="SQL", help="Which models; all unless given.")
_executor = click.option("--executor", default="local", show_default=True, help="Where it runs.")


@click.command()
@_where
@click.option(
    "--data", metavar="ROLE", default="holdout", show_default=True, help="The role of the data."
)
@click.option("--metric", "metrics", multiple=True, help="A metric; repeat for several.")
@_executor
@click.pass_obj
def evaluate(
    session: Session, where: str | None, data: str, metrics: tuple[str, ...], executor: str
) -> int:
    """Evaluate the newest version of each model; a model that fails is a row with its reason."""
    fleet = session.open()
    with session.progress("evaluating") as progress:
        run = fleet.evaluate(
            where, data=data, metrics=metrics or None, executor=executor, progress=progress
        )
    _tell(session, run, "evaluated")
    return _status(run)


@click.command()
@_where
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
@_executor
@click.pass_obj
def estimate(
    session: Session,
    where: str | None,
    reference: str,
    current: str,
    estimators: tuple[str, ...],
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
            executor=executor,
            progress=progress,
        )
    _tell(session, run, "estimated")
    return _status(run)


@click.command()
@_where
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
@click.option("--models", "by_model", is_flag=True, help="Print one verdict per model.")
@click.option("--fail-on-drift", is_flag=True, help="Exit with 3 if any model drifted.")
@click.option("--fresh-reference", is_flag=True, help="Read the reference rows again.")
@_executor
@click.pass_obj
def drift(
    session: Session,
    where: str | None,
    reference: str,
    current: str,
    detectors: tuple[str, ...],
    by_model: bool,
    fail_on_drift: bool,
    fresh_reference: bool,
    executor: str,
) -> int:
    """Compare current with reference rows of each model, with fleet-wide false-alarm control."""
    from argosy.cli.main import DRIFTED
    from argosy.drift.verdict import verdicts

    fleet = session.open()
    with session.progress("checking drift") as progress:
        run = fleet.check_drift(
            where,
            reference=reference,
            current=current,
            detectors=detectors or None,
            executor=executor,
            fresh_reference=fresh_reference,
            progress=progress,
        )
    if by_model:
        judged = verdicts(run.results())
        session.emit(judged, ["model", "drifted", "q_model", "worst_column", "reason"])
    else:
        _tell(session, run, "checked")
    if fail_on_drift and run.summary["drifted"]:
        return DRIFTED
    return _status(run)


def _tell(session: Session, run: Run, done: str) -> None:
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


def _status(run: Run) -> int:
    from argosy.cli.main import FAILED

    return FAILED if run.summary["ok"] == 0 else 0
