"""Commands of plugins: those that stand by themselves, and those that join a group."""

from __future__ import annotations

import traceback
import warnings
from copy import copy
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from argosy.breadcrumbs import Breadcrumb, Step
from argosy.errors import ArgosyError, ArgosyWarning, PluginError
from argosy.plugins import installed
from argosy.plugins.choice import address
from argosy.plugins.discovery import BLOCK
from argosy.plugins.guarded_call import origin
from argosy_cli.failure import engines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from argosy.types import Command, JobKind


def joined(name: str, command: click.Command) -> click.Command:
    """Return a group with the commands of plugins that join it; any other command as it is.

    One that cannot be imported, or whose name the group has already, is left out with a warning.
    """
    if not isinstance(command, click.Group):
        return command
    group = copy(command)
    group.commands = dict(command.commands)
    for offered in _joining(name):
        child = offered.name.partition(" ")[2]
        if child in group.list_commands(click.Context(group)):
            giver = installed().commands.givers.get(name)
            whose = giver.origin if giver else "argosy"
            _mention(
                f"{origin('commands', offered.name)} is left out: {whose} has one of that name"
                f" itself; rename it, or leave it out: {BLOCK}={address('commands', offered.name)}"
            )
            continue
        try:
            group.add_command(loaded(offered), child)
        except PluginError as error:
            _mention(str(error))
    return group


def loaded(offered: Command) -> click.Command:
    """Return the click command of a plugin, which names the plugin where it fails.

    Raises:
        PluginError: if it cannot be imported, or is no click command.
    """
    who = origin("commands", offered.name)
    try:
        command = offered.load()
    except Exception as error:  # a stranger's module may raise anything
        raise PluginError(f"{who} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(command, click.Command):
        kind = type(command).__name__
        raise PluginError(f"{who} loads a {kind}, which is no click command; decorate a function")
    return _attributed(command, offered.name, who)


def standing(
    core: Collection[str], asked: str | None = None
) -> tuple[dict[str, JobKind], dict[str, Command]]:
    """Return the jobs and commands of plugins that stand by themselves, each by its name.

    Those that have a name of argosy's own are left out, with a warning.

    Args:
        core: the names of argosy's own commands.
        asked: warn of this name alone; of any unless given.
    """
    commands = {name: one for name, one in installed().commands.items() if " " not in name}
    jobs = dict(installed().jobs)
    for kind, offers in (("jobs", jobs), ("commands", commands)):
        taken = {*core, *jobs} if kind == "commands" else core
        for name in [name for name in offers if name in taken]:
            del offers[name]
            if asked in (None, name):
                _mention(
                    f"{origin(kind, name)} is left out: argosy has a command of that name already;"
                    f" rename it, or leave it out: {BLOCK}={address(kind, name)}"
                )
    return jobs, commands


def refuse_contested(name: str) -> None:
    """Refuse a command that several plugins offer.

    Raises:
        PluginError: naming them, with how to choose.
    """
    for offered in (installed().commands, installed().jobs):
        if name in offered.contested:
            raise PluginError(offered.contested[name])


def contested() -> dict[str, str]:
    """Return the commands that several plugins offer, and why they cannot be used."""
    both = {**installed().commands.contested, **installed().jobs.contested}
    return {name: why for name, why in both.items() if " " not in name}


def refuse_orphans(name: str) -> None:
    """Refuse the name of a group that plugins want to join, and that nobody has.

    Raises:
        PluginError: naming a plugin whose command would join it.
    """
    for orphan in _joining(name):
        raise PluginError(
            f"{origin('commands', orphan.name)} joins the group {name!r}, but there is none of"
            " that name; install the plugin that brings it, or rename the command"
        )


def _attributed(command: click.Command, name: str, who: str) -> click.Command:
    """Let whatever a command of a plugin does unexpectedly be told by the plugin's name."""
    own = copy(command)
    if isinstance(own, click.Group):
        own.commands = {sub: _attributed(one, name, who) for sub, one in own.commands.items()}
    if own.callback is not None:
        own.callback = _named(own.callback, Step("commands", name), who)
    return own


def _named(callback: Callable[..., Any], step: Step, who: str) -> Callable[..., Any]:
    @wraps(callback)
    def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        try:
            with Breadcrumb(step, who):  # which tells of what ends the process
                return callback(*arguments, **options)
        except (ArgosyError, click.ClickException, click.exceptions.Exit, click.Abort, OSError):
            raise
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, engines()):
                raise
            raise PluginError(
                f"{who} failed: {type(error).__name__}: {error}{_place(error)}"
            ) from error

    return call


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f" ({last.filename}:{last.lineno})"


def _mention(told: str) -> None:
    warnings.warn(told, ArgosyWarning, stacklevel=3)


def _joining(group: str) -> list[Command]:
    offered = installed().commands.values()
    return [command for command in offered if command.name.startswith(f"{group} ")]
