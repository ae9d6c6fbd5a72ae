"""What every command that changes the fleet takes and tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from argosy_cli.session import Session


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--reason` and `--dry-run`."""
    command = click.option("--reason", help="Kept with the change.")(command)
    return click.option(
        "--dry-run", is_flag=True, help="Write nothing; show the difference it would make."
    )(command)


def where_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add a required `--where`."""
    return click.option("--where", metavar="SQL", required=True, help="Which models.")(command)


def tell(session: Session, outcomes: pl.DataFrame, dry_run: bool) -> None:
    """Print how many rows had which outcome, or the difference of a dry run."""
    if session.json:
        session.emit(outcomes)
    elif dry_run:
        session.say(f"{outcomes.height} fields would change; nothing was written")
        session.emit(outcomes)
    else:
        counted = (
            outcomes["outcome"].value_counts().sort("count", "outcome", descending=[True, False])
        )
        told = [f"{count:,} {outcome}" for outcome, count in counted.rows()]
        session.say(", ".join(told) or "nothing to do")
