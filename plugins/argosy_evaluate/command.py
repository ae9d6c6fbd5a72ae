"""The command that ranks models, or groups of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from argosy.cli.session import Session


@click.command()
@click.option("--metric", help="What to rank by; defaults to what most models were measured by.")
@click.option("--data", metavar="ROLE", help="The role of the data that it was measured on.")
@click.option("--where", metavar="SQL", help="Which models; defaults to all.")
@click.option(
    "--group-by",
    metavar="SQL",
    help="Rank groups by the mean of their models: team, tier, tags.region ...",
)
@click.option("--slice", "slice_", default="all", show_default=True, help="Which slice of rows.")
@click.option("--limit", default=50, show_default=True, help="Most rows shown; 0: all.")
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
    fleet = session.view()
    metric = metric or fleet.default_metric()
    board = fleet.leaderboard(metric, data, where, group_by, slice_)
    hidden = {"window", "dataset_digest"} if _unwindowed(board) else {"dataset_digest"}
    columns = [name for name in board.columns if name not in hidden]
    session.emit(board, columns, title=metric, limit=limit or None)


def _unwindowed(board: pl.DataFrame) -> bool:
    return "window" not in board.columns or board["window"].is_null().all()
