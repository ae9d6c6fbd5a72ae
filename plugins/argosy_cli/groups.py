"""Commands of plugins that join a group of commands, such as `argosy plugins new`."""

from __future__ import annotations

import warnings
from copy import copy
from typing import TYPE_CHECKING

import click

from argosy.errors import ArgosyWarning, PluginError
from argosy.plugins import installed
from argosy.plugins.discovery import BLOCK
from argosy.plugins.guarded_call import origin

if TYPE_CHECKING:
    from argosy.types import Command


def joined(name: str, command: click.Command) -> click.Command:
    """Return a group with the commands of plugins that join it; any other command as it is.

    One that cannot be imported is left out, with a warning.

    Raises:
        PluginError: where the group has a command of that name already.
    """
    if not isinstance(command, click.Group):
        return command
    group = copy(command)
    group.commands = dict(command.commands)
    for offered in _joining(name):
        child = offered.name.partition(" ")[2]
        if child in group.list_commands(click.Context(group)):
            giver = installed().commands.givers.get(name)
            raise PluginError(
                f"{origin('commands', offered.name)} clashes with one that"
                f" {giver.origin if giver else 'argosy'} has itself; rename it, or leave it out:"
                f" {BLOCK}={installed().commands.givers[offered.name].name}"
            )
        try:
            group.add_command(offered.load(), child)
        except Exception as error:  # a stranger's module may raise anything
            told = f"{type(error).__name__}: {error}"
            cause = f"{origin('commands', offered.name)} cannot be loaded: {told}"
            warnings.warn(cause, ArgosyWarning, stacklevel=2)
    return group


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


def _joining(group: str) -> list[Command]:
    offered = installed().commands.values()
    return [command for command in offered if command.name.startswith(f"{group} ")]
