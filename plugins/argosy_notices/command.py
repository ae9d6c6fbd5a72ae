"""`argosy notices`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import polars as pl

from argosy_cli.exit_codes import DONE, PARTLY

if TYPE_CHECKING:
    from argosy_cli.session import Session

_SHOWN = ("id", "sink", "age", "severity", "text", "tries", "last_error", "next_try")


@click.command("notices")
@click.option("--send", is_flag=True, help="Try all of them now: for a person, or cron.")
@click.option(
    "--let-go",
    "older_than",
    metavar="PERIOD",
    help="Remove those that wait for longer, such as 30d, and list them: nobody will be told.",
)
@click.pass_obj
def notices(session: Session, send: bool, older_than: str | None) -> int:
    """List notices that no sink has taken yet, or send them, or let old ones go.

    They are kept in the fleet and sent again by commands that write, each at least once and with
    an id to drop doubles by. With --send the exit code is 4 where some could not be delivered.
    """
    if send and older_than:
        raise click.UsageError("give --send or --let-go, not both: look at what is left between")
    if older_than:
        gone = session.open().let_go_notices(older_than)
        _print(session, gone, "let go, undelivered")
        return DONE
    if not send:
        _print(session, session.view().notices(), "not delivered yet")
        return DONE
    fleet = session.open()
    delivered = fleet.send_notices()
    left = fleet.notices()
    session.say(f"{delivered} delivered, {left.height} not")
    if session.json:
        session.emit({"delivered": delivered, "waiting": _plain(left).to_dicts()})
    elif left.height:
        _print(session, left, "not delivered")
    return PARTLY if left.height else DONE


def _print(session: Session, rows: pl.DataFrame, title: str) -> None:
    if session.json:
        session.emit(_plain(rows))
    elif rows.is_empty():
        session.say("no notice waits" if "yet" in title else "there is none")
    else:
        session.emit(rows, list(_SHOWN), title=title)


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(age=pl.col("age").dt.total_seconds())
