"""The command that compares champions with their challengers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.cli.working import (
    by_model_option,
    data_option,
    executor_option,
    metric_option,
    status,
    tell_run,
    where_option,
)

if TYPE_CHECKING:
    from argosy.cli.session import Session

_FEW = 5
_COLUMNS = [
    *("model", "challenger", "comparison", "metric", "champion_value", "challenger_value"),
    *("effect", "lower", "upper", "q_value", "verdict"),
]


@click.command()
@where_option
@click.option(
    "--champion",
    metavar="ALIAS",
    default="champion",
    show_default=True,
    help="Who is to be beaten.",
)
@click.option(
    "--challenger",
    "challengers",
    metavar="ALIAS",
    multiple=True,
    default=("challenger",),
    show_default=True,
    help="Who tries; repeat for several.",
)
@data_option
@click.option("--comparison", "comparisons", multiple=True, help="A test; repeat for several.")
@metric_option()
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="The share of false differences among those told that is tolerated.",
)
@by_model_option("Print one row per challenger and metric.")
@executor_option
@click.pass_obj
def compare(
    session: Session,
    where: str | None,
    champion: str,
    challengers: tuple[str, ...],
    data: str,
    comparisons: tuple[str, ...],
    metrics: tuple[str, ...],
    level: float,
    by_model: bool,
    executor: str,
) -> int:
    """Test whether challengers beat the champion of each model on the same rows.

    Effects are positive where the challenger is better. Which of them are told as better or worse
    is decided over all models together, so that luck
    seldom promotes anybody.
    """
    from argosy.comparison.verdict import counted

    fleet = session.open()
    with session.progress("comparing") as progress:
        run = fleet.compare(
            where,
            champion=champion,
            challengers=challengers,
            data=data,
            comparisons=comparisons or None,
            executor=executor,
            metrics=metrics or None,
            level=level,
            progress=progress,
        )
    rows = run.results()
    counts = counted(rows)
    if by_model:
        shown = rows if session.json else rows.filter(pl.col("comparison").is_not_null())
        session.emit(shown, _COLUMNS, limit=None)
    elif session.json:
        session.emit({**run.summary, "verdicts": counts.to_dicts()})
    else:
        tell_run(session, run, "compared")
        session.emit(counts, title="verdicts")
        for verdict, title in (("better", "best challengers"), ("worse", "worst challengers")):
            chosen = rows.filter(verdict=verdict).sort("q_value", "model")
            chosen = chosen.unique(["model", "challenger"], keep="first", maintain_order=True)
            if chosen.height:
                session.emit(chosen.head(_FEW), _COLUMNS[:-1], title=title)
    return status(run)
