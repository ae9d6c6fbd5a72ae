"""What there is to record: tables, commands and signatures, found by looking."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

import argosy

CLASSES = ("Fleet", "Run", "Selection")
MODULES = ("argosy", "argosy.errors", "argosy.hookspecs", "argosy.types")
"""What users and authors of plugins import."""


def tables() -> list[str]:
    """Name what a fleet answers with a table when it is asked without a word more."""
    found = []
    for name, verb in inspect.getmembers(argosy.Fleet, inspect.isfunction):
        signature = inspect.signature(verb)
        given = list(signature.parameters.values())[1:]
        answers = signature.return_annotation in ("pl.LazyFrame", "pl.DataFrame")
        free = all(one.default is not one.empty for one in given)
        if not name.startswith("_") and answers and free and "reason" not in signature.parameters:
            found.append(name)
    return found


def pages(
    command: click.Command, context: click.Context, words: tuple[str, ...] = ("argosy",)
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Walk a command and all below it: the words that call each, and its help page."""
    yield words, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                below = click.Context(found, parent=context, info_name=name)
                yield from pages(found, below, (*words, name))


def signatures() -> dict[str, str]:
    """Say how each public member of classes and modules is called, a line for each."""
    owners = {name: getattr(argosy, name) for name in CLASSES}
    owners |= {name: import_module(name) for name in MODULES}
    return {name: _members(owner) for name, owner in owners.items()}


def _members(owner: Any) -> str:
    names = getattr(owner, "__all__", None) or [one for one in dir(owner) if one[0] != "_"]
    return "\n".join(_signature(name, getattr(owner, name)) for name in sorted(names))


def _signature(name: str, member: Any) -> str:
    if isinstance(member, property):
        return f"{name} -> {inspect.signature(member.fget).return_annotation}"  # type: ignore[arg-type]
    try:
        return f"{name}{inspect.signature(member)}"
    except (TypeError, ValueError):
        return name
