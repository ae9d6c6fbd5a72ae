"""Commands that change what is known of models, each for a whole selection in one change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argosy_cli.outcomes import change_options, tell, where_option

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.argument("name")
@where_option
@click.option("--clear", is_flag=True, help="Take the alias away instead.")
@click.option("--if-version", help="Refuse unless the alias points at this version now.")
@change_options
@click.pass_obj
def alias(
    session: Session,
    name: str,
    where: str,
    clear: bool,
    if_version: str | None,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Point the alias NAME of the chosen models at their newest version."""
    fleet = session.open()
    chosen = fleet.where(where)
    if clear:
        tell(session, fleet.clear_alias(chosen, name, reason, dry_run), dry_run)
    else:
        tell(session, fleet.set_alias(chosen, name, if_version, reason, dry_run), dry_run)


@click.command()
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE|KEY...")
@where_option
@click.option("--remove", is_flag=True, help="Take the tags named by KEY away instead.")
@change_options
@click.pass_obj
def tag(
    session: Session,
    tags: tuple[str, ...],
    where: str,
    remove: bool,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Give the chosen models tags, KEY=VALUE each; tags that are not named stay."""
    fleet = session.open()
    chosen = fleet.where(where)
    if remove:
        tell(session, fleet.untag(chosen, tags, reason, dry_run), dry_run)
        return
    wrong = [text for text in tags if not text.partition("=")[1]]
    if wrong:
        raise click.UsageError(f"{wrong[0]!r} is no tag; write KEY=VALUE, or --remove KEY")
    given = {key: value for key, _, value in (text.partition("=") for text in tags)}
    tell(session, fleet.tag(chosen, given, reason, dry_run), dry_run)


@click.command()
@click.argument("name")
@where_option
@change_options
@click.pass_obj
def owner(session: Session, name: str, where: str, reason: str | None, dry_run: bool) -> None:
    """Make NAME the owner of the chosen models."""
    fleet = session.open()
    tell(session, fleet.set_owner(fleet.where(where), name, reason, dry_run), dry_run)


@click.command()
@where_option
@change_options
@click.pass_obj
def retire(session: Session, where: str, reason: str | None, dry_run: bool) -> None:
    """Take the chosen models out of every job; nothing of them is lost."""
    fleet = session.open()
    tell(session, fleet.retire(fleet.where(where), reason, dry_run), dry_run)


@click.command()
@where_option
@click.option("--keep-days", default=30.0, show_default=True, help="How long they can be restored.")
@change_options
@click.pass_obj
def delete(
    session: Session, where: str, keep_days: float, reason: str | None, dry_run: bool
) -> None:
    """Delete the chosen models with their versions, aliases and bindings."""
    fleet = session.open()
    tell(session, fleet.delete(fleet.where(where), keep_days, reason, dry_run), dry_run)


@click.command()
@click.argument("models", nargs=-1, required=True)
@change_options
@click.pass_obj
def restore(session: Session, models: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Put retired or deleted MODELS back."""
    table = {"model": list(models)}
    tell(session, session.open().restore(table, reason, dry_run), dry_run)


@click.command()
@click.argument("kind")
@click.argument("file")
@change_options
@click.pass_obj
def put(session: Session, kind: str, file: str, reason: str | None, dry_run: bool) -> None:
    """Write every row of FILE as an entity of a KIND that a plugin brings, in one change, or none.

    It is new, or takes the place of the one with its key. `argosy plugins` lists which plugins
    answer the hook argosy_kinds, and `argosy plugins show NAME` the kinds of one.
    """
    from argosy_cli.table_files import read_table

    tell(session, session.open().put(kind, read_table(file), reason, dry_run), dry_run)


@click.command()
@click.argument("kind")
@click.argument("file")
@change_options
@click.pass_obj
def remove(session: Session, kind: str, file: str, reason: str | None, dry_run: bool) -> None:
    """Remove the entities of a KIND that a plugin brings whose keys are the rows of FILE."""
    from argosy_cli.table_files import read_table

    tell(session, session.open().remove(kind, read_table(file), reason, dry_run), dry_run)


@click.command()
@click.argument("seq", type=int, required=False)
@click.option("--group", metavar="NAME", help="Undo all changes of this group, in place of SEQ.")
@change_options
@click.pass_obj
def rollback(
    session: Session, seq: int | None, group: str | None, reason: str | None, dry_run: bool
) -> None:
    """Undo the change SEQ, or all of a group: what it touched stands as before again.

    `argosy history` lists changes by number, and names their groups. Where another change touched
    any of it since, nothing is undone: roll that back first.
    """
    if (seq is None) == (group is None):
        raise click.UsageError("name the change by its number, or a group with --group NAME")
    tell(session, session.open().rollback(seq, reason, dry_run, group=group), dry_run)
