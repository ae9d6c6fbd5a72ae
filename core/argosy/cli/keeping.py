"""Commands that keep the store sound."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from argosy.cli.session import Session


@click.command()
@click.option("--head", metavar="SEQ:HASH", help="A head that was noted down earlier.")
@click.pass_obj
def verify(session: Session, head: str | None) -> int:
    """Check the hash chain of all changes; exits with 1 where it is broken.

    Note the head down in a place that those who can write the store cannot: with --head it
    proves that nothing up to it was rewritten.
    """
    from argosy.cli.main import FAILED

    found = session.open().verify(head)
    session.emit(asdict(found))
    if found.broken_at is None:
        return 0
    session.say(f"the ledger was altered at change {found.broken_at}")
    return FAILED


@click.command()
@click.option("--keep-hours", default=168, show_default=True, help="For readers still at work.")
@click.pass_obj
def maintain(session: Session, keep_hours: int) -> None:
    """Save the state, gather small files, remove what nothing names any more."""
    session.emit(session.open().maintain(keep_hours))
