"""Commands that exchange models with other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import polars as pl

from argosy.plugins import installed
from argosy_cli.outcomes import change_options, tell
from argosy_exchange import exchange

if TYPE_CHECKING:
    from argosy.plugins import Offered
    from argosy_cli.session import Session


@click.command("import")
@click.argument("name", required=False)
@click.argument("url", required=False)
@click.option("--skip-existing", is_flag=True, help="Leave versions alone that exist already.")
@change_options
@click.pass_obj
def import_(
    session: Session,
    name: str | None,
    url: str | None,
    skip_existing: bool,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Register what the importer NAME finds at URL in one change, or none of it.

    Without a NAME it lists the importers.
    """
    if name is None:
        _list(session, installed().importers)
        return
    importer = installed().importers[name]
    url = _required(url, importer.name, "where is the list?")
    fleet = session.open()
    outcomes = exchange.bring(
        fleet,
        name,
        url,
        "skip" if skip_existing else "refuse",
        reason,
        dry_run,
        fleet.location.file_options(url),
    )
    tell(session, outcomes, dry_run)


@click.command()
@click.argument("name", required=False)
@click.argument("url", required=False)
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@click.pass_obj
def export(session: Session, name: str | None, url: str | None, overwrite: bool) -> None:
    """Hand the fleet's tables, as they stand or stood, to the exporter NAME, which writes to URL.

    Without a NAME it lists the exporters.
    """
    if name is None:
        _list(session, installed().exporters)
        return
    exporter = installed().exporters[name]
    url = _required(url, exporter.name, "where should it go?")
    fleet = session.view()
    written = exchange.take(fleet, name, url, overwrite, fleet.location.file_options(url))
    if session.json:
        session.emit({"export": name, "url": url, "tables": written})
    rows = [f"{table} ({count:,} rows)" for table, count in written.items()]
    session.say(f"{url}: {', '.join(rows) or 'no tables'}")


def _list(session: Session, offered: Offered[Any]) -> None:
    rows = [
        {"name": name, "plugin": offered.givers[name].name, "summary": value.summary}
        for name, value in offered.items()
    ]
    session.emit(pl.DataFrame(rows, schema=dict.fromkeys(("name", "plugin", "summary"), pl.String)))
    for fault in offered.faults:
        session.tell(f"warning: {fault}")


def _required(url: str | None, name: str, question: str) -> str:
    if url is None:
        raise click.UsageError(f"give a URL or a path after {name!r}: {question}")
    return url
