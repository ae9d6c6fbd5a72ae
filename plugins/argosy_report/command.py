"""`argosy report PATH`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from argosy.errors import BadInput, PluginError
from argosy_report.gathering import chosen, sections, unasked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_cli.session import Session


@click.command("report")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--panel",
    "names",
    metavar="NAME",
    multiple=True,
    help="A section to show, repeatable; defaults to all that plugins offer.",
)
@click.pass_obj
def report(session: Session, path: Path, names: Sequence[str]) -> None:
    """Write the fleet's health as one HTML file at PATH.

    The file needs no other file, no script and no network. An older report at PATH is replaced;
    a file that does not end in .html never is. A panel that fails is a box that says so.
    """
    refuse(path)
    panels = chosen(names)
    try:
        from argosy_report.page import render
    except ModuleNotFoundError as error:
        raise PluginError(f"a report needs {error.name}; install argosy[report]") from error
    from argosy_report.facts import known

    fleet = session.view()
    facts = known(fleet)
    shown = sections(fleet, panels) + ([] if names else unasked())
    size = write(path, render(facts, shown))
    models = facts.models.height
    if session.json:
        session.emit({"report": str(path), "models": models, "bytes": size})
    session.say(f"{path}: {models:,} models, {max(1, size // 1000):,} kB")
    for section in shown:
        if section.broken:
            session.tell(f"warning: {section.broken}")


def refuse(path: Path) -> None:
    """Refuse a path that no report can be written to.

    Raises:
        BadInput: if the path does not end in `.html`, is a folder, or its folder does not exist.

    >>> refuse(Path("setup.py"))
    Traceback (most recent call last):
    argosy.errors.BadInput: a report is an HTML file; give a path that ends in .html, not setup.py
    """
    if path.suffix.lower() != ".html":
        raise BadInput(f"a report is an HTML file; give a path that ends in .html, not {path}")
    if path.is_dir():
        raise BadInput(f"{path} is a folder; give the path of a file in it")
    if not path.parent.is_dir():
        raise BadInput(f"the folder {path.parent} does not exist; create it, or give another path")


def write(path: Path, page: str) -> int:
    """Put a page at a path in one step, so that a reader never sees half of it.

    Returns:
        The size of the file in bytes.

    Raises:
        BadInput: if the folder cannot be written to.
    """
    content = page.encode()
    beside = path.with_name(f".{uuid4().hex}.html")
    try:
        try:
            with beside.open("xb") as file:
                file.write(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"the report cannot be written to {path}: {error.strerror}") from error
    return len(content)
