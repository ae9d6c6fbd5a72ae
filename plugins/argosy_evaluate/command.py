"""The command that ranks models, or groups of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from argosy_cli.session import Session


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
@click.option(
    "--window",
    help="Which window, as the table names it; defaults to all rows where there are any.",
)
@click.option(
    "--varies",
    type=click.Choice(["rows", "models", "both"]),
    default="rows",
    show_default=True,
    help="What the interval of a group is over: other rows, other models of the kind, or both.",
)
@click.option("--limit", default=50, show_default=True, help="Most rows shown; 0: all.")
@click.pass_obj
def leaderboard(
    session: Session,
    metric: str | None,
    data: str | None,
    where: str | None,
    group_by: str | None,
    slice_: str,
    window: str | None,
    varies: str,
    limit: int,
) -> None:
    """Rank models, or groups of them, by a metric, the best first.

    Numbers of one role, one slice and one window are ranked together: of all rows where there are
    any, else of the newest whole window.
    """
    fleet = session.view()
    metric = metric or fleet.default_metric()
    board = fleet.leaderboard(metric, data, where, group_by, slice_, window, varies)
    cut = board["window"].is_not_null().any()
    hidden = {"dataset", "dataset_digest"} if cut else {"dataset", "window", "dataset_digest"}
    columns = [name for name in board.columns if name not in hidden]
    session.emit(board, columns, title=_title(metric, board, slice_), limit=limit or None)
    chosen = fleet.overview(set()) if where is None else fleet.where(where).frame()
    ranked = board.height if group_by is None else int(board["models"].sum() or 0)
    left = chosen.height - ranked
    if left and not session.json:
        session.say(f"{left} more of the models have no such number")


def _title(metric: str, board: pl.DataFrame, slice_: str) -> str:
    """Say what the numbers are of."""
    if board.is_empty():
        return metric
    window = board["window"][0]
    rows = "all rows" if window is None else f"the window {window}"
    part = "" if slice_ == "all" else f" where {slice_}"
    return f"{metric} on '{board['dataset'][0]}', {rows}{part}"
