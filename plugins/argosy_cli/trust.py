"""The command `trust`: answer for a file of settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.errors import BadInput
from argosy.plugins.settings import declared, parsed
from argosy.plugins.trust import SettingsFile, reach

if TYPE_CHECKING:
    from argosy_cli.session import Session


@click.command()
@click.argument("file", default="argosy.toml")
@click.pass_obj
def trust(session: Session, file: str) -> None:
    """Trust FILE as it is now and where it is: it may set what runs code or sends data out.

    FILE defaults to `argosy.toml` of the current folder. Read it first. When it changes it must be
    trusted again; a file that you name with `--config` or ARGOSY_CONFIG needs no trust.
    """
    try:
        read = SettingsFile.read(Path(file), named=False)
        held = parsed(read.content)
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot read {file}: {error}") from error
    models = declared()
    rows = [
        {"option": f"{name}.{key}", "does": how, "value": str(section[key])}
        for name, section in held.items()
        if name in models and isinstance(section, dict)
        for key in section
        if (how := reach(models[name], key))
    ]
    read.trust()
    if session.json:
        session.emit({"file": str(read.path.resolve()), "sets": rows})
        return
    session.say(f"{read.path} is trusted as it is now")
    for row in rows:
        session.say(f"  {row['option']} = {row['value']}, which {row['does']}")
