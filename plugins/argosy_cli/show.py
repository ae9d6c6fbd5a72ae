"""The command that shows one model: what the core knows of it, and the aspects of plugins."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import click

from argosy.errors import ArgosyError, ArgosyWarning, PluginError
from argosy.plugins import call, installed
from argosy.plugins.discovery import BLOCK
from argosy.plugins.guarded_call import origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from argosy.types import Aspect, FleetView, Section
    from argosy_cli.session import Session

T = TypeVar("T")

_VERSIONS = ("version", "task", "format", "digest", "registered", "registered_by")


class _WithAspects(click.Command):
    """A command with a flag for each aspect that can be shown alone."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """List the model, the flags of aspects, and the options that every command has.

        Raises:
            PluginError: naming an aspect whose flag is one of these options.
        """
        model, *others = super().get_params(ctx)
        taken = {word for option in others for word in option.opts} | {"--model"}
        flags: list[click.Parameter] = []
        for aspect in _shown_alone():
            flag = f"--{aspect.name}"
            if flag in taken:
                giver = installed().aspects.givers[aspect.name]
                raise PluginError(
                    f"{origin('aspects', aspect.name)} would take the option {flag} of `argosy"
                    f" show`; rename it, or leave it out: {BLOCK}={giver.name}"
                )
            flags.append(click.Option([flag, _key(aspect)], is_flag=True, help=aspect.summary))
        return [model, *flags, *others]


@click.command(cls=_WithAspects)
@click.argument("model")
@click.option("--limit", default=50, show_default=True, help="Most rows of a table; 0: all.")
@click.pass_obj
def show(session: Session, /, model: str, limit: int, **flags: bool) -> None:
    """Show all that is known of MODEL, or of the version that MODEL@ALIAS points at."""
    from argosy_cli.dossier import dossier

    fleet = session.view()
    name, _, alias = model.partition("@")
    told = dossier(fleet, name, alias or None)
    for aspect in _shown_alone():
        if flags[_key(aspect)]:
            alone = aspect.show, session, fleet, name, told["version"]
            _asked(aspect, *alone, answers=type(None))
            return
    tables = _tables(fleet, told)
    if session.json:
        session.emit(told | tables)
        return
    plain = {key: value for key, value in told.items() if not isinstance(value, list)}
    session.emit({key: value for key, value in plain.items() if value is not None})
    _print(session, _frame(told["versions"]), "versions", _VERSIONS, limit)
    for aspect, section in _sections():
        rows = _frame(tables.get(section.title, []))
        if section.worded is not None and rows.height:
            rows = _asked(aspect, section.worded, rows, answers=type(rows))
        _print(session, rows, section.title, section.columns, limit)


def _shown_alone() -> list[Aspect]:
    return [aspect for aspect in installed().aspects.values() if aspect.show is not None]


def _key(aspect: Aspect) -> str:
    """Name the parameter of an aspect's flag."""
    return aspect.name.replace("-", "_")


def _sections() -> list[tuple[Aspect, Section]]:
    """Return the sections of all aspects, in the order of their places."""
    aspects = installed().aspects.values()
    found = [(aspect, aspect.section) for aspect in aspects if aspect.section is not None]
    return sorted(found, key=lambda each: each[1].place)


def _tables(fleet: FleetView, told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every section by its title; one that fails is left out, with a warning."""
    import polars as pl

    tables: dict[str, list[dict[str, Any]]] = {}
    for aspect, section in _sections():
        try:
            if section.title in told or section.title in tables:
                raise PluginError(
                    f"{origin('aspects', aspect.name)} has a section {section.title!r}, and so has"
                    " another; rename it"
                )
            asked = section.read, fleet, told["model"], told["version"]
            rows = _asked(aspect, *asked, answers=pl.DataFrame)
        except PluginError as error:
            message = f"what is told of {told['model']!r} is incomplete: {error}"
            warnings.warn(message, ArgosyWarning, stacklevel=3)
            continue
        tables[section.title] = rows.to_dicts()
    return tables


def _asked(
    aspect: Aspect,
    function: Callable[..., Any] | None,
    *arguments: Any,  # noqa: ANN401
    answers: type[T],
) -> T:
    """Call an aspect; an error of the fleet, such as a damaged file, stays what it is.

    Raises:
        PluginError: naming the aspect and its plugin, where it fails.
    """
    assert function is not None  # noqa: S101 - for the type checker
    try:
        return call("aspects", aspect.name, function, *arguments, answers=answers)
    except PluginError as error:
        if isinstance(error.__cause__, ArgosyError):
            raise error.__cause__ from None
        raise


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, infer_schema_length=None)


def _print(
    session: Session, rows: pl.DataFrame, title: str, columns: Sequence[str], limit: int
) -> None:
    if rows.height:
        session.say("")
        shown = [name for name in columns if name in rows.columns]
        session.emit(rows, shown, title=title, limit=limit or None)
