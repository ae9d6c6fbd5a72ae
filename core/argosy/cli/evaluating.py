"""Commands that evaluate models, and rank them by what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from argosy.cli.working import (
    data_option,
    executor_option,
    explain_option,
    limit_option,
    metric_option,
    status,
    tell_plan,
    tell_run,
    where_option,
)

if TYPE_CHECKING:
    from argosy.cli.session import Session
    from argosy.jobs.run import Run

_FEW = 10


@click.command()
@where_option
@data_option
@click.option(
    "--truth",
    metavar="ROLE",
    help="The role of a table of labels, joined by id to data without a truth;"
    " 'truth' where something is bound to it.",
)
@metric_option()
@click.option(
    "--window",
    metavar="WINDOW",
    help="Measure window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'; windows that were"
    " measured on the very same rows are left out.",
)
@click.option("--fresh", is_flag=True, help="Measure those windows too.")
@click.option(
    "--at",
    metavar="TIME",
    help="When it is, for bindings whose labels take a while; else the newest row of each model.",
)
@click.option(
    "--slice", "slices", multiple=True, metavar="SQL", help="Measure its values one by one too."
)
@click.option("--segments", is_flag=True, help="Slice by the segments of the bindings too.")
@click.option(
    "--depth",
    default=1,
    show_default=True,
    help="Also slice by up to so many expressions together.",
)
@click.option("--least", default=30, show_default=True, help="Leave out slices with fewer rows.")
@click.option(
    "--bootstrap",
    default=0,
    metavar="DRAWS",
    help="Take intervals from so many draws of rows, 1000 for one; else each metric's own.",
)
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
@executor_option
@explain_option
@click.pass_obj
def evaluate(session: Session, /, where: str | None, explain: bool, **asked: Any) -> int:  # noqa: ANN401
    """Evaluate the newest version of each model; a model that fails is a row with its reason.

    A version with an artifact is loaded and predicts; one that is scored elsewhere is measured on
    the predictions in its data.
    """
    fleet = session.open()
    metrics = asked.pop("metrics") or None
    if explain:
        return tell_plan(session, fleet.explain("evaluate", where, metrics=metrics, **asked))
    with session.progress("evaluating") as progress:
        run = fleet.evaluate(where, metrics=metrics, progress=progress, **asked)
    _tell(session, run)
    return status(run)


@click.command()
@click.option("--metric", help="What to rank by; what most models were measured by unless given.")
@click.option("--data", metavar="ROLE", help="The role of the data that it was measured on.")
@where_option
@click.option(
    "--group-by",
    metavar="SQL",
    help="Rank groups by the mean of their models: team, tier, tags.region ...",
)
@click.option("--slice", "slice_", default="all", show_default=True, help="Which slice of rows.")
@limit_option
@click.pass_obj
def leaderboard(
    session: Session,
    metric: str | None,
    data: str | None,
    where: str | None,
    group_by: str | None,
    slice_: str,
    limit: int,
) -> None:
    """Rank models, or groups of them, by a metric, the best first."""
    fleet = session.open()
    metric = metric or fleet.usual_metric()
    board = fleet.leaderboard(metric, data, where, group_by, slice_)
    hidden = {"window", "dataset_digest"} if _unwindowed(board) else {"dataset_digest"}
    columns = [name for name in board.columns if name not in hidden]
    session.emit(board, columns, title=metric, limit=limit or None)


def _unwindowed(board: Any) -> bool:  # noqa: ANN401
    return "window" not in board.columns or board["window"].is_null().all()


def _of_labels(counted: dict[str, int]) -> list[str]:
    """Say what did not count, and why."""
    missing = counted["mature"] - counted["n"]
    told = {
        f"have no label yet, of {counted['mature']:,} old enough to have one": missing,
        "were too young to be expected to have a label": counted["immature"],
        "have an id that a newer row has, and do not count": counted["duplicates"],
    }
    lines = [f"{many:,} rows {what}" for what, many in told.items() if many]
    if counted["unmatched"]:
        lines.append(f"{counted['unmatched']:,} labels have no prediction")
    return lines


def _tell(session: Session, run: Run) -> None:
    """Print what a run did, how the fleet stands by each metric, and what is worst."""
    from argosy.views.metrics import by_metric, labels

    rows = session.open().evaluations().filter(run_id=run.id)
    metrics, slices, counted = by_metric(rows), run.worst_slices(), labels(rows)
    if session.json:
        told = {"metrics": metrics.to_dicts(), "worst_slices": slices.to_dicts()}
        session.emit({**run.summary, "labels": counted, **told})
        return
    tell_run(session, run, "evaluated")
    for line in _of_labels(counted):
        session.say(line)
    if metrics.height:
        session.emit(metrics, limit=None)
    if slices.height:
        title = f"{slices.height} models have a slice that is worse than chance explains"
        columns = ["model", "slice", "metric", "value", "gap", "n", "q_value"]
        session.emit(slices, columns, title=title, limit=_FEW)
