"""The command that holds models to the gates before a promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.cli.working import (
    by_model_option,
    data_option,
    executor_option,
    limit_option,
    metric_option,
    status,
    where_option,
)

if TYPE_CHECKING:
    from argosy.cli.session import Session


@click.command()
@where_option
@click.option("--alias", metavar="ALIAS", help="Whose version is judged; the newest unless given.")
@data_option
@click.option(
    "--baseline",
    "baselines",
    metavar="NAME",
    multiple=True,
    default=("naive",),
    show_default=True,
    help="naive, an alias or a model; repeat for several.",
)
@metric_option("What is looked at; repeat, the preferred first.")
@click.option(
    "--margin",
    type=float,
    default=0.0,
    show_default=True,
    help="How much better than a baseline, in units of the metric.",
)
@click.option(
    "--perfect",
    type=float,
    default=0.99,
    show_default=True,
    help="The share of the way from a constant to perfection that is suspicious.",
)
@click.option(
    "--tolerance",
    type=float,
    default=0.1,
    show_default=True,
    help="The share of that way that may be lost on a case of the suite.",
)
@by_model_option("Print one row per model and gate.")
@click.option("--fail-on-gate", is_flag=True, help="Exit with 3 if any gate is not passed.")
@limit_option
@executor_option
@click.pass_obj
def gate(
    session: Session,
    where: str | None,
    alias: str | None,
    data: str,
    baselines: tuple[str, ...],
    metrics: tuple[str, ...],
    margin: float,
    perfect: float,
    tolerance: float,
    by_model: bool,
    fail_on_gate: bool,
    limit: int,
    executor: str,
) -> int:
    """Hold models to the gates before a promotion, and name each gate that is not passed.

    They are: the base case can be measured; the model beats a constant, and is not worse than other
    baselines; it is not suspiciously perfect; and it does not fall on any case of its suite, which
    is every role that begins with oddity: and the role recent.
    """
    from argosy.cli.main import REFUSED
    from argosy.gates import passing

    fleet = session.open()
    with session.progress("judging") as progress:
        run = fleet.gate(
            where,
            alias=alias,
            data=data,
            baselines=baselines,
            metrics=metrics or None,
            executor=executor,
            margin=margin,
            perfect=perfect,
            tolerance=tolerance,
            progress=progress,
        )
    rows = run.results()
    shut = rows.filter(~pl.col("passed"))
    passed = passing(rows).height
    if by_model:
        session.emit(rows, _COLUMNS, limit=limit or None)
    elif session.json:
        told = {"passed": passed, "gates": _counted(rows).to_dicts(), "shut": shut.to_dicts()}
        session.emit({**run.summary, **told})
    else:
        session.say(
            f"run {run.id}: {passed} of {run.summary['models']} models pass every gate,"
            f" {run.summary['seconds']:.1f} s"
        )
        session.emit(_counted(rows), title="gates")
        if shut.height:
            session.emit(shut, ["model", "gate", "reason"], title="not passed", limit=limit or None)
    return REFUSED if fail_on_gate and shut.height else status(run)


_COLUMNS = ["model", "version", "gate", "metric", "value", "bound", "n", "passed", "reason"]


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("gate")
        .agg(passed=pl.col("passed").sum(), not_passed=(~pl.col("passed")).sum())
        .sort("gate")
    )
