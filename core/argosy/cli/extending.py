"""Commands about plugins and case studies."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from argosy.cli.scaffold import KINDS, create
from argosy.cli.session import Session
from argosy.errors import BadInput, UnknownName
from argosy.plugins import installed

if TYPE_CHECKING:
    from argosy.plugins import Installed


@click.group(invoke_without_command=True)
@click.pass_context
def plugins(ctx: click.Context) -> None:
    """List plugins: name, distribution, version, state, hooks."""
    if ctx.invoked_subcommand is not None:
        return
    session = ctx.ensure_object(Session)
    rows = [asdict(plugin) | {"hooks": ", ".join(plugin.hooks)} for plugin in installed().plugins]
    columns = ["name", "distribution", "version", "state", "hooks", "load_ms", "reason"]
    session.emit(pl.DataFrame(rows, infer_schema_length=None).select(columns))


@plugins.command("show")
@click.argument("name")
@click.pass_obj
def show_plugin(session: Session, name: str) -> None:
    """Show one plugin and what it offers."""
    found = installed()
    by_name = {plugin.name: plugin for plugin in found.plugins}
    if name not in by_name:
        raise UnknownName.among("plugin", name, by_name)
    session.emit(asdict(by_name[name]) | {"hooks": list(by_name[name].hooks)} | _offers(found))


@plugins.command("new")
@click.argument("name")
@click.option("--kind", required=True, help="What it offers: " + ", ".join(KINDS) + ".")
@click.option(
    "--to",
    "parent",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Where the project's folder goes; here unless given.",
)
@click.pass_obj
def new_plugin(session: Session, name: str, kind: str, parent: Path) -> None:
    """Write a complete project for the plugin NAME, with tests that pass, into a new folder."""
    written = [str(path) for path in create(name, kind, parent)]
    if session.json:
        session.emit({"project": str(parent / name), "kind": kind, "files": written})
    session.say("\n".join(written))
    session.say(f"now: cd {parent / name} && pip install '.[dev]' && pytest")


@click.command()
@click.pass_obj
def cases(session: Session) -> None:
    """List case studies."""
    rows = [{"name": case.name, "summary": case.summary} for case in installed().cases.values()]
    session.emit(pl.DataFrame(rows, schema={"name": pl.String, "summary": pl.String}))


@click.group()
def case() -> None:
    """Run a case study."""


@case.command("run")
@click.argument("name")
@click.option("--data", metavar="DIR", help="The folder with its data (or ARGOSY_DATA).")
@click.pass_obj
def run_case(session: Session, name: str, data: str | None) -> int:
    """Play the case NAME in the fleet `NAME-fleet` (or --fleet) and check its figures."""
    chosen = installed().cases[name]
    folder = _data_folder(data)
    url = session.fleet_url or str(Path.cwd() / f"{name}-fleet")
    session.say(f"{chosen.summary}\nfleet {url}, data {folder}")
    figures = chosen.run(url, folder)
    session.emit(figures)
    missed = figures.filter(~pl.col("holds"))["figure"].to_list()
    if missed:
        session.say(f"not as expected: {', '.join(missed)}")
    return 1 if missed else 0


def _data_folder(given: str | None) -> Path:
    beside = Path.cwd().parent / "shared" / "data"
    folder = Path(given or os.environ.get("ARGOSY_DATA") or beside)
    if not folder.is_dir():
        raise BadInput(f"there is no data folder {folder}; name one with --data or ARGOSY_DATA")
    return folder


def _offers(found: Installed) -> dict[str, object]:
    return {
        kind: ", ".join(getattr(found, kind))
        for kind in ("sources", "loaders", "executors", "metrics", "detectors", "cases")
    }
