"""Promotions in waves: a share of the models at a time, looked after between the steps.

Reading order: `promotions` (the verb), `plan` (what is kept of it), `promotion` (step by step),
`steps` (which models in which step), `checks` (whether they are well), `news` (what was measured
since they moved), `holds` (what the next step waits for), `progress`, `outcomes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy import hookimpl
from argosy.types import Accessor, Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_accessors() -> Iterator[Accessor]:
    """Add promotions to a fleet; `fleet.promote` is the short way."""

    def make(fleet: Any) -> Any:  # noqa: ANN401
        from argosy_promote.promotions import Promotions

        return Promotions(fleet)

    yield Accessor("promotion", "Move an alias in waves, and back if models are not well.", make)


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy promote`."""

    def load() -> click.Command:
        from argosy_promote.command import promote

        return promote

    yield Command("promote", "Move an alias in waves, and back if the models are not well.", load)
