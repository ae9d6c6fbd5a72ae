"""`argosy recommend`: what to offer to a customer, from the lists of last night."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from argosy_recommendations.serving.lookup_service import LookupService

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.argument("client")
@click.argument("customer")
@click.option(
    "--length", type=click.IntRange(1), default=10, show_default=True, help="The most items."
)
@click.pass_obj
def recommend(session: Session, client: str, customer: str, length: int) -> None:
    """Say what to offer to CUSTOMER of CLIENT.

    The list was ranked at night: no model is loaded. A customer whom nobody knows is offered the
    client's default list, a client that is switched off nothing; items that are sold no longer
    are left out.
    """
    found = LookupService(session.open(), length).recommend(client, customer)
    if session.json:
        session.emit(asdict(found))
        return
    for rank, item in enumerate(found.items, 1):
        session.say(f"{rank:>2}  {item}")
    by = f"{found.source}, version {found.version}" if found.version else found.source
    session.say(f"({'; '.join(filter(None, (by, found.reason)))})")
