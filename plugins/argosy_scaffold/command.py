"""The command that writes the project of a new plugin."""

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
