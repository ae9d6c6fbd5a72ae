"""Declare where a fleet's data and artifacts may come from: `argosy roots`.

That readers keep to the roots is the core's doing, whether or not this plugin is there; who may
widen them says the policy `roots`, of `argosy_policies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy roots`."""

    def load() -> click.Command:
        from argosy_roots.command import roots

        return roots

    yield Command("roots", "List where data and artifacts may come from, or change it.", load)
