"""Commands about case studies; the options of a case are those of the command that runs it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from argosy.errors import BadInput, refusal
from argosy.plugins import installed
from argosy.store.location import Location, of_fleet
from argosy.store.roots import below
from argosy.types import Case, Stage
from argosy_cli.option_help import type_of
from argosy_cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pydantic

_CASE = "argosy.case"


@click.command()
@click.pass_obj
def cases(session: Session) -> None:
    """List case studies."""
    rows = [{"name": case.name, "summary": case.summary} for case in installed().cases.values()]
    session.emit(pl.DataFrame(rows, schema={"name": pl.String, "summary": pl.String}))


@click.group()
def case() -> None:
    """Run a case study."""


class _Playing(click.Command):
    """A command with the options of the case that it is asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the case among the words, wherever it stands, before its options are read."""
        if chosen := self._named(ctx, args):
            ctx.meta[_CASE] = installed().cases[chosen]
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """List the options that every case has, and those of the chosen one."""
        chosen: Case | None = ctx.meta.get(_CASE)
        own = [] if chosen is None or chosen.options is None else _options(chosen.options)
        return [*own, *super().get_params(ctx)]

    def _named(self, ctx: click.Context, args: list[str]) -> str | None:
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        with ctx.scope(cleanup=False):
            try:
                told, rest, _ = parser.parse_args(list(args))
            except click.UsageError:
                return None  # the real reading says what is wrong
        return next((word for word in (told.get("name"), *rest) if word in installed().cases), None)


@case.command("run", cls=_Playing)
@click.argument("name")
@click.option("--data", metavar="DIR", help="The folder with its data (or ARGOSY_DATA).")
@click.pass_context
def run_case(ctx: click.Context, /, name: str, data: str | None, **given: str | None) -> int:
    """Play the case NAME in the fleet `NAME-fleet` (or --fleet) and check its figures.

    A case may have options of its own: `argosy case run NAME --help` lists them.
    """
    session = ctx.ensure_object(Session)
    chosen = installed().cases[name]
    options = None if chosen.options is None else _validated(chosen, given)
    folder = _data_folder(data) if data or chosen.needs_data else None
    url = session.fleet_url or str(Path.cwd() / f"{name}-fleet")
    if folder is not None:
        _let_in(folder, url, name)
    session.say(f"{chosen.summary}\nfleet {url}" + (f", data {folder}" if folder else ""))
    if chosen.options is None:
        figures = chosen.run(url, folder)
    else:
        figures = chosen.run(Stage(url, folder, options, session.say, _quiet_in_json(session)))
    session.emit(figures)
    missed = figures.filter(~pl.col("holds"))["figure"].to_list()
    if missed:
        session.say(f"not as expected: {', '.join(missed)}")
    return 1 if missed else 0


def _let_in(folder: Path, url: str, name: str) -> None:
    """Declare the folder of a case's data as a root of the fleet that it is played in.

    Where something else lies, the case says whether it plays there.
    """
    import argosy

    location = Location(of_fleet(url))
    filesystem, root = location.filesystem()
    if location.marker() is None and filesystem.isdir(root) and filesystem.ls(root):
        return
    fleet = argosy.open(url, create=True)
    if not any(below(str(folder), root) for root in fleet.roots().collect()["url"]):
        fleet.add_root(str(folder), reason=f"the data of the case {name}")


def _options(model: type[pydantic.BaseModel]) -> list[click.Parameter]:
    return [
        click.Option(
            [f"--{key.replace('_', '-')}", key],
            metavar=key.upper(),
            help=f"{field.description or key} [{type_of(field)}; default: {_default(field)}]",
        )
        for key, field in model.model_fields.items()
    ]


def _default(field: Any) -> str:  # noqa: ANN401
    return str(field.get_default(call_default_factory=True))


def _validated(chosen: Case, given: dict[str, str | None]) -> pydantic.BaseModel:
    """Read the options as the case declares them.

    Raises:
        click.UsageError: naming the option, the value and what is allowed.
    """
    from pydantic import ValidationError

    assert chosen.options is not None  # noqa: S101 - for the type checker
    told = {key: value for key, value in given.items() if value is not None}
    try:
        return chosen.options.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + ".".join(map(str, first["loc"])).replace("_", "-")
        raise click.UsageError(
            f"{option} of the case {chosen.name} cannot be {first['input']!r}: {refusal(first)};"
            f" `argosy case run {chosen.name} --help` lists what is allowed"
        ) from error


def _quiet_in_json(session: Session) -> Callable[[str], Any]:
    """Show no bar to whoever asked for one document."""

    @contextmanager
    def none(_: str) -> Iterator[Callable[[int, int], None]]:
        yield lambda done, total: None

    return none if session.json else session.progress


def _data_folder(given: str | None) -> Path:
    beside = Path.cwd().parent / "shared" / "data"
    folder = Path(given or os.environ.get("ARGOSY_DATA") or beside)
    if not folder.is_dir():
        raise BadInput(f"there is no data folder {folder}; name one with --data or ARGOSY_DATA")
    return folder.resolve()
