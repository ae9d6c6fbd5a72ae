"""The commands for those who write plugins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy_scaffold.kinds import KINDS

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command("new")
@click.argument("name")
@click.option("--kind", required=True, help="What it offers: " + ", ".join(KINDS) + ".")
@click.option(
    "--to",
    "parent",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Where the project's folder goes; defaults to here.",
)
@click.pass_obj
def new(session: Session, name: str, kind: str, parent: Path) -> None:
    """Write a complete project for the plugin NAME, with tests that pass, into a new folder."""
    from argosy_scaffold.project import create

    written = [str(path) for path in create(name, kind, parent)]
    if session.json:
        session.emit({"project": str(parent / name), "kind": kind, "files": written})
    session.say("\n".join(written))
    session.say(f"now: cd {parent / name} && pip install '.[dev]' && pytest")


@click.command("check")
@click.argument("name")
@click.option("--limit", default=50, show_default=True, help="Most rows shown; 0: all.")
@click.pass_obj
def check(session: Session, name: str, limit: int) -> int:
    """Run the suites that argosy ships on what the installed plugin NAME offers.

    Exits with 1 if a test fails. Suites that need cases of their own, such as what a policy is to
    refuse, are named; the plugin's own tests run them.
    """
    import polars as pl

    from argosy_scaffold.check import LEFT_OUT, checked

    told = checked(name)
    if session.json:
        session.emit(told)
    else:
        passed = told.filter(outcome="passed")
        session.say(f"{passed.height} tests passed")
        beside = told.filter(pl.col("outcome") != "passed")
        if beside.height:
            shown = ["kind", "name", "test", "outcome", "reason"]
            session.emit(beside, shown, limit=limit or None)
        left = told.filter(outcome=LEFT_OUT)
        if not passed.height and left.height == told.height:
            session.say("nothing could be run by a name alone")
    return int(told["outcome"].is_in(["failed"]).any())


@click.command("guide")
@click.argument("section", required=False)
@click.pass_obj
def guide(session: Session, section: str | None) -> None:
    """Print the guide for plugin authors: all of it, or a SECTION such as `detectors`."""
    from argosy_scaffold import guide

    text = guide.guide()
    told = guide.section(text, section) if section else text
    if session.json:
        session.emit({"guide": told})
    session.say(told)
