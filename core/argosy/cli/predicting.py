"""Commands that let models predict in batches, and find what they predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from argosy.cli.working import (
    executor_option,
    explain_option,
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
    "--data",
    metavar="ROLE",
    default="current",
    show_default=True,
    help="The role of the rows to predict.",
)
@click.option(
    "--alias", metavar="ALIAS", help="Predict with its version; with the newest unless given."
)
@click.option("--role", metavar="ROLE", help="Bind what is predicted to this role, model by model.")
@executor_option
@explain_option
@click.pass_obj
def predict(session: Session, /, where: str | None, explain: bool, **asked: Any) -> int:  # noqa: ANN401
    """Let models predict the rows of a role, into Parquet files beside the fleet.

    With --role the files are bound in one change: `argosy lookup` then finds single rows, and a
    model that failed keeps what it had. `argosy rollback` brings back what all had.
    """
    fleet = session.open()
    if explain:
        return tell_plan(session, fleet.explain("predict", where, **asked))
    with session.progress("predicting") as progress:
        run = fleet.predict(where, progress=progress, **asked)
    tell_run(session, run, "predicted")
    return status(run)


@click.command()
@click.argument("role")
@click.argument("model")
@click.argument("id", metavar="ID")
@click.pass_obj
def lookup(session: Session, role: str, model: str, id: str) -> int:  # noqa: A002
    """Print the row of ID that is bound to ROLE of MODEL, such as a precomputed prediction."""
    from argosy.cli.main import FAILED

    row = session.open().lookup(role).get(model, id)
    if row is None:
        session.say(f"{model} has no row {id!r} in its role {role!r}")
    session.emit(row or {})
    return 0 if row else FAILED
