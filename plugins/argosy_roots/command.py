"""The commands of `argosy roots`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argosy_cli.outcomes import change_options, tell

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.group(invoke_without_command=True)
@click.pass_context
def roots(ctx: click.Context) -> None:
    """List the roots: the folders and prefixes that data and artifacts may come from.

    The fleet's own folder is always one. A root without `since` is the default: the folder that
    holds the fleet, as long as no other is declared.
    """
    if ctx.invoked_subcommand is None:
        session: Session = ctx.obj
        session.emit(session.view().roots().collect(), ["url", "since", "by"])


@roots.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@change_options
@click.pass_obj
def add(session: Session, urls: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Let data and artifacts come from each URL: a folder, or a prefix such as s3://bucket/data."""
    tell(session, session.open().add_root(*urls, reason=reason, dry_run=dry_run), dry_run)


@roots.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@change_options
@click.pass_obj
def remove(session: Session, urls: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Let nothing come from each URL any more: jobs that would read there fail and say so."""
    tell(session, session.open().remove_root(*urls, reason=reason, dry_run=dry_run), dry_run)
