"""Commands that bring models and data in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argosy_cli.outcomes import change_options, tell

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.pass_obj
def init(session: Session) -> None:
    """Create an empty fleet at --fleet, unless there is one.

    Its data and artifacts may come from the folder that holds it; `argosy roots add` widens that.
    """
    fleet = session.open(create=True)
    if fleet.seq == 0:
        fleet.add_root(*fleet.roots().collect()["url"], reason="the folder that holds the fleet")
    roots = fleet.roots().collect()["url"].to_list()
    models, told = fleet.models().collect().height, roots if session.json else ", ".join(roots)
    session.emit({"fleet": fleet.url, "models": models, "roots": told})


@click.command()
@click.argument("file")
@click.option("--skip-existing", is_flag=True, help="Leave versions alone that exist already.")
@change_options
@click.pass_obj
def register(
    session: Session, file: str, skip_existing: bool, reason: str | None, dry_run: bool
) -> None:
    """Register every row of FILE (CSV, Parquet, JSON lines or Arrow) in one change, or none."""
    from argosy_cli.table_files import read_table

    fleet, table = session.open(), read_table(file)
    outcomes = fleet.register(table, "skip" if skip_existing else "refuse", reason, dry_run)
    tell(session, outcomes, dry_run)


@click.command()
@click.argument("file")
@click.option("--check/--no-check", default=True, help="Refuse data that is not there yet.")
@change_options
@click.pass_obj
def bind(session: Session, file: str, check: bool, reason: str | None, dry_run: bool) -> None:
    """Bind data to models by role, a row of FILE each, in one change, or none.

    Columns: role and url; model or template (neither: every model); key, where the data holds
    many models; truth, prediction, score, weight and others that name columns of the data.
    """
    from argosy_cli.table_files import read_table

    tell(session, session.open().bind(read_table(file), check, reason, dry_run), dry_run)
