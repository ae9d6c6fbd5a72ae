"""Commands for prototypes and their instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from argosy_cli.outcomes import change_options, tell

if TYPE_CHECKING:
    from argosy_cli.session import Session

_COLUMNS = ["template", "trainer", "models", "data", "schedule", "effect_delay", "owner"]


@click.command()
@click.pass_obj
def templates(session: Session) -> None:
    """List templates: the prototypes of which models are instances."""
    found = session.view().templates().collect()
    if found.is_empty():
        session.say("no template is defined; `argosy define FILE` does that")
    if found.height or session.json:
        session.emit(found, _COLUMNS, limit=None)


@click.command()
@click.argument("file")
@change_options
@click.pass_obj
def define(session: Session, file: str, reason: str | None, dry_run: bool) -> None:
    """Define every row of FILE (CSV, Parquet, JSON lines or Arrow) as a template, or none.

    Columns: template and trainer; params, metrics, comparison, metric, margin, schedule,
    effect_delay, data, task, features and owner. Models that are there already follow it when
    they are trained next.
    """
    from argosy_cli.table_files import read_table

    tell(session, session.open().define(read_table(file), reason, dry_run), dry_run)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="TEMPLATE...")
@change_options
@click.pass_obj
def undefine(session: Session, names: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Take each TEMPLATE away, unless it has models."""
    tell(session, session.open().undefine({"template": list(names)}, reason, dry_run), dry_run)


@click.command()
@click.argument("template")
@click.argument("file")
@click.option("--skip-existing", is_flag=True, help="Leave models alone that exist already.")
@change_options
@click.pass_obj
def instantiate(
    session: Session,
    template: str,
    file: str,
    skip_existing: bool,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Make a model of TEMPLATE of every row of FILE in one change, or none.

    Columns: model; team, owner, purpose, tier and tags. `argosy train` makes their versions.
    """
    from argosy_cli.table_files import read_table

    existing: Any = "skip" if skip_existing else "refuse"
    fleet, table = session.open(), read_table(file)
    tell(session, fleet.instantiate(template, table, existing, reason, dry_run), dry_run)
