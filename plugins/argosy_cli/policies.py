"""Commands about the policies that a fleet requires."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.plugins import installed
from argosy_cli.outcomes import change_options, tell

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.argument("policy")
@click.option("--where", metavar="SQL", help="Only models that match are bound by it.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="One of its options.")
@change_options
@click.pass_obj
def require(
    session: Session,
    policy: str,
    where: str | None,
    options: tuple[str, ...],
    reason: str | None,
    dry_run: bool,
) -> None:
    """Require POLICY: from then on every change by anybody must keep it.

    `argosy policies` lists those that are installed. Requiring it again replaces its options.
    """
    row = {"policy": policy, "where": where, "options": json.dumps(_values(options))}
    tell(session, session.open().require([row], reason, dry_run), dry_run)


@click.command()
@click.argument("policy")
@change_options
@click.pass_obj
def unrequire(session: Session, policy: str, reason: str | None, dry_run: bool) -> None:
    """Require POLICY no longer."""
    tell(session, session.open().unrequire([{"policy": policy}], reason, dry_run), dry_run)


@click.command()
@click.pass_obj
def policies(session: Session) -> None:
    """List policies: those that are installed, and which of them the fleet requires."""
    schema = {"policy": pl.String, "plugin": pl.String, "verbs": pl.String, "summary": pl.String}
    offered = installed().policies
    rows = [
        (name, offered.givers[name].name, ", ".join(sorted(policy.verbs)), policy.summary)
        for name, policy in offered.items()
    ]
    listed = pl.DataFrame(rows, schema=schema, orient="row")
    if session.fleet_url:
        required = session.view().policies().with_columns(required=pl.lit(True)).collect()
        listed = listed.join(required, on="policy", how="full", coalesce=True)
        listed = listed.with_columns(pl.col("required").fill_null(False)).sort("policy")
    shown = ["policy", "required", "where", "options", "verbs", "summary", "plugin"]
    session.emit(listed, [name for name in shown if name in listed.columns])


def _values(options: tuple[str, ...]) -> dict[str, object]:
    given: dict[str, object] = {}
    for text in options:
        key, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"{text!r} is no option; write KEY=VALUE")
        try:
            given[key] = json.loads(value)
        except ValueError:
            given[key] = value
    return given
